// Jetty's start.ini and start.d/*.ini, its .mod files, and properties that name one another.
#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "agent/inspect/jetty/module_file.h"
#include "agent/inspect/jetty/start_arguments.h"
#include "tests/fuzz/demand.h"

namespace jettyfleet {
namespace {

constexpr std::size_t kLongest = 16 << 10;

bool NoneTwice(std::vector<std::string> values) {
  std::sort(values.begin(), values.end());
  return std::adjacent_find(values.begin(), values.end()) == values.end();
}

void CheckStart(absl::string_view text) {
  StartArguments arguments;
  const absl::Status added = AddStartText(text, "start.ini", &arguments);
  if (!added.ok()) {
    Demand(absl::IsInvalidArgument(added) && absl::StartsWith(added.message(), "start.ini"),
           "what is wrong says where");
    Demand(added.message().size() < 1000, "what is wrong is said shortly");
    return;
  }
  Demand(arguments.modules.size() <= 1000 && arguments.properties.size() <= 5000, "modules and properties are bounded");
  Demand(arguments.xml_files.size() <= 500 && arguments.included_directories.size() <= 64, "files are bounded");
  Demand(NoneTwice(arguments.modules.in_order()) && NoneTwice(arguments.xml_files.in_order()), "each is named once");
  for (const auto& [name, value] : arguments.properties) {
    Demand(value.size() <= kLongest, "a property is bounded");
    Demand(absl::StrContains(text, name), "only what is written is a property");
  }
  int expansions = 0;
  for (const auto& [name, value] : arguments.properties) {
    if (++expansions > 20) break;
    Demand(ExpandProperties(value, arguments.properties).size() <= kLongest, "what is expanded is bounded");
  }
  Demand(ExpandProperties(text, {}) == text.substr(0, kLongest), "without properties everything stays as written");
  StartArguments again = arguments;
  const absl::Status twice = AddStartText(text, "start.ini", &again);
  Demand(twice.ok() || absl::EndsWith(twice.message(), "gets longer than 16 KiB"), "only a property grows");
  Demand(again.modules.in_order() == arguments.modules.in_order(), "said twice, it names the same modules");
}

void CheckModule(absl::string_view text) {
  const ModuleFile module = ParseModuleFile(text);
  std::size_t bytes = 0;
  for (const auto* const lines : {&module.needs, &module.provides, &module.xml_files, &module.ini}) {
    for (const std::string& line : *lines) {
      bytes += line.size();
      Demand(absl::StrContains(text, line) && !absl::StrContains(line, '\n'), "each is a line of the file");
    }
  }
  Demand(bytes <= text.size(), "no line counts twice");
}

}  // namespace
}  // namespace jettyfleet

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  jettyfleet::CheckStart(text);
  jettyfleet::CheckModule(text);
  return 0;
}
