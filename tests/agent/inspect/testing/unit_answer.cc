#include "tests/agent/inspect/testing/unit_answer.h"

namespace jettyfleet {
namespace {

int AppendStrings(sd_bus_message* reply, const std::vector<std::string>& items) {
  int result = sd_bus_message_open_container(reply, 'a', "s");
  for (const std::string& item : items) {
    if (result >= 0) result = sd_bus_message_append(reply, "s", item.c_str());
  }
  return result < 0 ? result : sd_bus_message_close_container(reply);
}

int OpenProperty(sd_bus_message* reply, const std::string& name, const char* type) {
  int result = sd_bus_message_open_container(reply, 'e', "sv");
  if (result >= 0) result = sd_bus_message_append(reply, "s", name.c_str());
  return result < 0 ? result : sd_bus_message_open_container(reply, 'v', type);
}

int CloseProperty(sd_bus_message* reply, int result) {
  if (result >= 0) result = sd_bus_message_close_container(reply);
  return result < 0 ? result : sd_bus_message_close_container(reply);
}

int AppendCommands(sd_bus_message* reply, const std::vector<std::vector<std::string>>& commands) {
  int result = sd_bus_message_open_container(reply, 'a', "(sasbttttuii)");
  for (const std::vector<std::string>& argv : commands) {
    if (result >= 0) result = sd_bus_message_open_container(reply, 'r', "sasbttttuii");
    if (result >= 0) result = sd_bus_message_append(reply, "s", argv.front().c_str());
    if (result >= 0) result = AppendStrings(reply, argv);
    if (result >= 0) {
      const uint64_t never = 0;
      result = sd_bus_message_append(reply, "bttttuii", 0, never, never, never, never, 4711u, 0, 0);
    }
    if (result >= 0) result = sd_bus_message_close_container(reply);
  }
  return result < 0 ? result : sd_bus_message_close_container(reply);
}

int AppendFiles(sd_bus_message* reply, const std::vector<std::pair<std::string, bool>>& files) {
  int result = sd_bus_message_open_container(reply, 'a', "(sb)");
  for (const auto& [path, may_be_missing] : files) {
    if (result >= 0) result = sd_bus_message_append(reply, "(sb)", path.c_str(), static_cast<int>(may_be_missing));
  }
  return result < 0 ? result : sd_bus_message_close_container(reply);
}

}  // namespace

int UnitAnswer::AppendTo(sd_bus_message* reply) const {
  int result = sd_bus_message_open_container(reply, 'a', "{sv}");
  for (const auto& [name, text] : texts) {
    if (result >= 0) result = sd_bus_message_append(reply, "{sv}", name.c_str(), "s", text.c_str());
  }
  for (const auto& [name, truth] : truths) {
    if (result >= 0) result = sd_bus_message_append(reply, "{sv}", name.c_str(), "b", static_cast<int>(truth));
  }
  for (const auto& [name, number] : numbers) {
    if (result >= 0) result = sd_bus_message_append(reply, "{sv}", name.c_str(), "t", number);
  }
  // Of types that are of no interest to anybody here.
  if (result >= 0) result = sd_bus_message_append(reply, "{sv}", "Job", "(uo)", 0, "/");
  if (result >= 0) result = sd_bus_message_append(reply, "{sv}", "MainPID", "u", main_pid);
  if (result >= 0) result = sd_bus_message_append(reply, "{sv}", "OOMScoreAdjust", "i", -500);
  for (const auto& [name, items] : lists) {
    if (result >= 0) result = OpenProperty(reply, name, "as");
    if (result >= 0) result = CloseProperty(reply, AppendStrings(reply, items));
  }
  for (const auto& [name, list] : commands) {
    if (result >= 0) result = OpenProperty(reply, name, "a(sasbttttuii)");
    if (result >= 0) result = CloseProperty(reply, AppendCommands(reply, list));
  }
  if (result >= 0) result = OpenProperty(reply, "EnvironmentFiles", "a(sb)");
  if (result >= 0) result = CloseProperty(reply, AppendFiles(reply, environment_files));
  return result < 0 ? result : sd_bus_message_close_container(reply);
}

}  // namespace jettyfleet
