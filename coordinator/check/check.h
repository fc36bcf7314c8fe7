// What a check is, and what it says.
#ifndef JETTYFLEET_COORDINATOR_CHECK_CHECK_H_
#define JETTYFLEET_COORDINATOR_CHECK_CHECK_H_

#include <string>
#include <utility>
#include <vector>

#include "coordinator/check/input.h"
#include "proto/check.pb.h"
#include "proto/description.pb.h"

namespace jettyfleet {

struct Verdict {
  v1::Answer passed = v1::ANSWER_UNSPECIFIED;
  std::string summary;
  std::vector<std::string> hosts;                             // that it is about
  std::vector<std::pair<std::string, std::string>> evidence;  // host, what was observed there
};

// A pure function of its input. One of the two is set: of the whole cluster, or of one described resource.
struct Check {
  const char* id;
  v1::Severity severity;
  const char* title;
  const char* looks_at;
  const char* why;
  const char* remedy;
  Verdict (*of_cluster)(const CheckInput&);
  Verdict (*of_resource)(const CheckInput&, const v1::ResourceDescription&);
};

// In the order in which an operator would go through them.
std::vector<Check> ClusterChecks();
std::vector<Check> UnitChecks();
std::vector<Check> ResourceChecks();
std::vector<Check> PortChecks();
std::vector<Check> PathChecks();
std::vector<Check> IdentityChecks();
std::vector<Check> SessionChecks();
std::vector<Check> RoutingChecks();

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_CHECK_CHECK_H_
