// One action at a time on its way to an agent and back, journaled on both.
#ifndef JETTYFLEET_COORDINATOR_APPLY_ACTION_FLIGHT_H_
#define JETTYFLEET_COORDINATOR_APPLY_ACTION_FLIGHT_H_

#include <functional>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "coordinator/fleet/view.h"
#include "coordinator/journal/journal.h"
#include "proto/action.pb.h"

namespace jettyfleet {

// Core thread only; part of an ApplyRun.
class ActionFlight {
 public:
  struct Names {
    std::string id;  // of the apply: the operation id of its actions and records
    std::string cluster;
    std::string who;
    std::string why;
  };
  // False: the host's agent is not connected.
  using Send = std::function<bool(const std::string& host, const v1::Action&)>;

  ActionFlight(Names names, Journal* journal, Send send);

  // Journals, then sends. An error when it could not be recorded, or Unavailable when the agent is not there.
  absl::Status Issue(const std::string& host, v1::Action action, uint64_t epoch, absl::Time now);

  // What only looks: sent without a record, since nothing has to be undone or explained after it.
  absl::Status Ask(const std::string& host, v1::Action action, uint64_t epoch, absl::Time now);

  bool under_way() const { return !action_id_.empty(); }

  // nullopt while there is no answer. TIMED_OUT, outcome unknown, when none came in time or the agent's stream broke:
  // whoever asked has to observe what became of it.
  std::optional<v1::ActionResult> Take(const ClusterView& view, absl::Time now);

  void Forget() { action_id_.clear(); }

 private:
  absl::Status Launch(const std::string& host, v1::Action action, uint64_t epoch, bool recorded, absl::Time now);

  const Names names_;
  Journal* const journal_;
  const Send send_;
  int count_ = 0;
  std::string action_id_;  // under way; empty: none
  std::string host_;
  bool recorded_ = false;
  absl::Time deadline_ = absl::InfiniteFuture();
  absl::Time sent_at_ = absl::InfinitePast();
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_APPLY_ACTION_FLIGHT_H_
