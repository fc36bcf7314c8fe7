#include "coordinator/rolling/audit/process_audit.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "coordinator/rolling/facts.h"

namespace jettyfleet {
namespace {

const v1::UnitFact* Find(const HostView& host, const std::string& unit) {
  for (const v1::UnitFact& fact : host.report.units()) {
    if (fact.unit() == unit && fact.error().empty()) return &fact;
  }
  return nullptr;
}

bool IsSame(const v1::AuditBaseline::Process& before, const v1::UnitFact& now) {
  if (before.main_pid() != now.main_pid()) return false;
  // Numbers of processes come round, after a boot above all.
  return !before.has_active_since() || !now.has_active_since() ||
         (before.active_since().seconds() == now.active_since().seconds() &&
          before.active_since().nanos() == now.active_since().nanos());
}

void JudgeProcess(const v1::AuditBaseline::Process& before, bool held_by_operator, AuditCase* audit) {
  const std::string& node = before.node();
  const HostView* const host = ConnectedNode(audit->now.view, node);
  if (host == nullptr) return audit->findings.Unknown(node, "its agent is not connected");
  if (host->fresh.units < audit->now.since) return audit->findings.Unknown(node, "its units have not been read yet");
  const v1::UnitFact* const now = Find(*host, before.unit());
  if (now == nullptr)
    return audit->findings.Unknown(node, absl::StrCat("the state of ", before.unit(), " is not told"));
  if (now->active_state() == "active" && IsSame(before, *now)) return;
  const std::string text = absl::StrCat(
      before.unit(), now->active_state() == "active" ? " was started anew" : absl::StrCat(" is ", now->active_state()),
      ", and was not to be touched");
  if (held_by_operator) return audit->findings.Remark(node, text + ": an operator holds the node out");
  audit->findings.Fail(node, text, absl::StrCat("'journalctl -u ", before.unit(), "' and Pacemaker's log say why"));
}

}  // namespace

void AuditProcesses(AuditCase* audit) {
  audit->findings.Begin("processes");
  std::set<std::string> units;
  for (const v1::ResourceDescription& resource : audit->now.view.description.resources()) {
    units.insert(absl::StrCat(resource.unit(), ".service"));
  }
  const std::set<std::string> by_operator = HeldByOperator(*audit);
  for (const v1::AuditBaseline::Process& before : audit->baseline.processes()) {
    if (units.count(before.unit()) == 0 || audit->expected.visited.count(before.node()) > 0) continue;
    JudgeProcess(before, by_operator.count(before.node()) > 0, audit);
  }
}

}  // namespace jettyfleet
