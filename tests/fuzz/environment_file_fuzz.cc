// Files of a unit's EnvironmentFile=.
#include <algorithm>
#include <cstdint>
#include <map>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "agent/inspect/unit/environment_file.h"
#include "tests/fuzz/demand.h"

namespace jettyfleet {
namespace {

std::string Quoted(const std::string& value) {
  std::string quoted = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\' || c == '`' || c == '$') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}

void Check(absl::string_view text) {
  std::map<std::string, std::string> environment = {{"JETTYFLEET_BEFORE", "x"}};
  ReadEnvironmentFile(text, &environment);
  Demand(environment.count("JETTYFLEET_BEFORE") == 1, "what was there stays, or gets another value");
  std::size_t bytes = 0;
  std::string written;
  for (const auto& [name, value] : environment) {
    const bool valid = !name.empty() && !absl::ascii_isdigit(name[0]) &&
                       std::all_of(name.begin(), name.end(), [](char c) { return absl::ascii_isalnum(c) || c == '_'; });
    Demand(valid, "a variable's name is one");
    bytes += name.size() + value.size();
    absl::StrAppend(&written, name, "=", Quoted(value), "\n");
  }
  Demand(bytes <= text.size() + 100, "values are no larger than the text");
  std::map<std::string, std::string> again;
  ReadEnvironmentFile(written, &again);
  Demand(again == environment, "what is written is read back the same");
}

}  // namespace
}  // namespace jettyfleet

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  jettyfleet::Check(absl::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
