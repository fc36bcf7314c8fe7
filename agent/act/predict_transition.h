// Pacemaker's own word on what it would do if a node, or an instance on it, went away; without doing anything.
#ifndef JETTYFLEET_AGENT_ACT_PREDICT_TRANSITION_H_
#define JETTYFLEET_AGENT_ACT_PREDICT_TRANSITION_H_

#include <string>

#include "absl/status/statusor.h"
#include "agent/act/task.h"
#include "agent/act/tools.h"
#include "proto/action.pb.h"

namespace jettyfleet {

// `cib` (as cibadmin prints it) with what keeps instances off the node: a location without an end, or standby. As it
// was where the cause changes no configuration. InvalidArgument: it is no CIB, or has no such node or resource. Pure.
absl::StatusOr<std::string> CibWith(const v1::PredictTransition& look, const std::string& cib);

// The interval in milliseconds at which that primitive's monitor last ran on the node, by the CIB's status section:
// crm_simulate wants it in the name of what fails. InvalidArgument: none has run there. Pure.
absl::StatusOr<std::string> MonitorInterval(const v1::PredictTransition& look, const std::string& cib);

// DONE with one prediction, unknown where crm_simulate or the CIB does not tell. Files of ours begin with `scratch` (a
// path) and are gone afterwards. REFUSED when there is no CIB to copy; FAILED when the file cannot be kept.
Task<v1::ActionResult> Predict(Tools& tools, std::string scratch, v1::PredictTransition look);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_PREDICT_TRANSITION_H_
