// Has hosts look again before an answer is given, so that it rests on nothing older than the question.
#ifndef JETTYFLEET_COORDINATOR_SERVER_FRESH_LOOK_H_
#define JETTYFLEET_COORDINATOR_SERVER_FRESH_LOOK_H_

#include <functional>
#include <string>

#include "absl/time/time.h"
#include "common/clock.h"
#include "coordinator/core/core_loop.h"
#include "coordinator/fleet/registry.h"
#include "coordinator/server/agent_desk.h"

namespace jettyfleet {

// Core thread only; owned by main.
class FreshLook {
 public:
  // Called with the time of the question: what a host's Freshness puts before it was not seen again in time.
  using Done = std::function<void(absl::Time since)>;

  FreshLook(CoreLoop& core, Registry& registry, AgentDesk& agents, const Clock& clock)
      : core_(core), registry_(registry), agents_(agents), clock_(clock) {}

  // Every node (cluster, CIB, units, HTTP) and every load balancer of a cluster that the registry knows. `done` is
  // called when all that are connected have answered, or after 8 s.
  void Everywhere(const std::string& cluster, Done done);

 private:
  void Wait(const std::string& cluster, absl::Time since, absl::Time deadline, Done done);

  CoreLoop& core_;
  Registry& registry_;
  AgentDesk& agents_;
  const Clock& clock_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_SERVER_FRESH_LOOK_H_
