#include "client/settings.h"

#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/file.h"

namespace jettyfleet {
namespace {

constexpr std::size_t kFileLimitBytes = 64 << 10;

}  // namespace

absl::StatusOr<SettingsFile> ParseSettingsFile(absl::string_view text) {
  SettingsFile file;
  int number = 0;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    const absl::string_view entry = absl::StripAsciiWhitespace(line.substr(0, line.find('#')));
    if (entry.empty()) continue;
    const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(entry, absl::MaxSplits('=', 1));
    const absl::string_view key = absl::StripAsciiWhitespace(parts.first);
    const absl::string_view value = absl::StripAsciiWhitespace(parts.second);
    std::string* const target = key == "coordinator" ? &file.coordinator : key == "certs" ? &file.certs : nullptr;
    if (target == nullptr || value.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("line ", number, " is neither `coordinator = HOST:PORT` nor `certs = DIRECTORY`"));
    }
    *target = std::string(value);
  }
  return file;
}

absl::StatusOr<Settings> DefaultSettings(const std::string& home, const std::string& environment) {
  Settings settings;
  settings.certs = home.empty() ? "." : home + "/.config/jettyfleet";
  const std::string path = settings.certs + "/client.conf";
  const absl::StatusOr<std::string> text = ReadSmallFile(path, kFileLimitBytes);
  if (text.ok()) {
    absl::StatusOr<SettingsFile> file = ParseSettingsFile(*text);
    if (!file.ok()) return absl::InvalidArgumentError(absl::StrCat(path, ": ", file.status().message()));
    if (!file->coordinator.empty()) settings.coordinator = std::move(file->coordinator);
    if (!file->certs.empty()) settings.certs = std::move(file->certs);
  } else if (!absl::IsNotFound(text.status())) {
    return absl::InvalidArgumentError(text.status().message());
  }
  if (!environment.empty()) settings.coordinator = environment;
  return settings;
}

}  // namespace jettyfleet
