#include "coordinator/rolling/prediction_step.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "coordinator/rolling/audit/compare_transition.h"
#include "coordinator/rolling/facts.h"
#include "coordinator/rolling/scenario.h"
#include "coordinator/rolling/timing.h"

namespace jettyfleet {
namespace {

using Look = v1::PredictTransition;

Look::Cause CauseOf(const v1::DrillSpec& spec) {
  switch (spec.scenario()) {
    case v1::SCENARIO_EVICT:
    case v1::SCENARIO_ROLLOUT:
      return Look::CAUSE_EVICTED;
    case v1::SCENARIO_STANDBY:
      return Look::CAUSE_STANDBY;
    case v1::SCENARIO_UNIT_STOP:
    case v1::SCENARIO_UNIT_KILL:
      return Look::CAUSE_MONITOR_FAILS;
    default:
      return TraitsOf(spec).takes_node ? Look::CAUSE_NODE_LOST : Look::CAUSE_UNSPECIFIED;
  }
}

// "jetty:1" is an instance of "jetty".
std::string PrimitiveOf(const std::string& instance) { return instance.substr(0, instance.find(':')); }

// The primitive that the described resource is in this cluster; empty: there is none.
std::string OwnPrimitive(const v1::ClusterFact& fact, const v1::ResourceDescription& resource) {
  const std::vector<const v1::InstanceFact*> instances = InstancesOf(fact, resource);
  return instances.empty() ? "" : PrimitiveOf(instances.front()->resource());
}

std::string Purpose(const NodeVisit& visit, const Desk& desk) {
  return absl::StrCat(desk.op.id, "/", visit.node, "/predict");
}

void Record(const NodeVisit& visit, v1::PredictedTransition predicted, Desk* desk) {
  predicted.set_node(visit.node);
  desk->Predict(visit.node, predicted);
}

v1::PredictedTransition Unknown(const std::string& why) {
  v1::PredictedTransition predicted;
  predicted.set_error(why);
  return predicted;
}

std::set<ResourcePlace> PlacesBefore(const v1::AuditBaseline& baseline) {
  std::set<ResourcePlace> places;
  for (const v1::AuditBaseline::Place& place : baseline.instances()) places.emplace(place.resource(), place.node());
  return places;
}

std::set<ResourcePlace> PlacesNow(const v1::ClusterFact& fact) {
  std::set<ResourcePlace> places;
  for (const v1::InstanceFact& instance : fact.instances()) {
    if (!instance.active() || instance.orphaned()) continue;
    for (const std::string& node : instance.nodes()) places.emplace(PrimitiveOf(instance.resource()), node);
  }
  return places;
}

// What a lost node ran is gone without a stop of its own; where instances run afterwards tells it.
void AddFromPlacements(const std::set<ResourcePlace>& before, v1::PredictedTransition* predicted) {
  std::set<std::string> told;
  std::set<ResourcePlace> after;
  for (const v1::PredictedPlacement& placement : predicted->placements()) {
    told.insert(placement.resource());
    for (const std::string& node : placement.nodes()) after.emplace(placement.resource(), node);
  }
  const auto add = [predicted](const char* task, const ResourcePlace& place) {
    v1::PredictedOperation* const operation = predicted->add_operations();
    operation->set_task(task);
    operation->set_resource(place.first);
    operation->set_node(place.second);
  };
  for (const ResourcePlace& place : before) {
    if (told.count(place.first) > 0 && after.count(place) == 0) add("stop", place);
  }
  for (const ResourcePlace& place : after) {
    if (before.count(place) == 0) add("start", place);
  }
}

// It was back before anybody looked, or went back again; only the visited instance's own way is known to the end.
bool MayHaveGoneBack(const v1::Surprise& surprise) {
  return surprise.kind() == v1::Surprise::KIND_STAYED || surprise.kind() == v1::Surprise::KIND_NOT_STARTED;
}

}  // namespace

absl::optional<Look> QuestionAbout(const v1::DrillSpec& spec, const v1::ClusterFact& fact,
                                   const v1::ResourceDescription& resource, const std::string& node) {
  Look look;
  look.set_cause(CauseOf(spec));
  look.set_node(node);
  if (look.cause() == Look::CAUSE_UNSPECIFIED) return absl::nullopt;
  if (look.cause() == Look::CAUSE_EVICTED) look.set_resource(CloneOf(fact, resource));
  if (look.cause() == Look::CAUSE_MONITOR_FAILS) look.set_resource(OwnPrimitive(fact, resource));
  const bool about_resource = look.cause() == Look::CAUSE_EVICTED || look.cause() == Look::CAUSE_MONITOR_FAILS;
  if (about_resource && look.resource().empty()) return absl::nullopt;
  return look;
}

v1::PredictedTransition ReadPrediction(const v1::ActionResult& answer) {
  if (answer.outcome() != v1::ActionResult::OUTCOME_DONE || answer.predictions_size() != 1) {
    return Unknown(answer.message().empty() ? "the agent told nothing" : answer.message());
  }
  const v1::Prediction& prediction = answer.predictions(0);
  if (prediction.predicted() != v1::ANSWER_YES) return Unknown(prediction.error());
  v1::PredictedTransition predicted;
  *predicted.mutable_operations() = prediction.operations();
  *predicted.mutable_placements() = prediction.placements();
  return predicted;
}

bool TakePrediction(const NodeVisit& visit, Desk* desk) {
  if (visit.predicted.has_value()) return true;
  const v1::ResourceDescription* const resource = FindResource(desk->view, desk->op.spec.resource());
  const HostView* const dc = DcView(desk->view);
  const std::vector<const IssuedAction*> attempts = desk->op.Attempts(Purpose(visit, *desk));
  // An answer that an earlier life waited for does not come any more.
  const bool asked = !attempts.empty() && attempts.back()->issued_at >= desk->op.resumed_at;
  if (asked && attempts.back()->ended) {
    Record(visit, ReadPrediction(attempts.back()->result), desk);
    return false;
  }
  if (asked) return false;
  if (resource == nullptr || dc == nullptr) return true;
  const absl::optional<Look> look = QuestionAbout(desk->op.spec, dc->report.cluster(), *resource, visit.node);
  if (!look.has_value()) return true;
  v1::Action action;
  *action.mutable_predict_transition() = *look;
  desk->Act(dc->host, visit.node, Purpose(visit, *desk), action, kPredictTimeout);
  return false;
}

std::vector<v1::Surprise> Surprises(const NodeVisit& visit, const Desk& desk) {
  const v1::ResourceDescription* const resource = FindResource(desk.view, desk.op.spec.resource());
  const HostView* const dc = DcView(desk.view);
  const bool predicted = visit.predicted.has_value() && visit.predicted->error().empty();
  if (!predicted || !visit.audit_baseline.has_value() || resource == nullptr || dc == nullptr) return {};
  const std::set<ResourcePlace> before = PlacesBefore(*visit.audit_baseline);
  std::set<ResourcePlace> after = PlacesNow(dc->report.cluster());
  v1::PredictedTransition transition = *visit.predicted;
  AddFromPlacements(before, &transition);
  const ResourcePlace own(OwnPrimitive(dc->report.cluster(), *resource), visit.node);
  std::set<ResourcePlace> restarts;
  if (visit.HasReached(v1::NODE_STEP_LEAVE) && after.count(own) > 0) {
    // It was gone, and we or the cluster brought it back.
    if (TraitsOf(desk.op.spec).leaves_failure) {
      restarts.insert(own);
    } else {
      after.erase(own);
    }
  }
  std::vector<v1::Surprise> surprises = CompareTransition(transition, before, after, restarts);
  surprises.erase(std::remove_if(surprises.begin(), surprises.end(),
                                 [&own](const v1::Surprise& surprise) {
                                   const bool is_own =
                                       surprise.resource() == own.first && surprise.node() == own.second;
                                   return MayHaveGoneBack(surprise) && !is_own;
                                 }),
                  surprises.end());
  return surprises;
}

}  // namespace jettyfleet
