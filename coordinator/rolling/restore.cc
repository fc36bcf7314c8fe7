#include "coordinator/rolling/restore.h"

#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/proto_time.h"
#include "coordinator/rolling/facts.h"
#include "coordinator/rolling/timing.h"

namespace jettyfleet {
namespace {

class Plan {
 public:
  Plan(const ClusterView& view, const std::string& request_id, bool take_over, absl::Time now)
      : view_(view), request_id_(request_id), take_over_(take_over), now_(now) {}

  std::vector<RestoreStep> Make() {
    for (const v1::LoadBalancerDescription& lb : view_.description.load_balancers()) AddServers(lb);
    for (const auto& [name, host] : view_.nodes) AddFaults(name, host);
    AddCib();
    return std::move(steps_);
  }

 private:
  void Add(std::string what, const std::string& host, v1::Action action, absl::Duration timeout,
           const std::string& operation_id) {
    action.set_id(absl::StrCat("restore/", request_id_, "/", steps_.size() + 1));
    action.set_epoch(view_.epoch);
    action.set_operation_id(operation_id);
    *action.mutable_timeout() = ToProto(timeout);
    steps_.push_back({std::move(what), {host, std::move(action), /*undo=*/true}, ""});
  }

  void AddProblem(std::string what, std::string problem) {
    steps_.push_back({std::move(what), {}, std::move(problem)});
  }

  void AddServers(const v1::LoadBalancerDescription& lb) {
    const HostView* host = ConnectedLoadBalancer(view_, lb.host());
    if (host == nullptr) {
      if (asked_hosts_.insert(lb.host()).second) {
        AddProblem(absl::StrCat("servers on ", lb.host()),
                   "its agent is not connected; 'jettyfleet-agent undo --all' on that host needs no coordinator");
      }
      return;
    }
    for (const v1::LeaseFact& lease : host->report.leases()) {
      const std::pair<std::string, std::string> target = absl::StrSplit(lease.target(), absl::MaxSplits('/', 1));
      if (target.first != lb.backend()) continue;
      v1::Action action;
      if (lease.kind() == "lb-weight") {
        v1::SetLbWeight* set = action.mutable_set_lb_weight();
        set->set_backend(target.first);
        set->set_server(target.second);
        set->set_mode(v1::SetLbWeight::MODE_BACK);
        set->set_lease_id(lease.id());
        Add(absl::StrCat("weight of ", lease.target(), " on ", lb.host(), ", held by ", lease.id()), lb.host(),
            std::move(action), kLbActionTimeout, lease.operation_id());
        continue;
      }
      if (lease.kind() != "lb-server") continue;
      v1::SetLbServer* set = action.mutable_set_lb_server();
      set->set_backend(target.first);
      set->set_server(target.second);
      set->set_state(v1::LbServerFact::ADMIN_STATE_READY);
      set->set_lease_id(lease.id());
      Add(absl::StrCat("server ", lease.target(), " on ", lb.host(), ", held by ", lease.id()), lb.host(),
          std::move(action), kLbActionTimeout, lease.operation_id());
    }
  }

  void AddFaults(const std::string& node, const HostView& host) {
    for (const v1::LeaseFact& lease : host.report.leases()) {
      if (!IsFaultLease(lease)) continue;
      const std::string what = absl::StrCat(lease.kind(), " of ", lease.target(), " on ", node, ", held by ", lease.id());
      if (!host.connected) {
        AddProblem(what, "its agent is not connected; 'jettyfleet-agent undo --all' on that host needs no coordinator");
        continue;
      }
      v1::Action action;
      action.mutable_undo_fault()->set_lease_id(lease.id());
      Add(what, node, std::move(action), kFaultActionTimeout, lease.operation_id());
    }
  }

  void AddCib() {
    const HostView* dc = DcView(view_);
    if (dc == nullptr || !dc->report.cib().error().empty()) {
      AddProblem("entries of ours in the CIB",
                 "no DC with quorum is heard; what is in force ends by itself at its lease's end");
      return;
    }
    for (const v1::CibEntryFact& entry : dc->report.cib().ours()) {
      if (entry.kind() != v1::CibEntryFact::KIND_LOCK) AddEntry(*dc, entry);
    }
    // The lock last: while it stands, nobody else begins.
    if (const v1::CibEntryFact* lock = FindLock(*dc)) AddLock(*dc, *lock);
  }

  void AddEntry(const HostView& dc, const v1::CibEntryFact& entry) {
    const bool rule = entry.kind() == v1::CibEntryFact::KIND_EVICT_RULE;
    v1::Action action;
    action.mutable_remove_cib_lease()->set_lease_id(entry.id());
    action.mutable_remove_cib_lease()->set_node(entry.node());
    Add(absl::StrCat(rule ? "rule " : "standby ", entry.id(), " on ", entry.node()), dc.host, std::move(action),
        kCibActionTimeout, entry.operation_id());
  }

  void AddLock(const HostView& dc, const v1::CibEntryFact& lock) {
    const std::string what = absl::StrCat("lock of operation ", lock.operation_id());
    if (lock.holder() != view_.coordinator_uuid && FromProto(lock.ends_at()) > now_ && !take_over_) {
      AddProblem(what, absl::StrCat("coordinator ", lock.holder(), " holds it until ",
                                    absl::FormatTime("%H:%M:%SZ", FromProto(lock.ends_at()), absl::UTCTimeZone()),
                                    "; where that one is gone for good: jettyfleet takeover ", view_.cluster));
      return;
    }
    v1::Action action;
    action.mutable_release_lock()->set_holder(lock.holder());
    Add(what, dc.host, std::move(action), kCibActionTimeout, lock.operation_id());
  }

  const ClusterView& view_;
  const std::string& request_id_;
  const bool take_over_;
  const absl::Time now_;
  std::set<std::string> asked_hosts_;
  std::vector<RestoreStep> steps_;
};

}  // namespace

std::vector<RestoreStep> PlanRestore(const ClusterView& view, const std::string& request_id, bool take_over,
                                     absl::Time now) {
  return Plan(view, request_id, take_over, now).Make();
}

}  // namespace jettyfleet
