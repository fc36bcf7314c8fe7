// What crm_simulate prints, as a prediction. Pure.
#ifndef JETTYFLEET_AGENT_ACT_SIMULATION_H_
#define JETTYFLEET_AGENT_ACT_SIMULATION_H_

#include <string>

#include "proto/action.pb.h"

namespace jettyfleet {

// From `crm_simulate --simulate --output-as=xml` (read from Pacemaker 2.1.5 and 3.0.0). Operations are those of the
// transition that start, stop, promote, demote or move an instance, and what it fences; placements are where each resource's instances are
// Started in the revised status. Not readable: `predicted` stays unknown, `error` says why.
v1::Prediction ReadSimulation(const std::string& xml);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_SIMULATION_H_
