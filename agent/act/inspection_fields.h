// Checks of the fields of what the inspector is asked.
#ifndef JETTYFLEET_AGENT_ACT_INSPECTION_FIELDS_H_
#define JETTYFLEET_AGENT_ACT_INSPECTION_FIELDS_H_

#include <string>

#include "proto/inspection.pb.h"

namespace jettyfleet {

// Empty: they are fine. Otherwise one line that names the field and says what it must be.
std::string InspectionProblem(const v1::Inspect& asked);
std::string InspectionProblem(const v1::LookForMarkers& asked);
std::string InspectionProblem(const v1::RemoveMarkers& asked);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_INSPECTION_FIELDS_H_
