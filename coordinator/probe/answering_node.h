// Which node an answer came from, as far as it says.
#ifndef JETTYFLEET_COORDINATOR_PROBE_ANSWERING_NODE_H_
#define JETTYFLEET_COORDINATOR_PROBE_ANSWERING_NODE_H_

#include <map>
#include <set>
#include <string>
#include <vector>

#include "coordinator/probe/traffic_settings.h"

namespace jettyfleet {

// What is known of those who may answer.
struct Answerers {
  std::set<std::string> nodes;
  // Where neither the node pattern nor Jetty's worker name tells, a cookie with a server's name as its value does.
  std::map<std::string, std::string> node_of_server;
};

// Empty: it does not say. `session` is the session cookie's value after the answer, `cookies` the values of the
// Set-Cookie headers that came with it. Pure.
std::string AnsweringNode(const TrafficSettings& settings, const Answerers& answerers, const std::string& body,
                          const std::string& session, const std::vector<std::string>& cookies);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_PROBE_ANSWERING_NODE_H_
