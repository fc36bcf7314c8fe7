#include "agent/inspect/unit/unit_reader.h"

#include <glob.h>
#include <openssl/evp.h>

#include <cstddef>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "agent/inspect/unit/bus_properties.h"
#include "agent/inspect/unit/environment_file.h"
#include "agent/inspect/unit/unit_settings.h"
#include "common/file.h"

namespace jettyfleet {
namespace {

constexpr char kProperties[] = "org.freedesktop.DBus.Properties";
constexpr std::size_t kLimitBytes = 1 << 20;
constexpr int kMostFiles = 100;

void SetContent(const absl::StatusOr<std::string>& content, v1::FileFact* file) {
  if (!content.ok()) {
    file->set_error(std::string(content.status().message()));
    return;
  }
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (EVP_Digest(content->data(), content->size(), digest, &size, EVP_sha256(), nullptr) != 1) {
    file->set_error(absl::StrCat(file->path(), ": SHA-256 cannot be computed"));
    return;
  }
  file->set_sha256(digest, size);
  file->set_size(content->size());
}

void ReadFile(v1::FileFact* file) { SetContent(ReadSmallFile(file->path(), kLimitBytes), file); }

// systemd takes patterns, in the order of names.
std::vector<std::string> Expand(const std::string& path) {
  if (path.find_first_of("*?[") == std::string::npos) return {path};
  std::vector<std::string> files;
  glob_t found = {};
  if (glob(path.c_str(), GLOB_NOCHECK, nullptr, &found) == 0) {
    for (std::size_t i = 0; i < found.gl_pathc; ++i) files.emplace_back(found.gl_pathv[i]);
  }
  globfree(&found);
  return files;
}

// Later files win over earlier ones, and all over Environment.
void ReadEnvironmentFiles(const std::vector<std::string>& items, UnitState* state) {
  for (const std::string& item : items) {
    const bool may_be_missing = absl::StartsWith(item, "-");
    for (const std::string& path : Expand(std::string(absl::StripPrefix(item, "-")))) {
      if (state->facts.environment_files_size() >= kMostFiles) return;
      const absl::StatusOr<std::string> text = ReadSmallFile(path, kLimitBytes);
      // One that may be missing and is says all by not being named.
      if (may_be_missing && absl::IsNotFound(text.status())) continue;
      v1::FileFact* const file = state->facts.add_environment_files();
      file->set_path(path);
      SetContent(text, file);
      if (text.ok()) ReadEnvironmentFile(*text, &state->environment);
    }
  }
}

}  // namespace

UnitState ReadUnitOn(const OpenBus& open, const std::string& unit) {
  UnitState state;
  state.unit = absl::EndsWith(unit, ".service") ? unit : absl::StrCat(unit, ".service");
  BusProperties properties;
  SystemBus bus(open);
  // An empty interface asks for the properties of all: unit's and service's in one answer. systemd loads the unit for
  // it where it is not loaded.
  const absl::Status asked = bus.Call(
      UnitObjectPath(state.unit), kProperties, "GetAll",
      [](sd_bus_message* call) { return sd_bus_message_append(call, "s", ""); },
      [&properties](sd_bus_message* answer) { return ReadBusProperties(answer, &properties); });
  if (!asked.ok()) {
    state.facts.set_error(absl::StrCat(state.unit, ": ", asked.message()));
    return state;
  }
  SetFromProperties(properties, &state);
  if (state.facts.has_fragment()) ReadFile(state.facts.mutable_fragment());
  for (v1::FileFact& file : *state.facts.mutable_drop_ins()) ReadFile(&file);
  ReadEnvironmentFiles(properties.All("EnvironmentFiles"), &state);
  return state;
}

UnitState ReadUnit(const std::string& unit) { return ReadUnitOn(sd_bus_open_system, unit); }

}  // namespace jettyfleet
