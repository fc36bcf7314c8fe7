// Which session store and cache Jetty's start configuration amounts to. Pure.
#ifndef JETTYFLEET_AGENT_INSPECT_JETTY_SESSION_STORES_H_
#define JETTYFLEET_AGENT_INSPECT_JETTY_SESSION_STORES_H_

#include <map>
#include <string>
#include <vector>

#include "agent/inspect/jetty/jetty_xml.h"
#include "agent/inspect/jetty/store_address.h"
#include "proto/inspection.pb.h"

namespace jettyfleet {

struct SessionEvidence {
  // Enabled, those that others need included.
  std::vector<std::string> modules;
  // Expanded.
  std::map<std::string, std::string> properties;
  std::map<std::string, std::string> environment;
  // What the XML files in effect say, in the order in which Jetty reads them.
  std::vector<JettyXml> xml;
  // infinispan.client.hotrod.server_list of resources/hotrod-client.properties; empty: none.
  std::string hotrod_servers;
  // For relative directories.
  std::string working_directory;
};

struct SessionStores {
  // All but `cookie`. `error` is set where two stores contradict one another.
  v1::SessionConfigurationFact fact;
  std::string directory;
  std::vector<StoreAddress> stores;
};

// Stores are told by their modules (session-store-NAME), third-party ones by the names of modules and of classes. The
// worker name counts only where the sessions module is on (docs/facts.md); Jetty's own default, node0 on every node, is
// "not set".
SessionStores JudgeSessions(const SessionEvidence& evidence);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_INSPECT_JETTY_SESSION_STORES_H_
