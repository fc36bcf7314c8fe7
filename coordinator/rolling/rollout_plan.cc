#include "coordinator/rolling/rollout_plan.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "coordinator/rolling/facts.h"
#include "coordinator/rolling/order.h"
#include "coordinator/rolling/rollout.h"

namespace jettyfleet {

absl::StatusOr<std::vector<v1::PlannedVisit>> PlanVisits(const v1::DrillSpec& spec, const ClusterView& view) {
  const HostView* const dc = DcView(view);
  if (dc == nullptr) {
    return absl::FailedPreconditionError(absl::StrCat("no DC with quorum is heard: ", DcClaims(view)));
  }
  const std::set<std::string> holders = StartedOn(dc->report.cluster(), *FindResource(view, spec.resource()));
  std::set<std::string> left(spec.nodes().begin(), spec.nodes().end());
  for (const std::string& node : left) {
    if (holders.count(node) > 0) continue;
    return absl::FailedPreconditionError(
        absl::StrCat("node ", node, " holds no started instance of ", spec.resource()));
  }
  if (left.empty()) left = holders;
  if (left.empty()) {
    return absl::FailedPreconditionError(absl::StrCat("no node holds a started instance of ", spec.resource()));
  }
  const std::string problem = PlanProblem(spec, view.description, dc->report.cluster(), left);
  if (!problem.empty()) return absl::FailedPreconditionError(problem);
  const auto& canaries = spec.rollout().canary_nodes();
  std::vector<v1::PlannedVisit> visits;
  while (!left.empty()) {
    v1::PlannedVisit visit;
    visit.set_node(VisitingOrder(NextOf(spec, left), dc->host, view.coordinator_node).front());
    visit.set_canary(std::count(canaries.begin(), canaries.end(), visit.node()) > 0);
    visit.set_is_dc(visit.node() == dc->host);
    visit.set_version(VersionOf(view, spec.resource(), visit.node()));
    left.erase(visit.node());
    visits.push_back(std::move(visit));
  }
  return visits;
}

}  // namespace jettyfleet
