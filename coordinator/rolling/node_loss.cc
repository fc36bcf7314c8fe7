#include "coordinator/rolling/node_loss.h"

#include <algorithm>

#include "coordinator/rolling/facts.h"
#include "coordinator/rolling/fault.h"
#include "coordinator/rolling/scenario.h"
#include "coordinator/rolling/timing.h"

namespace jettyfleet {
namespace {

// nullptr: the cluster does not know that node.
const v1::ClusterNodeFact* NodeOf(const v1::ClusterFact& fact, const std::string& name) {
  for (const v1::ClusterNodeFact& node : fact.nodes()) {
    if (node.name() == name) return &node;
  }
  return nullptr;
}

bool IsWhole(const v1::ClusterNodeFact& node) { return node.online() && !node.unclean() && !node.pending(); }

}  // namespace

bool NodeIsGone(const NodeVisit& visit, const ClusterView& view, absl::Time since) {
  const HostView* const dc = DcView(view);
  if (dc == nullptr || dc->host == visit.node || dc->fresh.cluster < since) return false;
  const v1::ClusterNodeFact* const node = NodeOf(dc->report.cluster(), visit.node);
  return node != nullptr && !node->online() && !node->unclean();
}

bool NodeIsBack(const NodeVisit& visit, const ClusterView& view, absl::Time since) {
  const HostView* const dc = DcView(view);
  if (dc == nullptr || dc->fresh.cluster < since) return false;
  const v1::ClusterNodeFact* const node = NodeOf(dc->report.cluster(), visit.node);
  return node != nullptr && IsWhole(*node);
}

void SeeNodeLeave(const NodeVisit& visit, Desk* desk) {
  const absl::Time since = std::max(visit.Entered(v1::NODE_STEP_ACT), desk->op.resumed_at);
  desk->AskAllNodes(Desk::Fact::kCluster, kClusterPoll, since);
  desk->AskAllNodes(Desk::Fact::kHttp, kClusterPoll, since);
  const HostView* const host = ConnectedNode(desk->view, visit.node);
  if (host != nullptr) desk->Ask(*host, Desk::Fact::kUnits, kUnitPoll, since);
  const v1::ResourceDescription* const resource = FindResource(desk->view, desk->op.spec.resource());
  const HostView* const dc = DcView(desk->view);
  if (resource == nullptr || dc == nullptr || dc->fresh.cluster < since) return;
  const v1::ClusterNodeFact* const node = NodeOf(dc->report.cluster(), visit.node);
  const bool whole = node != nullptr && IsWhole(*node);
  // What it was before the coordinator's restart may be over: then its instance tells of the boot.
  const bool gone = NodeIsGone(visit, desk->view, since) || InstanceHasEnded(visit, *desk);
  if (!visit.HasReached(v1::NODE_STEP_NOTICED) && (!whole || gone)) {
    return desk->Reach(visit.node, v1::NODE_STEP_NOTICED);
  }
  if (visit.HasReached(v1::NODE_STEP_IS_DC) && !visit.HasReached(v1::NODE_STEP_NEW_DC) && dc->host != visit.node) {
    return desk->Reach(visit.node, v1::NODE_STEP_NEW_DC);
  }
  if (!visit.HasReached(v1::NODE_STEP_LEAVE)) {
    const absl::Time settled = visit.Entered(v1::NODE_STEP_LEAVE) + kDaemonSettle;
    const bool in_place = !TraitsOf(desk->op.spec).takes_node && whole && dc->fresh.cluster >= settled;
    if (!TraitsOf(desk->op.spec).takes_node) desk->WakeAt(settled);
    if (gone || in_place) desk->Reach(visit.node, v1::NODE_STEP_LEAVE);
    return;
  }
  if (CountServing(desk->view, dc->report.cluster(), *resource, visit.node, visit.Reached(v1::NODE_STEP_LEAVE)) <
      static_cast<int>(desk->op.spec.min_serving())) {
    return;
  }
  desk->Enter(visit.node, v1::NODE_STEP_RESTORE,
              visit.HasReached(v1::NODE_STEP_NOTICED) ? "the cluster has dealt with it and the others serve"
                                                      : "it recovered in place and the others serve");
}

}  // namespace jettyfleet
