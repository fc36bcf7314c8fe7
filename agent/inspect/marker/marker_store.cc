#include "agent/inspect/marker/marker_store.h"

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "agent/act/json_file.h"
#include "common/durable_file.h"

namespace jettyfleet {
namespace {

constexpr absl::string_view kNamePrefix = "jettyfleet-marker-";
constexpr std::size_t kLongestRest = 80;
constexpr std::size_t kMostMarkers = 100;
constexpr absl::string_view kSuffix = ".json";

}  // namespace

bool IsMarkerName(const std::string& name) {
  absl::string_view rest = name;
  if (!absl::ConsumePrefix(&rest, kNamePrefix) || rest.empty() || rest.size() > kLongestRest) return false;
  return std::all_of(rest.begin(), rest.end(),
                     [](char c) { return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-'; });
}

MarkerStore::MarkerStore(const std::string& state_dir) : directory_(absl::StrCat(state_dir, "/markers")) {}

absl::Status MarkerStore::Add(v1::MarkerRecord record) const {
  if (const absl::Status made = MakeDirectory(directory_); !made.ok()) return made;
  const absl::StatusOr<std::vector<std::string>> known = List();
  if (!known.ok()) return known.status();
  if (std::find(known->begin(), known->end(), record.marker()) != known->end()) {
    return absl::AlreadyExistsError(absl::StrCat("this host has left the marker ", record.marker(), " before"));
  }
  if (known->size() >= kMostMarkers) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "this host has left ", known->size(), " markers that could not be removed yet: ", directory_, " names them"));
  }
  record.set_schema(kStateSchema);
  return WriteJsonFile(PathOf(record.marker()), record);
}

absl::StatusOr<v1::MarkerRecord> MarkerStore::Read(const std::string& marker) const {
  v1::MarkerRecord record;
  const std::string path = PathOf(marker);
  if (const absl::Status read = ReadJsonFile(path, &record); !read.ok()) return read;
  if (record.marker() == marker && record.has_ends_at()) return record;
  return absl::DataLossError(absl::StrCat(path,
                                          " is damaged or from another version (its marker or end is missing): follow "
                                          "'A damaged state file' in docs/runbook.md"));
}

absl::StatusOr<std::vector<std::string>> MarkerStore::List() const {
  std::vector<std::string> markers;
  std::error_code error;
  std::filesystem::directory_iterator files(directory_, error);
  if (error == std::errc::no_such_file_or_directory) return markers;
  for (; !error && files != std::filesystem::directory_iterator(); files.increment(error)) {
    const std::filesystem::path& path = files->path();
    std::string marker = path.stem().string();
    // Anything else is a file in the writing, or nothing of ours.
    if (path.extension().string() == kSuffix && IsMarkerName(marker)) markers.push_back(std::move(marker));
  }
  if (error) return absl::UnavailableError(absl::StrCat("cannot read ", directory_, ": ", error.message()));
  std::sort(markers.begin(), markers.end());
  return markers;
}

absl::Status MarkerStore::Remove(const std::string& marker) const { return RemoveFile(PathOf(marker)); }

std::string MarkerStore::PathOf(const std::string& marker) const {
  return absl::StrCat(directory_, "/", marker, kSuffix);
}

}  // namespace jettyfleet
