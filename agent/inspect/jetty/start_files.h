// Jetty's start configuration as a whole: from jetty.base's files and the command line to the modules in effect.
#ifndef JETTYFLEET_AGENT_INSPECT_JETTY_START_FILES_H_
#define JETTYFLEET_AGENT_INSPECT_JETTY_START_FILES_H_

#include <map>
#include <string>
#include <vector>

#include "agent/inspect/jetty/start_arguments.h"

namespace jettyfleet {

struct StartConfiguration {
  // Properties hold jetty.home and jetty.base as well; modules are those named and those that they need.
  StartArguments arguments;
  // Absolute paths of the XML files that Jetty would read, in order: of modules, then those named.
  std::vector<std::string> xml_files;
  // Not empty: something could not be read, so that what is missing above is unknown.
  std::string error;
};

// `command_line` is what stands behind start.jar; `system_properties`, set by the JVM's -D, are weaker than all else.
// Reads start.ini and start.d/*.ini of base and of included directories
// (Jetty does not read those of home unless it is the base), then the .mod files of what is enabled, base before home.
// Bounded: 200 files in start.d, 1 MiB each, 64 directories, 1,000 modules that need 5,000 others and name 500 XML
// files, and 500 more.
StartConfiguration ReadStartFiles(const std::string& home, const std::string& base,
                                  const std::vector<std::string>& command_line,
                                  const std::map<std::string, std::string>& system_properties = {});

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_INSPECT_JETTY_START_FILES_H_
