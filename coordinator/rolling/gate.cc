#include "coordinator/rolling/gate.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "common/proto_time.h"
#include "coordinator/rolling/facts.h"
#include "coordinator/rolling/scenario.h"
#include "coordinator/rolling/timing.h"
#include "coordinator/rolling/votes.h"

namespace jettyfleet {
namespace {

class Gate {
 public:
  Gate(const Operation& op, const ClusterView& view, const std::string& node, GateScope scope, absl::Time since,
       absl::Time now)
      : op_(op), view_(view), node_(node), scope_(scope), since_(since), now_(now) {}

  std::vector<GateProblem> Judge() {
    resource_ = FindResource(view_, op_.spec.resource());
    if (resource_ == nullptr) {
      Refuse(absl::StrCat("the description of cluster ", view_.cluster, " has no resource ", op_.spec.resource()));
      return std::move(problems_);
    }
    dc_ = DcView(view_);
    if (TraitsOf(op_.spec).may_fence && node_ == view_.coordinator_node) {
      Refuse(absl::StrCat("the coordinator itself runs on ", node_, " and would go with it; leave it out with --node"));
    }
    JudgeAgents();
    if (dc_ == nullptr) {
      Wait("no DC with quorum, or the nodes name different ones");
      return std::move(problems_);
    }
    JudgeViews();
    JudgeNodes();
    JudgeCluster();
    JudgeInstances();
    JudgeCib();
    JudgeLoadBalancers();
    return std::move(problems_);
  }

 private:
  void Refuse(std::string text) { problems_.push_back({std::move(text), GateProblem::kFirm}); }
  void Wait(std::string text) { problems_.push_back({std::move(text), GateProblem::kSettles}); }
  void NotSeen(std::string text) { problems_.push_back({std::move(text), GateProblem::kNotSeen}); }

  const v1::ClusterFact& Fact() const { return dc_->report.cluster(); }

  void JudgeAgents() {
    std::set<std::string> wanted(view_.description.nodes().begin(), view_.description.nodes().end());
    if (dc_ != nullptr) {
      for (const v1::ClusterNodeFact& node : Fact().nodes()) wanted.insert(node.name());
    }
    for (const std::string& name : wanted) {
      const HostView* host = ConnectedNode(view_, name);
      if (host == nullptr) {
        Wait(absl::StrCat("the agent of node ", name, " is not connected"));
        continue;
      }
      const Freshness& fresh = host->fresh;
      if (std::min({fresh.cluster, fresh.units, fresh.http}) < since_) {
        NotSeen(absl::StrCat("node ", name, " has not been observed since the gate began"));
      }
      for (const v1::LeaseFact& lease : host->report.leases()) {
        if (!IsFaultLease(lease) || lease.operation_id() == op_.id || FromProto(lease.ends_at()) <= now_) continue;
        Refuse(absl::StrCat("node ", name, " still holds lease ", lease.id(), " (", lease.kind(), " of ",
                            lease.target(), "); 'jettyfleet restore ", view_.cluster, "' ends it"));
      }
      const absl::Time by_its_clock = FromProto(host->report.cluster().observed_at());
      if (by_its_clock > now_ + kClockTolerance) {
        Refuse(absl::StrCat("the clock of ", name, " is ", absl::FormatDuration(by_its_clock - now_),
                            " ahead of the coordinator's; leases end by it, so set it right"));
      }
    }
  }

  // Every connected node has to see the same cluster.
  void JudgeViews() {
    for (const auto& [name, host] : view_.nodes) {
      if (!host.connected) continue;
      const v1::ClusterFact& fact = host.report.cluster();
      if (fact.connected() == v1::ANSWER_NO) {
        Refuse(absl::StrCat("node ", name, " is not connected to the cluster"));
      } else if (fact.quorum().quorate() == v1::ANSWER_NO) {
        Refuse(absl::StrCat("node ", name, " has no quorum"));
      } else if (fact.connected() != v1::ANSWER_YES || fact.quorum().quorate() != v1::ANSWER_YES) {
        Wait(absl::StrCat("node ", name, " cannot tell whether it has quorum: ", fact.error(), fact.quorum().error()));
      } else if (fact.dc() != dc_->host) {
        Wait(absl::StrCat("node ", name, " names DC '", fact.dc(), "', not '", dc_->host, "'"));
      }
    }
  }

  void JudgeNodes() {
    for (const v1::ClusterNodeFact& node : Fact().nodes()) {
      if (node.unclean()) {
        Refuse(absl::StrCat("node ", node.name(), " is unclean"));
      } else if (node.pending()) {
        Wait(absl::StrCat("node ", node.name(), " is still joining"));
      } else if (!node.online()) {
        Refuse(absl::StrCat("node ", node.name(), " is offline"));
      } else if (node.standby() || node.standby_onfail()) {
        Refuse(absl::StrCat("node ", node.name(), " is in standby"));
      } else if (node.maintenance()) {
        Refuse(absl::StrCat("node ", node.name(), " is in maintenance"));
      } else if (node.shutdown()) {
        Refuse(absl::StrCat("node ", node.name(), " is shutting down"));
      }
    }
  }

  void JudgeCluster() {
    if (Fact().maintenance_mode()) Refuse("the cluster is in maintenance mode");
    if (Fact().idle() != v1::ANSWER_YES) {
      Wait(absl::StrCat("the cluster is not idle (", Fact().dc_state().empty() ? "unknown" : Fact().dc_state(), ")"));
    }
    // What our own faults made fail was cleaned up by the visit before: every failure is somebody else's, and its cause
    // not ours to judge.
    for (const v1::FailureFact& failure : Fact().failures()) {
      Refuse(absl::StrCat("failed action ", failure.operation(), " of ", failure.resource(), " on ", failure.node(),
                          "; find its cause, then 'pcs resource cleanup ", failure.resource(), "'"));
    }
    const std::string votes = VotesProblem(Fact());
    if (!votes.empty()) Refuse(votes);
  }

  void JudgeInstances() {
    const std::vector<const v1::InstanceFact*> instances = InstancesOf(Fact(), *resource_);
    if (instances.empty()) {
      Refuse(absl::StrCat("the cluster runs no resource systemd:", resource_->unit(), "; 'jettyfleet apply' makes it"));
      return;
    }
    for (const v1::InstanceFact* instance : instances) JudgeInstance(*instance);
    const std::set<std::string> started = StartedOn(Fact(), *resource_);
    if (op_.planned && started.size() != op_.instance_nodes.size()) {
      Wait(absl::StrCat(started.size(), " instances are started, there were ", op_.instance_nodes.size()));
    }
    if (started.count(node_) == 0) Refuse(absl::StrCat("node ", node_, " holds no instance"));
    for (const std::string& name : started) {
      if (name != node_ || !MayBeBroken()) JudgeReady(name);
    }
    const int serving = CountServing(view_, Fact(), *resource_, node_, since_);
    if (serving < static_cast<int>(op_.spec.min_serving())) {
      Wait(absl::StrCat(serving, " other instances answer HTTP, min_serving is ", op_.spec.min_serving()));
    }
  }

  // What a rollback takes back may be why the node does not serve.
  bool MayBeBroken() const { return !op_.spec.rollout().rolls_back().empty(); }

  void JudgeInstance(const v1::InstanceFact& instance) {
    if (instance.clone().empty()) {
      Refuse(absl::StrCat(instance.resource(), " is not cloned; 'jettyfleet apply' clones it"));
    } else if (!instance.managed() || instance.disabled()) {
      Refuse(absl::StrCat(instance.resource(), " is ", instance.disabled() ? "disabled" : "unmanaged"));
    } else if (instance.failed() || instance.blocked()) {
      Refuse(absl::StrCat("an instance of ", instance.resource(), " is ", instance.failed() ? "failed" : "blocked"));
    } else if (!IsStarted(instance)) {
      Wait(absl::StrCat("an instance of ", instance.resource(), " is ", instance.role()));
    }
  }

  void JudgeReady(const std::string& name) {
    const HostView* host = ConnectedNode(view_, name);
    if (host == nullptr) return;  // said before
    if (UnitActive(*host, *resource_) != v1::ANSWER_YES) Wait(absl::StrCat("the unit on ", name, " is not active"));
    if (PortsBound(*host, *resource_) != v1::ANSWER_YES) {
      Wait(absl::StrCat("a port on ", name, " is not known to be bound by the unit"));
    }
    if (HttpHealthy(*host, *resource_) != v1::ANSWER_YES) {
      Wait(absl::StrCat("HTTP on ", name, " is not as described"));
    }
  }

  void JudgeCib() {
    const v1::CibFact& cib = dc_->report.cib();
    if (dc_->fresh.cib < since_ || !cib.error().empty()) {
      NotSeen(absl::StrCat("the CIB has not been read since the gate began ", cib.error()));
      return;
    }
    bool locked = false;
    for (const v1::CibEntryFact& entry : cib.ours()) {
      const bool our_lock = entry.kind() == v1::CibEntryFact::KIND_LOCK && entry.operation_id() == op_.id &&
                            entry.holder() == view_.coordinator_uuid;
      locked = locked || our_lock;
      if (!our_lock) {
        Refuse(absl::StrCat("the CIB still holds ", entry.id(), " of operation ", entry.operation_id(),
                            "; 'jettyfleet restore ", view_.cluster, "' removes it"));
      }
    }
    if (!locked) Refuse("the CIB does not hold this operation's lock");
  }

  void JudgeLoadBalancers() {
    for (const v1::LoadBalancerDescription& lb : view_.description.load_balancers()) {
      if (lb.resource() != resource_->name()) continue;
      const HostView* host = ConnectedLoadBalancer(view_, lb.host());
      if (host == nullptr) {
        Wait(absl::StrCat("the agent of load balancer ", lb.host(), " is not connected"));
        continue;
      }
      if (host->fresh.lb_servers < since_) {
        NotSeen(absl::StrCat("load balancer ", lb.host(), " has not been observed since the gate began"));
      }
      for (const v1::LeaseFact& lease : host->report.leases()) {
        if (lease.operation_id() == op_.id || FromProto(lease.ends_at()) <= now_) continue;
        Refuse(absl::StrCat("load balancer ", lb.host(), " still holds lease ", lease.id(), " on ", lease.target(),
                            "; 'jettyfleet restore ", view_.cluster, "' ends it"));
      }
    }
    for (const std::string& name : StartedOn(Fact(), *resource_)) JudgeServers(name);
  }

  void JudgeServers(const std::string& name) {
    const std::vector<ServerRef> servers = ServersFor(view_, resource_->name(), name);
    if (servers.empty() && view_.description.load_balancers_size() > 0) {
      Refuse(absl::StrCat("no load balancer of the description has a server for node ", name));
    }
    for (const ServerRef& server : servers) {
      if (server.lb == nullptr) continue;  // said before
      const std::string what = absl::StrCat("server ", server.backend, "/", server.server, " on ", server.host);
      if (server.fact == nullptr || !server.fact->error().empty()) {
        Wait(absl::StrCat(what, " is not reported"));
      } else if (name == node_ && scope_ == GateScope::kBeforeAct) {
        continue;  // out of rotation by our hand
      } else if (server.fact->status() == "no check") {
        Refuse(absl::StrCat(what, " has no health check; add 'check' and 'option httpchk'"));
      } else if (server.fact->admin_state() != v1::LbServerFact::ADMIN_STATE_READY) {
        Refuse(absl::StrCat(what, " is not ready (", server.fact->status(), ")"));
      } else if (!IsUpAndChecked(*server.fact) && (name != node_ || !MayBeBroken())) {
        Wait(absl::StrCat(what, " is ", server.fact->status(), " ", server.fact->check_status()));
      }
    }
  }

  const Operation& op_;
  const ClusterView& view_;
  const std::string& node_;
  const GateScope scope_;
  const absl::Time since_;
  const absl::Time now_;
  const v1::ResourceDescription* resource_ = nullptr;
  const HostView* dc_ = nullptr;
  std::vector<GateProblem> problems_;
};

}  // namespace

std::vector<GateProblem> JudgeGate(const Operation& operation, const ClusterView& view, const std::string& node,
                                   GateScope scope, absl::Time since, absl::Time now) {
  return Gate(operation, view, node, scope, since, now).Judge();
}

std::string Describe(const std::vector<GateProblem>& problems) {
  constexpr size_t kShown = 3;
  // What will not pass by itself says more than what is merely not there yet.
  std::vector<const GateProblem*> sorted;
  for (const GateProblem& problem : problems) sorted.push_back(&problem);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const GateProblem* a, const GateProblem* b) { return a->kind < b->kind; });
  std::string text;
  for (size_t i = 0; i < sorted.size() && i < kShown; ++i) {
    absl::StrAppend(&text, i == 0 ? "" : "; ", sorted[i]->text);
  }
  if (sorted.size() > kShown) absl::StrAppend(&text, "; and ", sorted.size() - kShown, " more");
  return text;
}

}  // namespace jettyfleet
