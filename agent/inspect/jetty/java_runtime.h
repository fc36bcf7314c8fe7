// Which Java and which Jetty.
#ifndef JETTYFLEET_AGENT_INSPECT_JETTY_JAVA_RUNTIME_H_
#define JETTYFLEET_AGENT_INSPECT_JETTY_JAVA_RUNTIME_H_

#include <string>

#include "absl/strings/string_view.h"
#include "agent/inspect/jetty/jetty_layout.h"
#include "proto/inspection.pb.h"

namespace jettyfleet {

// KEY="VALUE" of a JDK's `release` file; empty where it is not there. Pure.
std::string ReleaseValue(absl::string_view release, absl::string_view key);

// "9.4.57.v20241219" of "jetty-server-9.4.57.v20241219.jar"; empty for any other name. Pure.
std::string JettyVersionOfJar(absl::string_view file_name);

// Versions come from the JDK's `release` file, and from the name of lib/jetty-server-*.jar or else start.jar's
// manifest. What cannot be told is left empty and `error` says why; a java that was replaced on disk since the process
// began is such a case: what lies there now is not what runs.
v1::RuntimeFact ReadRuntime(const JettyLayout& layout);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_INSPECT_JETTY_JAVA_RUNTIME_H_
