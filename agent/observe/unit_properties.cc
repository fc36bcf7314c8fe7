#include "agent/observe/unit_properties.h"

#include <cstdint>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

int ReadString(sd_bus_message* message, std::string* out) {
  const char* text = nullptr;
  const int result = sd_bus_message_read(message, "v", "s", &text);
  if (result >= 0) *out = text;
  return result;
}

int ReadNumber(sd_bus_message* message, uint32_t* out) { return sd_bus_message_read(message, "v", "u", out); }

int ReadDropIns(sd_bus_message* message, v1::UnitFact* fact) {
  int result = sd_bus_message_enter_container(message, 'v', "as");
  if (result < 0) return result;
  char** paths = nullptr;
  result = sd_bus_message_read_strv(message, &paths);
  if (result < 0) return result;
  fact->clear_drop_ins();
  for (char** path = paths; path != nullptr && *path != nullptr; ++path) {
    fact->add_drop_ins(*path);
    free(*path);
  }
  free(paths);
  return sd_bus_message_exit_container(message);
}

int ReadActiveSince(sd_bus_message* message, v1::UnitFact* fact) {
  uint64_t microseconds = 0;
  const int result = sd_bus_message_read(message, "v", "t", &microseconds);
  if (result >= 0 && microseconds > 0) *fact->mutable_active_since() = ToProto(absl::FromUnixMicros(microseconds));
  return result;
}

int ReadOne(sd_bus_message* message, const std::string& name, v1::UnitFact* fact) {
  uint32_t number = 0;
  int result = 0;
  if (name == "LoadState") return ReadString(message, fact->mutable_load_state());
  if (name == "ActiveState") return ReadString(message, fact->mutable_active_state());
  if (name == "SubState") return ReadString(message, fact->mutable_sub_state());
  if (name == "Result") return ReadString(message, fact->mutable_result());
  if (name == "UnitFileState") return ReadString(message, fact->mutable_unit_file_state());
  if (name == "FragmentPath") return ReadString(message, fact->mutable_fragment_path());
  if (name == "ControlGroup") return ReadString(message, fact->mutable_control_group());
  if (name == "DropInPaths") return ReadDropIns(message, fact);
  if (name == "ActiveEnterTimestamp") return ReadActiveSince(message, fact);
  if (name == "MainPID") {
    result = ReadNumber(message, &number);
    fact->set_main_pid(number);
    return result;
  }
  if (name == "NRestarts") {
    result = ReadNumber(message, &number);
    fact->set_restarts(number);
    return result;
  }
  return sd_bus_message_skip(message, "v");
}

}  // namespace

int ReadUnitProperties(sd_bus_message* message, v1::UnitFact* fact) {
  int result = sd_bus_message_enter_container(message, 'a', "{sv}");
  if (result < 0) return result;
  while ((result = sd_bus_message_enter_container(message, 'e', "sv")) > 0) {
    const char* name = nullptr;
    if ((result = sd_bus_message_read(message, "s", &name)) < 0) return result;
    if ((result = ReadOne(message, name, fact)) < 0) return result;
    if ((result = sd_bus_message_exit_container(message)) < 0) return result;
  }
  if (result < 0) return result;
  return sd_bus_message_exit_container(message);
}

bool IsJettyUnit(const std::string& name) {
  return absl::StartsWith(name, "jetty") && !absl::StartsWith(name, "jettyfleet-") &&
         absl::EndsWith(name, ".service") && !absl::EndsWith(name, "@.service");
}

}  // namespace jettyfleet
