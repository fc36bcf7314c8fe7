#include "coordinator/rolling/audit/instance_audit.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "coordinator/rolling/facts.h"

namespace jettyfleet {
namespace {

using Place = std::pair<std::string, std::string>;  // primitive, node

// Clone instances that have to run: as before, but for those that stay on a spare.
std::set<Place> ExpectedPlaces(const AuditCase& audit, const v1::ClusterFact& now) {
  std::set<std::string> movable;
  if (const v1::ResourceDescription* const resource = FindResource(audit.now.view, audit.expected.resource)) {
    for (const v1::InstanceFact* const instance : InstancesOf(now, *resource)) {
      movable.insert(PrimitiveOf(instance->resource()));
    }
  }
  std::set<Place> places;
  for (const v1::AuditBaseline::Place& before : audit.baseline.instances()) {
    if (!before.cloned()) continue;
    const auto moved = audit.expected.moved.find(before.node());
    const bool stays_away = moved != audit.expected.moved.end() && movable.count(before.resource()) > 0;
    places.emplace(before.resource(), stays_away ? moved->second : before.node());
  }
  return places;
}

// Where each runs now, and how often; says what is under way or failed.
std::map<Place, int> PlacesNow(const v1::ClusterFact& now, bool cloned, Findings* findings) {
  std::map<Place, int> places;
  for (const v1::InstanceFact& instance : now.instances()) {
    if (instance.orphaned() || instance.clone().empty() == cloned) continue;
    const std::string where = instance.nodes_size() == 0 ? "" : instance.nodes(0);
    if (instance.failed()) {
      findings->Fail(where, absl::StrCat("an instance of ", instance.resource(), " is failed"),
                     absl::StrCat("'pcs resource status' and Pacemaker's log say why"));
      continue;
    }
    if (instance.role() == "Starting" || instance.role() == "Stopping") {
      findings->Unknown(where, absl::StrCat("an instance of ", instance.resource(), " is ", instance.role()));
      continue;
    }
    if (!instance.active()) continue;
    for (const std::string& node : instance.nodes()) ++places[{PrimitiveOf(instance.resource()), node}];
  }
  return places;
}

void JudgeClones(const v1::ClusterFact& now, AuditCase* audit) {
  const std::set<std::string> by_operator = HeldByOperator(*audit);
  const std::set<Place> expected = ExpectedPlaces(*audit, now);
  const std::map<Place, int> places = PlacesNow(now, /*cloned=*/true, &audit->findings);
  for (const Place& place : expected) {
    if (places.count(place) > 0) continue;
    const std::string text = absl::StrCat("no instance of ", place.first, " runs there");
    if (by_operator.count(place.second) > 0) {
      audit->findings.Remark(place.second, text + ": an operator holds it out");
    } else {
      audit->findings.Fail(place.second, text, "'crm_simulate -sL' shows what keeps it away");
    }
  }
  for (const auto& [place, count] : places) {
    if (count > 1) {
      audit->findings.Fail(place.second, absl::StrCat(place.first, " runs there ", count, " times"),
                           "'crm_resource --locate' and systemd say which; stop one by hand");
    }
    if (expected.count(place) > 0) continue;
    const std::string text = absl::StrCat("an instance of ", place.first, " runs there, and did not before");
    if (by_operator.empty()) {
      audit->findings.Fail(place.second, text, "'crm_simulate -sL' shows what keeps it there");
    } else {
      audit->findings.Remark(place.second, text + ": an operator holds another node out");
    }
  }
}

// They may have had to move; they may not be gone, or run twice.
void JudgeSingles(const v1::ClusterFact& now, AuditCase* audit) {
  const std::map<Place, int> places = PlacesNow(now, /*cloned=*/false, &audit->findings);
  std::map<std::string, std::set<std::string>> runs_on;
  for (const auto& [place, count] : places) runs_on[place.first].insert(place.second);
  for (const auto& [resource, nodes] : runs_on) {
    if (nodes.size() > 1) {
      audit->findings.Fail(*nodes.begin(), absl::StrCat(resource, " runs there and on ", *nodes.rbegin()),
                           "it must run once; see Pacemaker's log");
    }
  }
  std::set<std::string> unsettled;
  for (const v1::InstanceFact& instance : now.instances()) {
    if (instance.failed() || instance.role() == "Starting" || instance.role() == "Stopping") {
      unsettled.insert(PrimitiveOf(instance.resource()));
    }
  }
  for (const v1::AuditBaseline::Place& before : audit->baseline.instances()) {
    if (before.cloned() || unsettled.count(before.resource()) > 0) continue;
    const auto found = runs_on.find(before.resource());
    if (found == runs_on.end()) {
      audit->findings.Fail(before.node(), absl::StrCat(before.resource(), " ran there, and runs nowhere now"),
                           "'pcs resource status' and Pacemaker's log say why");
    } else if (found->second.count(before.node()) == 0) {
      audit->findings.Remark(before.node(),
                             absl::StrCat(before.resource(), " has moved from there to ", *found->second.begin()));
    }
  }
}

bool IsSame(const v1::FailureFact& a, const v1::FailureFact& b) {
  return PrimitiveOf(a.resource()) == PrimitiveOf(b.resource()) && a.node() == b.node() &&
         a.operation() == b.operation();
}

void JudgeFailures(AuditCase* audit) {
  audit->findings.Begin("failed-actions");
  const HostView* const dc = SeenDc(audit);
  if (dc == nullptr) return;
  for (const v1::FailureFact& failure : dc->report.cluster().failures()) {
    const auto& before = audit->baseline.failures();
    const bool known = std::any_of(before.begin(), before.end(), [&failure](const v1::FailureFact& old) {
      return IsSame(failure, old) && failure.last_change() == old.last_change();
    });
    const auto& expected = audit->expected.failures;
    const bool ours = std::any_of(expected.begin(), expected.end(),
                                  [&failure](const v1::FailureFact& ours) { return IsSame(failure, ours); });
    if (known || ours) continue;
    audit->findings.Fail(failure.node(),
                         absl::StrCat("action ", failure.operation(), " of ", failure.resource(), " has failed",
                                      failure.exit_reason().empty() ? "" : ": ", failure.exit_reason()),
                         absl::StrCat("find its cause, then 'pcs resource cleanup ", PrimitiveOf(failure.resource()),
                                      " node=", failure.node(), "'"));
  }
}

}  // namespace

void AuditInstances(AuditCase* audit) {
  audit->findings.Begin("instances");
  if (const HostView* const dc = SeenDc(audit); dc != nullptr && SeenCib(audit) != nullptr) {
    JudgeClones(dc->report.cluster(), audit);
    JudgeSingles(dc->report.cluster(), audit);
  }
  JudgeFailures(audit);
}

}  // namespace jettyfleet
