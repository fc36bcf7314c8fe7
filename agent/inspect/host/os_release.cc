#include "agent/inspect/host/os_release.h"

#include <map>

#include "agent/inspect/unit/environment_file.h"

namespace jettyfleet {

std::string PrettyNameOf(absl::string_view os_release) {
  // Its form is that of environment files.
  std::map<std::string, std::string> values;
  ReadEnvironmentFile(os_release, &values);
  const auto name = values.find("PRETTY_NAME");
  return name == values.end() || name->second.empty() ? "Linux" : name->second;
}

}  // namespace jettyfleet
