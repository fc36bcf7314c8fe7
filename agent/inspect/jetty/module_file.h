// One .mod file of Jetty. Pure.
#ifndef JETTYFLEET_AGENT_INSPECT_JETTY_MODULE_FILE_H_
#define JETTYFLEET_AGENT_INSPECT_JETTY_MODULE_FILE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace jettyfleet {

// As written, so with ${...} unexpanded. Source: jetty-start's Module (9.4 to 12) and the shipped files.
struct ModuleFile {
  std::vector<std::string> needs;     // [depend], [depends]
  std::vector<std::string> provides;  // [provides], [provide], without "|DEFAULT"
  std::vector<std::string> xml_files;
  // Lines that count as if they stood in start.ini once the module is enabled.
  std::vector<std::string> ini;
};

// Sections that it does not know, and comments, are left out.
ModuleFile ParseModuleFile(absl::string_view text);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_INSPECT_JETTY_MODULE_FILE_H_
