// Tells Pacemaker of failed instances at once, where the description asks for it.
#ifndef JETTYFLEET_COORDINATOR_SERVER_RECOVER_DESK_H_
#define JETTYFLEET_COORDINATOR_SERVER_RECOVER_DESK_H_

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "common/clock.h"
#include "coordinator/apply/action_flight.h"
#include "coordinator/core/core_loop.h"
#include "coordinator/fleet/registry.h"
#include "coordinator/journal/journal.h"
#include "coordinator/recover/recover_watch.h"
#include "coordinator/server/agent_desk.h"

namespace jettyfleet {

// Core thread only; owned by main. What it tells is journaled before it leaves, as the acts of operations are.
class RecoverDesk {
 public:
  using Busy = std::function<bool(const std::string& cluster)>;
  using Event = std::function<void(const std::string& cluster, const std::string& host, const std::string& text)>;

  RecoverDesk(CoreLoop& core, Registry& registry, AgentDesk& agents, Journal& journal, const Clock& clock, Busy busy,
              Event event)
      : core_(core),
        registry_(registry),
        agents_(agents),
        journal_(journal),
        clock_(clock),
        busy_(std::move(busy)),
        event_(std::move(event)) {}

  // The cluster's view has changed. Decides nothing before it returns.
  void OnChanged(const std::string& cluster);

 private:
  struct Watched {
    RecoverWatch watch;
    std::unique_ptr<ActionFlight> flight;  // null: nothing is being told
  };

  void StepSoon(const std::string& cluster, absl::Duration delay);
  void Step(const std::string& cluster);
  void Tell(const ClusterView& view, const RecoverWatch::Failure& failure, Watched* watched, absl::Time now);

  CoreLoop& core_;
  Registry& registry_;
  AgentDesk& agents_;
  Journal& journal_;
  const Clock& clock_;
  const Busy busy_;
  const Event event_;
  std::map<std::string, Watched> clusters_;
  std::set<std::string> coming_;  // clusters whose Step is posted
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_SERVER_RECOVER_DESK_H_
