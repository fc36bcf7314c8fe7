// Where a unit's Jetty is, and how it was or would be started.
#ifndef JETTYFLEET_AGENT_INSPECT_JETTY_JETTY_LAYOUT_H_
#define JETTYFLEET_AGENT_INSPECT_JETTY_JETTY_LAYOUT_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "proto/observation.pb.h"

namespace jettyfleet {

// How the unit starts it, in case it does not run: parts of UnitState.
struct JettyStart {
  uint32_t main_pid = 0;  // 0: stopped
  std::string working_directory;
  std::map<std::string, std::string> environment;
  std::vector<std::string> exec_start;  // argv
};

struct JettyLayout {
  // Absolute, without a slash at the end. Empty: not found, and `error` says why.
  std::string home;
  std::string base;
  // The java program, links resolved; " (deleted)" at its end: the running one was replaced on disk. Empty: not found.
  std::string java;
  // What stands behind start.jar, and the -D settings of the JVM before it.
  std::vector<std::string> arguments;
  std::map<std::string, std::string> system_properties;
  std::map<std::string, std::string> environment;
  // Relative paths that Java opens begin here.
  std::string working_directory;
  // Of a process that is Jetty's JVM; unset: there is a main process, but it could not be looked at.
  v1::Answer running = v1::ANSWER_UNSPECIFIED;
  std::string error;
};

// Reads the main process's command line, environment, program and directory from `proc` (or those of its first child
// that is java, where a script starts it), else what the unit says: JETTY_HOME, JETTY_BASE, JAVA, JAVA_HOME,
// JETTY_ARGS, JAVA_OPTIONS and the command itself, as Jetty's own jetty.sh takes them.
JettyLayout LocateJetty(const JettyStart& start, const std::string& proc = "/proc");

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_INSPECT_JETTY_JETTY_LAYOUT_H_
