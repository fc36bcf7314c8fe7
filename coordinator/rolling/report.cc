#include "coordinator/rolling/report.h"

#include "absl/strings/str_cat.h"
#include "common/proto_time.h"
#include "coordinator/rolling/leases.h"
#include "coordinator/rolling/rollout.h"

namespace jettyfleet {
namespace {

// Unset while either end has not been seen.
void SetSpan(absl::Time from, absl::Time to, google::protobuf::Duration* (*field)(v1::NodeReport*),
             v1::NodeReport* report) {
  if (from == absl::InfinitePast() || to == absl::InfinitePast() || to < from) return;
  *field(report) = ToProto(to - from);
}

bool WasDc(const Operation& operation, const NodeVisit& visit) {
  for (const IssuedAction& action : operation.actions) {
    // Acts on the cluster go to the DC's agent.
    const bool in_cib = action.action.has_evict_node() || action.action.has_standby_node();
    if (in_cib && action.node == visit.node && action.host == visit.node) return true;
  }
  return false;
}

// When the node was hit; InfinitePast: it was not.
absl::Time ActedAt(const Operation& operation, const NodeVisit& visit) {
  const auto attempts = operation.Attempts(absl::StrCat(operation.id, "/", visit.node, "/act"));
  return attempts.empty() ? absl::InfinitePast() : attempts.front()->issued_at;
}

v1::OperationState State(const Operation& operation) {
  if (operation.end.has_value()) return operation.end->state();
  return operation.stop.has_value() ? v1::OPERATION_STATE_RESTORING : v1::OPERATION_STATE_RUNNING;
}

}  // namespace

v1::NodeReport BuildNodeReport(const Operation& operation, const NodeVisit& visit, const ClusterView& view) {
  using R = v1::NodeReport;
  R report;
  report.set_node(visit.node);
  report.set_step(visit.step);
  report.set_was_dc(WasDc(operation, visit) || visit.HasReached(v1::NODE_STEP_IS_DC));
  const absl::Time began = visit.Entered(v1::NODE_STEP_GATE);
  if (began != absl::InfinitePast()) *report.mutable_began_at() = ToProto(began);
  SetSpan(
      visit.Entered(v1::NODE_STEP_DRAIN), visit.Reached(v1::NODE_STEP_MAINT), [](R* r) { return r->mutable_drain(); },
      &report);
  SetSpan(
      visit.Entered(v1::NODE_STEP_ACT), visit.Reached(v1::NODE_STEP_LEAVE), [](R* r) { return r->mutable_leave(); },
      &report);
  const absl::Time acted = ActedAt(operation, visit);
  SetSpan(
      acted, visit.Reached(v1::NODE_STEP_NOTICED), [](R* r) { return r->mutable_noticed(); }, &report);
  SetSpan(
      acted, visit.Reached(v1::NODE_STEP_NEW_DC), [](R* r) { return r->mutable_new_dc(); }, &report);
  const absl::Time back = visit.Entered(v1::NODE_STEP_RESTORE);
  SetSpan(
      back, visit.Reached(v1::NODE_STEP_CLUSTER_START), [](R* r) { return r->mutable_return_cluster(); }, &report);
  SetSpan(
      back, visit.Reached(v1::NODE_STEP_UNIT_ACTIVE), [](R* r) { return r->mutable_return_unit(); }, &report);
  SetSpan(
      back, visit.Reached(v1::NODE_STEP_PORT_BOUND), [](R* r) { return r->mutable_return_port(); }, &report);
  SetSpan(
      back, visit.Reached(v1::NODE_STEP_HTTP_READY), [](R* r) { return r->mutable_return_http(); }, &report);
  SetSpan(
      back, visit.Reached(v1::NODE_STEP_LB_READY), [](R* r) { return r->mutable_return_lb(); }, &report);
  SetSpan(
      back, visit.Reached(v1::NODE_STEP_CLUSTER_IDLE), [](R* r) { return r->mutable_return_idle(); }, &report);
  const auto baseline = view.traffic.windows.find(absl::StrCat(visit.node, "/baseline"));
  if (baseline != view.traffic.windows.end()) *report.mutable_baseline() = baseline->second;
  const auto traffic = view.traffic.windows.find(absl::StrCat(visit.node, "/visit"));
  if (traffic != view.traffic.windows.end()) *report.mutable_traffic() = traffic->second;
  report.set_instance_went_to(visit.instance_went_to);
  if (operation.spec.has_rollout() && !operation.spec.rollout().restart_only()) {
    const std::string version =
        visit.HasReached(v1::NODE_STEP_HTTP_READY) ? VersionOf(view, operation.spec.resource(), visit.node) : "";
    *report.mutable_release() = ReleaseOf(operation, visit.node, version);
  }
  return report;
}

v1::OperationState Outcome(const Operation& operation) {
  if (!operation.stop.has_value()) return v1::OPERATION_STATE_PASSED;
  if (operation.stop->cause() == v1::StopRequested::CAUSE_OPERATOR) return v1::OPERATION_STATE_ABORTED;
  return operation.Touched() ? v1::OPERATION_STATE_FAILED : v1::OPERATION_STATE_REFUSED;
}

std::vector<std::string> Remarks(const Operation& operation, const ClusterView& view,
                                 const v1::TrafficSummary& traffic) {
  std::vector<std::string> remarks;
  if (view.description.traffic().url().empty()) {
    remarks.push_back(
        "no traffic was sent, since the description names no traffic.url: what clients felt is not known");
  } else if (operation.Touched()) {
    remarks.push_back(absl::StrCat(
        "sessions: ", traffic.sessions_kept(), " kept, ", traffic.sessions_moved(), " moved, ",
        traffic.sessions_regressed(), " went back, ", traffic.sessions_lost(), " lost. ",
        traffic.sessions_lost() + traffic.sessions_regressed() > 0
            ? "Jetty keeps sessions in its own memory unless a session store is set up, so those of a node that "
              "leaves are lost with it even though no request fails"
            : "none was lost or went back as far as the probe can tell"));
  }
  if (operation.resumes > 0) {
    remarks.push_back(absl::StrCat("the coordinator was restarted during the operation (", operation.resumes,
                                   operation.resumes == 1 ? " time" : " times",
                                   "): requests between and before are missing from the traffic counts"));
  }
  if (view.description.load_balancers_size() == 0) {
    remarks.push_back("no load balancer is described, so nothing was drained");
  }
  for (const NodeVisit& visit : operation.visits) {
    if (visit.instance_went_to.empty()) continue;
    remarks.push_back(absl::StrCat("the instance of ", visit.node, " stayed on ", visit.instance_went_to));
  }
  for (std::string& remark : ReleaseRemarks(operation)) remarks.push_back(std::move(remark));
  return remarks;
}

v1::OperationReport Report(const Operation& operation, const ClusterView& view) {
  v1::OperationReport report;
  report.set_id(operation.id);
  *report.mutable_spec() = operation.spec;
  report.set_state(State(operation));
  *report.mutable_began_at() = ToProto(operation.began_at);
  for (const NodeVisit& visit : operation.visits) {
    *report.add_nodes() = visit.ended ? visit.report : BuildNodeReport(operation, visit, view);
  }
  for (const std::string& node : operation.nodes) {
    bool visited = false;
    for (const NodeVisit& visit : operation.visits) visited = visited || visit.node == node;
    if (visited) continue;
    v1::NodeReport* waiting = report.add_nodes();
    waiting->set_node(node);
    waiting->set_step(v1::NODE_STEP_WAITING);
  }
  if (const NodeVisit* current = operation.Current()) report.set_current_node(current->node);
  if (operation.stop.has_value()) report.set_reason(operation.stop->reason());
  if (operation.end.has_value()) {
    *report.mutable_ended_at() = ToProto(operation.ended_at);
    report.set_reason(operation.end->reason());
    *report.mutable_traffic() = operation.end->traffic();
    *report.mutable_remarks() = operation.end->remarks();
    return report;
  }
  const auto all = view.traffic.windows.find("");
  if (all != view.traffic.windows.end()) *report.mutable_traffic() = all->second;
  return report;
}

}  // namespace jettyfleet
