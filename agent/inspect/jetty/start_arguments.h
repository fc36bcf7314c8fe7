// The lines of start.ini, start.d/*.ini and a command line, as Jetty's start.jar reads them. Pure.
#ifndef JETTYFLEET_AGENT_INSPECT_JETTY_START_ARGUMENTS_H_
#define JETTYFLEET_AGENT_INSPECT_JETTY_START_ARGUMENTS_H_

#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "agent/inspect/jetty/names_once.h"

namespace jettyfleet {

// What has been said so far: sources are added in the order in which they count, the strongest last. Source of the
// rules: jetty-start's StartArgs (9.4 to 12), read. What changes nothing here (JVM options, --exec, --lib, ...) is left
// out.
struct StartArguments {
  // As written, so with ${...} unexpanded; so are the others.
  NamesOnce modules;
  // NAME=VALUE, -DNAME=VALUE, NAME?=VALUE where nothing was said before, NAME+=VALUE appended. Unexpanded.
  std::map<std::string, std::string> properties;
  // XML files named directly.
  NamesOnce xml_files;
  // Of --include-jetty-dir.
  NamesOnce included_directories;
};

// One line or one argument. InvalidArgument, beginning with `origin`: it is longer than 16 KiB, would make a property
// so, or would make more than 1,000 modules, 5,000 properties, 500 XML files or 64 included directories; what is too
// much is not added.
absl::Status AddStartLine(absl::string_view line, absl::string_view origin, StartArguments* arguments);

// Every line of a file.
absl::Status AddStartText(absl::string_view text, absl::string_view origin, StartArguments* arguments);

// `text` with every ${NAME} replaced by that property, which may hold others (ten deep, a thousand in all). What is not
// set, or contains itself, stays as written, as Jetty leaves it; environment variables are none of its business. At
// most 16 KiB.
std::string ExpandProperties(absl::string_view text, const std::map<std::string, std::string>& properties);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_INSPECT_JETTY_START_ARGUMENTS_H_
