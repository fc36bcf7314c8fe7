#include "coordinator/rolling/audit_step.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/proto_time.h"
#include "coordinator/rolling/audit/audit.h"
#include "coordinator/rolling/audit/baseline.h"
#include "coordinator/rolling/look_round.h"
#include "coordinator/rolling/prediction_step.h"
#include "coordinator/rolling/timing.h"

namespace jettyfleet {
namespace {

void AskForFacts(absl::Duration age, absl::Time since, Desk* desk) {
  desk->AskAllNodes(Desk::Fact::kCluster, age, since);
  desk->AskAllNodes(Desk::Fact::kCib, age, since);
  desk->AskAllNodes(Desk::Fact::kUnits, age, since);
  for (const auto& [name, host] : desk->view.load_balancers) {
    if (host.connected) desk->Ask(host, Desk::Fact::kLbServers, age, since);
  }
}

LookRound BaselineRound(const NodeVisit& visit, const Desk& desk) {
  LookRound round;
  round.purpose = absl::StrCat(visit.node, "/before");
  round.since = std::max(visit.Entered(v1::NODE_STEP_BASELINE), desk.op.resumed_at);
  return round;
}

// `part`: the visited node, or "end".
LookRound RoundAfter(const v1::AuditBaseline& baseline, const std::string& part, absl::Time began, const Desk& desk) {
  LookRound round;
  round.purpose = absl::StrCat(part, "/after");
  round.since = std::max(began, desk.op.resumed_at);
  for (const auto& [node, leftovers] : baseline.leftovers()) {
    round.cores_since[node] = FromProto(leftovers.observed_at());
  }
  return round;
}

AuditExpectation Expectation(const Operation& op, const std::string& from_node) {
  AuditExpectation expected;
  expected.operation_id = op.id;
  expected.resource = op.spec.resource();
  // What the baseline of that node's visit could not know.
  bool since_baseline = false;
  for (const NodeVisit& visit : op.visits) {
    since_baseline = since_baseline || visit.node == from_node;
    if (since_baseline) expected.visited.insert(visit.node);
    if (since_baseline && !visit.instance_went_to.empty()) expected.moved[visit.node] = visit.instance_went_to;
  }
  return expected;
}

std::string Reason(const v1::AuditFinding& finding) {
  const bool failed = finding.verdict() == v1::AuditFinding::VERDICT_FAILED;
  return absl::StrCat("audit ", finding.id(), failed ? "" : " (not known)", ": ",
                      finding.node().empty() ? "" : absl::StrCat(finding.node(), ": "), finding.text(),
                      finding.remedy().empty() ? "" : "; ", finding.remedy());
}

// The findings once they count: everything has passed, something has failed and does not settle, or the patience is
// over. Asks for facts and looks until then.
std::optional<std::vector<v1::AuditFinding>> Judge(const v1::AuditBaseline& baseline, const AuditExpectation& expected,
                                                   LookRound round, Desk* desk) {
  AskForFacts(kAuditPoll, round.since, desk);
  const AuditObservations now{desk->view, round.since, Answers(round, *desk)};
  std::vector<v1::AuditFinding> findings = JudgeAudit(baseline, now, expected);
  const v1::AuditFinding* const worst = WorstFinding(findings);
  if (worst == nullptr) return findings;
  const bool failed = worst->verdict() == v1::AuditFinding::VERDICT_FAILED;
  const absl::Time until = round.since + (failed ? kAuditSettle : kAuditPatience);
  if (desk->now >= until) return findings;
  desk->WakeAt(until);
  for (const v1::AuditFinding& finding : findings) {
    if (finding.verdict() != v1::AuditFinding::VERDICT_PASSED) round.again.insert(finding.node());
  }
  LookAround(round, desk);
  return std::nullopt;
}

void End(const std::string& node, const std::vector<v1::AuditFinding>& findings,
         const std::vector<v1::Surprise>& surprises, Desk* desk) {
  v1::AuditEnded ended;
  ended.set_node(node);
  for (const v1::AuditFinding& finding : findings) *ended.add_findings() = finding;
  for (const v1::Surprise& surprise : surprises) *ended.add_surprises() = surprise;
  desk->EndAudit(ended);
  if (desk->op.stop.has_value()) return;
  const v1::AuditFinding* const worst = WorstFinding(findings);
  if (worst != nullptr) return desk->Stop(v1::StopRequested::CAUSE_AUDIT, Reason(*worst));
  if (surprises.empty()) return;
  desk->Stop(v1::StopRequested::CAUSE_AUDIT,
             absl::StrCat("Pacemaker did not do what crm_simulate had said: ", surprises.front().text(),
                          "; 'crm_mon -1' and Pacemaker's log on the DC say why"));
}

// Of the first visit that has one: the cluster before anything was touched.
const NodeVisit* FirstWithBaseline(const Operation& op) {
  for (const NodeVisit& visit : op.visits) {
    if (visit.audit_baseline.has_value()) return &visit;
  }
  return nullptr;
}

}  // namespace

void AskForBaseline(const NodeVisit& visit, Desk* desk) {
  if (visit.audit_baseline.has_value()) return;
  const LookRound round = BaselineRound(visit, *desk);
  // Once is enough: it stays as it was, since the gate has just opened.
  AskForFacts(kAuditPatience, round.since, desk);
  LookAround(round, desk);
}

bool TakeBaseline(const NodeVisit& visit, absl::Time deadline, Desk* desk) {
  if (visit.audit_baseline.has_value()) return true;
  const LookRound round = BaselineRound(visit, *desk);
  const absl::StatusOr<v1::AuditBaseline> baseline =
      TakeAuditBaseline({desk->view, round.since, Answers(round, *desk)});
  if (baseline.ok()) {
    desk->TakeBaseline(visit.node, *baseline);
    return false;
  }
  desk->WakeAt(deadline);
  if (desk->now >= deadline) {
    desk->Stop(
        v1::StopRequested::CAUSE_GATE,
        absl::StrCat("what the audits of ", visit.node, " compare with was not seen: ", baseline.status().message()));
  }
  return false;
}

bool Audit(const NodeVisit& visit, Desk* desk) {
  // Without a baseline it was begun by a coordinator that knew of none.
  if (visit.audit.has_value() || !visit.audit_baseline.has_value()) return true;
  const auto findings =
      Judge(*visit.audit_baseline, Expectation(desk->op, visit.node),
            RoundAfter(*visit.audit_baseline, visit.node, visit.Entered(v1::NODE_STEP_AUDIT), *desk), desk);
  if (findings.has_value()) End(visit.node, *findings, Surprises(visit, *desk), desk);
  return false;
}

bool AuditAtEnd(Desk* desk) {
  const NodeVisit* const first = FirstWithBaseline(desk->op);
  if (desk->op.audit.has_value() || first == nullptr || !desk->op.Touched()) return true;
  if (desk->op.audit_began_at == absl::InfinitePast()) {
    desk->BeginAudit();
    return false;
  }
  const auto findings = Judge(*first->audit_baseline, Expectation(desk->op, first->node),
                              RoundAfter(*first->audit_baseline, "end", desk->op.audit_began_at, *desk), desk);
  if (findings.has_value()) End("", *findings, {}, desk);
  return false;
}

}  // namespace jettyfleet
