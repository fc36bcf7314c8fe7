// What Pacemaker expects of the act on a node, asked for before it and held against what happened. Pure.
#ifndef JETTYFLEET_COORDINATOR_ROLLING_PREDICTION_STEP_H_
#define JETTYFLEET_COORDINATOR_ROLLING_PREDICTION_STEP_H_

#include <string>
#include <vector>

#include "absl/types/optional.h"
#include "coordinator/rolling/desk.h"
#include "coordinator/rolling/operation.h"

namespace jettyfleet {

// The question that the operation's scenario puts to Pacemaker about `node`; nullopt: none, as where Pacemaker notices
// nothing (a frozen unit, a lost port) or may do one thing or another (a killed daemon).
absl::optional<v1::PredictTransition> QuestionAbout(const v1::DrillSpec& spec, const v1::ClusterFact& fact,
                                                    const v1::ResourceDescription& resource, const std::string& node);

// What an agent answered; with an error where that is no prediction.
v1::PredictedTransition ReadPrediction(const v1::ActionResult& answer);

// BASELINE: asks the DC's agent, once in each life of the coordinator, and records the answer. True when it is recorded
// or there is none to ask for. An answer that does not come, or tells nothing, is recorded as just that.
bool TakePrediction(const NodeVisit& visit, Desk* desk);

// AUDIT: what happened to other resources, or to other instances, and was not predicted; and the visited instance's own
// part where it went another way. None where nothing was predicted. By the visit's baseline and what the DC sees now.
std::vector<v1::Surprise> Surprises(const NodeVisit& visit, const Desk& desk);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_ROLLING_PREDICTION_STEP_H_
