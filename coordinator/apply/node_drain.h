// Takes one node out of the load balancers before a step that stops its instance, and gives it back afterwards.
#ifndef JETTYFLEET_COORDINATOR_APPLY_NODE_DRAIN_H_
#define JETTYFLEET_COORDINATOR_APPLY_NODE_DRAIN_H_

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "coordinator/apply/action_flight.h"
#include "coordinator/fleet/view.h"
#include "proto/session.pb.h"

namespace jettyfleet {

// Core thread only; part of an ApplyRun, which calls one of the two Steps until it returns a status. Each server is on a
// lease of its own: should everything die, it is ready again when the lease ends.
class NodeDrain {
 public:
  using Observe = std::function<void(const std::string& host, const v1::Observe&)>;

  NodeDrain(std::string apply_id, std::string node, ActionFlight* flight, Observe observe);

  const std::string& node() const { return node_; }

  // Drain, until no session is left or 30 s have passed; then maint, until no session is left or 5 s more. OK where the
  // node has no server. FailedPrecondition: a load balancer cannot be told.
  std::optional<absl::Status> TakeOut(const ClusterView& view, absl::Time now);

  // Makes every server ready again that TakeOut touched. Gives up after 20 s: the leases end by themselves.
  std::optional<absl::Status> GiveBack(const ClusterView& view, absl::Time now);

 private:
  struct Server {
    std::string host;
    std::string backend;
    std::string server;
    std::string lease_id;
    v1::LbServerFact::AdminState told = v1::LbServerFact::ADMIN_STATE_UNSPECIFIED;
  };

  void FindServers(const ClusterView& view);
  // Tells the next server that is not in `state`. nullopt: one is being told; OK: all have been.
  std::optional<absl::Status> Tell(v1::LbServerFact::AdminState state, const ClusterView& view, absl::Time now);
  // Sessions on all of them as seen since `since`; nullopt: not seen yet.
  std::optional<uint64_t> Sessions(const ClusterView& view, absl::Time since) const;
  void Ask(absl::Time now);

  const std::string apply_id_;
  const std::string node_;
  ActionFlight* const flight_;
  const Observe observe_;
  std::vector<Server> servers_;
  bool found_ = false;
  std::size_t telling_ = 0;
  v1::LbServerFact::AdminState state_ = v1::LbServerFact::ADMIN_STATE_DRAIN;
  absl::Time state_began_ = absl::InfinitePast();  // when all had been told of `state_`
  absl::Time give_back_began_ = absl::InfinitePast();
  absl::Time asked_at_ = absl::InfinitePast();
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_APPLY_NODE_DRAIN_H_
