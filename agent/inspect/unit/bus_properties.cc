#include "agent/inspect/unit/bus_properties.h"

#include <cstdint>
#include <cstdlib>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace jettyfleet {
namespace {

// systemd's ExecStart, ExecStartPre, ...: path, argv, whether failure is ignored, and when it last ran.
constexpr char kCommandList[] = "a(sasbttttuii)";
constexpr char kCommand[] = "sasbttttuii";
constexpr char kAfterTruth[] = "ttttuii";
constexpr char kFileList[] = "a(sb)";

using Items = std::vector<std::string>;

std::string NumberText(uint64_t number) {
  return number == std::numeric_limits<uint64_t>::max() ? "infinity" : absl::StrCat(number);
}

int ReadStrings(sd_bus_message* message, Items* items) {
  char** strings = nullptr;
  const int result = sd_bus_message_read_strv(message, &strings);
  if (result < 0) return result;
  for (char** next = strings; next != nullptr && *next != nullptr; ++next) {
    items->emplace_back(*next);
    free(*next);
  }
  free(strings);
  return result;
}

int ReadFiles(sd_bus_message* message, Items* items) {
  int result = sd_bus_message_enter_container(message, 'a', kFileList + 1);
  if (result < 0) return result;
  const char* path = nullptr;
  int may_be_missing = 0;
  while ((result = sd_bus_message_read(message, "(sb)", &path, &may_be_missing)) > 0) {
    items->push_back(absl::StrCat(may_be_missing != 0 ? "-" : "", path));
  }
  return result < 0 ? result : sd_bus_message_exit_container(message);
}

int ReadCommand(sd_bus_message* message, UnitCommand* command) {
  const char* path = nullptr;
  int ignored = 0;
  int result = sd_bus_message_read(message, "s", &path);
  if (result >= 0) result = ReadStrings(message, &command->argv);
  if (result >= 0) result = sd_bus_message_read(message, "b", &ignored);
  command->may_fail = ignored != 0;
  return result < 0 ? result : sd_bus_message_skip(message, kAfterTruth);
}

int ReadCommands(sd_bus_message* message, std::vector<UnitCommand>* commands) {
  int result = sd_bus_message_enter_container(message, 'a', kCommandList + 1);
  while (result >= 0 && (result = sd_bus_message_enter_container(message, 'r', kCommand)) > 0) {
    UnitCommand command;
    result = ReadCommand(message, &command);
    if (result >= 0) result = sd_bus_message_exit_container(message);
    commands->push_back(std::move(command));
  }
  return result < 0 ? result : sd_bus_message_exit_container(message);
}

int ReadSingle(sd_bus_message* message, char type, Items* items) {
  union {
    const char* text;
    int truth;
    uint32_t u32;
    int32_t i32;
    uint64_t u64;
  } value;
  const int result = sd_bus_message_read_basic(message, type, &value);
  if (result < 0) return result;
  switch (type) {
    case 's':
      items->emplace_back(value.text);
      break;
    case 'b':
      items->emplace_back(value.truth != 0 ? "yes" : "no");
      break;
    case 'u':
      items->push_back(absl::StrCat(value.u32));
      break;
    case 'i':
      items->push_back(absl::StrCat(value.i32));
      break;
    default:
      items->push_back(NumberText(value.u64));
  }
  return result;
}

int ReadVariant(sd_bus_message* message, const std::string& name, BusProperties* properties) {
  const char* contents = nullptr;
  int result = sd_bus_message_peek_type(message, nullptr, &contents);
  if (result < 0) return result;
  const std::string type = contents == nullptr ? "" : contents;
  const bool single = type == "s" || type == "b" || type == "u" || type == "i" || type == "t";
  if (!single && type != "as" && type != kFileList && type != kCommandList) return sd_bus_message_skip(message, "v");
  if ((result = sd_bus_message_enter_container(message, 'v', type.c_str())) < 0) return result;
  if (type == kCommandList) {
    result = ReadCommands(message, &properties->commands[name]);
  } else {
    Items* const items = &properties->values[name];
    result = single ? ReadSingle(message, type[0], items)
                    : (type == "as" ? ReadStrings(message, items) : ReadFiles(message, items));
  }
  return result < 0 ? result : sd_bus_message_exit_container(message);
}

}  // namespace

std::string BusProperties::One(const std::string& name) const {
  const Items& items = All(name);
  return items.empty() ? "" : items.front();
}

const std::vector<std::string>& BusProperties::All(const std::string& name) const {
  static const Items* const kNone = new Items();
  const auto found = values.find(name);
  return found == values.end() ? *kNone : found->second;
}

int ReadBusProperties(sd_bus_message* message, BusProperties* properties) {
  int result = sd_bus_message_enter_container(message, 'a', "{sv}");
  if (result < 0) return result;
  while ((result = sd_bus_message_enter_container(message, 'e', "sv")) > 0) {
    const char* name = nullptr;
    if ((result = sd_bus_message_read(message, "s", &name)) < 0) return result;
    if ((result = ReadVariant(message, name, properties)) < 0) return result;
    if ((result = sd_bus_message_exit_container(message)) < 0) return result;
  }
  return result < 0 ? result : sd_bus_message_exit_container(message);
}

}  // namespace jettyfleet
