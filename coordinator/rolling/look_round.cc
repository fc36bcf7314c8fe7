#include "coordinator/rolling/look_round.h"

#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/proto_time.h"
#include "coordinator/rolling/audit/baseline.h"
#include "coordinator/rolling/facts.h"
#include "coordinator/rolling/timing.h"

namespace jettyfleet {
namespace {

std::string PurposeFor(const LookRound& round, const std::string& node, const Desk& desk) {
  return absl::StrCat(desk.op.id, "/", round.purpose, "-", node);
}

v1::Action LookFor(const LookRound& round, const std::string& node, const Desk& desk) {
  v1::Action action;
  v1::LookAtLeftovers* const look = action.mutable_look_at_leftovers();
  // Two resources may be about one unit.
  std::set<std::string> units;
  for (const v1::ResourceDescription& resource : desk.view.description.resources()) units.insert(resource.unit());
  look->mutable_units()->Assign(units.begin(), units.end());
  const auto cores_since = round.cores_since.find(node);
  if (cores_since != round.cores_since.end()) *look->mutable_cores_since() = ToProto(cores_since->second);
  return action;
}

bool HasToAsk(const LookRound& round, const std::string& node, Desk* desk) {
  const std::vector<const IssuedAction*> attempts = desk->op.Attempts(PurposeFor(round, node, *desk));
  if (attempts.empty() || attempts.back()->issued_at < round.since) return true;
  const IssuedAction& last = *attempts.back();
  if (!last.ended) return false;
  if (last.Answered(v1::ActionResult::OUTCOME_DONE) && round.again.count(node) == 0) return false;
  desk->WakeAt(last.ended_at + kAuditPoll);
  return desk->now >= last.ended_at + kAuditPoll;
}

}  // namespace

void LookAround(const LookRound& round, Desk* desk) {
  for (const std::string& node : NodesToLookAt(desk->view)) {
    if (ConnectedNode(desk->view, node) == nullptr || !HasToAsk(round, node, desk)) continue;
    desk->Act(node, node, PurposeFor(round, node, *desk), LookFor(round, node, *desk), kLookTimeout);
  }
}

std::map<std::string, v1::Leftovers> Answers(const LookRound& round, const Desk& desk) {
  std::map<std::string, v1::Leftovers> answers;
  for (const std::string& node : NodesToLookAt(desk.view)) {
    for (const IssuedAction* const look : desk.op.Attempts(PurposeFor(round, node, desk))) {
      if (look->issued_at < round.since || !look->Answered(v1::ActionResult::OUTCOME_DONE)) continue;
      answers[node] = look->result.leftovers();
    }
  }
  return answers;
}

}  // namespace jettyfleet
