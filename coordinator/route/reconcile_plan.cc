#include "coordinator/route/reconcile_plan.h"

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/proto_time.h"
#include "coordinator/route/address.h"
#include "coordinator/route/drain_gate.h"
#include "coordinator/route/drain_run.h"
#include "coordinator/route/readiness.h"
#include "coordinator/route/servers.h"

namespace jettyfleet {
namespace {

class Reconciler {
 public:
  Reconciler(const ClusterView& view, std::string change_id, bool take_over, absl::Time since, absl::Time now)
      : view_(view), change_id_(std::move(change_id)), take_over_(take_over), since_(since), now_(now) {}

  ReconcilePlan Run() {
    const std::vector<RoutedServer> servers = RoutedServers(view_);
    for (const RoutedServer& server : servers) {
      if (!server.SeenSince(since_)) continue;
      const v1::LeaseFact* const lease = server.Lease(kServerLease);
      const bool out = server.fact->admin_state() != v1::LbServerFact::ADMIN_STATE_READY;
      if (InForce(lease)) held_.emplace(server.node, &server);
      if (out && InForce(lease)) held_[server.node] = &server;
    }
    for (const RoutedServer& server : servers) {
      if (!server.SeenSince(since_)) {
        Leave(server, server.fact != nullptr && !server.fact->error().empty()
                          ? server.fact->error()
                          : "was not seen; is the agent there connected?");
        continue;
      }
      Address(server);
      Weight(server);
      State(server);
    }
    return std::move(plan_);
  }

 private:
  bool InForce(const v1::LeaseFact* lease) const { return lease != nullptr && FromProto(lease->ends_at()) > now_; }

  void Leave(const RoutedServer& server, std::string what, bool as_meant = false) {
    plan_.remarks.push_back({server.Name(), std::move(what), as_meant});
  }

  v1::Action& Add(const RoutedServer& server, const std::string& what, std::string found) {
    RouteStep& step = plan_.steps.emplace_back();
    step.host = server.load_balancer;
    step.what = absl::StrCat(server.Name(), ": ", what);
    step.found = std::move(found);
    return step.action;
  }

  void Address(const RoutedServer& server) {
    const v1::LbServerFact& fact = *server.fact;
    if (!IsIpAddress(server.described_address)) return;
    bool known_port = false;
    for (const uint32_t port : server.resource->ports()) known_port |= port == fact.port();
    if (SameIpAddress(fact.address(), server.described_address) && known_port) return;
    const uint32_t port = known_port ? fact.port() : server.described_port;
    v1::SetLbAddress& set = *Add(server, absl::StrCat("address ", server.described_address, " port ", port),
                                 absl::StrCat("was ", fact.address(), " port ", fact.port(),
                                              "; HAProxy forgets it at a reload: mend its configuration too"))
                                 .mutable_set_lb_address();
    set.set_backend(server.backend);
    set.set_server(server.server);
    set.set_address(server.described_address);
    set.set_port(port);
  }

  void Weight(const RoutedServer& server) {
    const v1::LbServerFact& fact = *server.fact;
    const v1::LeaseFact* const lease = server.Lease(kWeightLease);
    if (fact.weight() == fact.initial_weight() && lease == nullptr) return;
    v1::SetLbWeight& set =
        *Add(server, absl::StrCat("weight ", fact.initial_weight()), absl::StrCat("was ", fact.weight()))
             .mutable_set_lb_weight();
    set.set_backend(server.backend);
    set.set_server(server.server);
    set.set_mode(v1::SetLbWeight::MODE_CONFIGURED);
    if (lease != nullptr) set.set_lease_id(lease->id());
  }

  void SetState(const RoutedServer& server, v1::LbServerFact::AdminState state, std::string found,
                absl::Duration duration) {
    v1::SetLbServer& set = *Add(server, AdminWord(state), std::move(found)).mutable_set_lb_server();
    set.set_backend(server.backend);
    set.set_server(server.server);
    set.set_state(state);
    set.set_lease_id(ServerLeaseId(change_id_, view_, server.Name()));
    if (duration > absl::ZeroDuration()) *set.mutable_duration() = ToProto(duration);
    set.set_take_over(take_over_ && state == v1::LbServerFact::ADMIN_STATE_READY);
  }

  void State(const RoutedServer& server) {
    const v1::LeaseFact* const lease = server.Lease(kServerLease);
    const v1::LbServerFact::AdminState state = server.fact->admin_state();
    if (state == v1::LbServerFact::ADMIN_STATE_READY) return Ready(server);
    const std::string word = AdminWord(state);
    if (InForce(lease)) {
      return Leave(server,
                   absl::StrCat("is in ", word, " on lease ", lease->id(), " until ",
                                absl::FormatTime("%H:%M:%SZ", FromProto(lease->ends_at()), absl::UTCTimeZone()),
                                "; jettyfleet route restore ", server.node, " ends it"),
                   true);
    }
    if (lease == nullptr && !take_over_) {
      return Leave(server, absl::StrCat("is in ", word,
                                        ", and no lease of ours holds it: somebody else's, left alone "
                                        "without --take-over"));
    }
    if (AnswersItself(view_, *server.resource, server.node, since_) != v1::ANSWER_YES) {
      return Leave(server, absl::StrCat("is in ", word, ", and ", server.node,
                                        " itself does not answer as described, so it is not made ready"));
    }
    SetState(server, v1::LbServerFact::ADMIN_STATE_READY,
             lease == nullptr ? absl::StrCat("was in ", word, ", somebody else's")
                              : absl::StrCat("was in ", word, " after the end of lease ", lease->id()),
             absl::ZeroDuration());
  }

  // Ready here: does a lease of ours hold the node out of service, here (HAProxy has lost its states) or elsewhere?
  void Ready(const RoutedServer& server) {
    const auto held = held_.find(server.node);
    if (held == held_.end()) return;
    const RoutedServer& other = *held->second;
    const bool elsewhere = other.fact->admin_state() != v1::LbServerFact::ADMIN_STATE_READY;
    const v1::LbServerFact::AdminState state =
        elsewhere ? other.fact->admin_state() : v1::LbServerFact::ADMIN_STATE_MAINT;
    const std::string found = absl::StrCat("was ready, and lease ", other.Lease(kServerLease)->id(), " holds ",
                                           server.node, " out of service");
    const absl::Status may = CheckDrain(view_, server.node, since_);
    if (!may.ok()) return Leave(server, absl::StrCat(found, "; left, because ", may.message()));
    SetState(server, state, found, FromProto(other.Lease(kServerLease)->ends_at()) - now_);
  }

  const ClusterView& view_;
  const std::string change_id_;
  const bool take_over_;
  const absl::Time since_;
  const absl::Time now_;
  std::map<std::string, const RoutedServer*>
      held_;  // by node: one that a lease in force is on, out of service if any is
  ReconcilePlan plan_;
};

}  // namespace

ReconcilePlan PlanReconcile(const ClusterView& view, const std::string& change_id, bool take_over, absl::Time since,
                            absl::Time now) {
  return Reconciler(view, change_id, take_over, since, now).Run();
}

}  // namespace jettyfleet
