// What one unit's Jetty is and how it is configured, from its process and its files.
#ifndef JETTYFLEET_AGENT_INSPECT_JETTY_JETTY_FACTS_H_
#define JETTYFLEET_AGENT_INSPECT_JETTY_JETTY_FACTS_H_

#include <string>
#include <vector>

#include "agent/inspect/jetty/store_address.h"
#include "agent/inspect/unit/unit_state.h"
#include "proto/inspection.pb.h"

namespace jettyfleet {

struct JettyFacts {
  v1::RuntimeFact runtime;
  v1::SessionConfigurationFact sessions;
  // Absolute, with symbolic links resolved, only what exists, no duplicates: the directory that is deployed from; the
  // files and directories that configure Jetty (start.ini, start.d, etc, modules and resources of its base, its
  // environment files); the directories it writes to (logs, work).
  std::vector<std::string> archive_roots;
  std::vector<std::string> configuration_roots;
  std::vector<std::string> writable_paths;
  // Where sessions are kept in files, as configured (it need not exist); empty otherwise.
  std::string session_store_directory;
  // Of the configured store; empty where sessions are in memory.
  std::vector<StoreAddress> stores;
};

// Never fails as a whole: what could not be found out stands in the `error` of runtime and of sessions. Reads files
// only (bounded in number and size), starts nothing, writes nothing. Any thread.
JettyFacts ReadJetty(const UnitState& unit);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_INSPECT_JETTY_JETTY_FACTS_H_
