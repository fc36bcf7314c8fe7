// What `crm_mon --one-shot --inactive --output-as xml` says. Pure.
#ifndef JETTYFLEET_AGENT_OBSERVE_CRM_MON_H_
#define JETTYFLEET_AGENT_OBSERVE_CRM_MON_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "proto/observation.pb.h"

namespace jettyfleet {

inline constexpr std::size_t kLargestClusterFactBytes = 3 << 19;  // with as large a CIB, it fits in one message

// Fills in all but the quorum, idle and dc_state of a ClusterFact; attributes and elements that it does not know are
// ignored, as schemas grow. A status code of 102 is a fact (connected: NO), as is a cluster without a DC.
// InvalidArgument: not the XML that crm_mon prints. ResourceExhausted: more than kLargestClusterFactBytes. Source:
// Pacemaker 2.1.5's schema and pacemaker-facts.
absl::StatusOr<v1::ClusterFact> ParseCrmMon(const std::string& xml);

// The state of the controller in `crmadmin --status=NODE --output-as=xml`: "S_IDLE", "S_TRANSITION_ENGINE", ...; empty
// when it is not told.
std::string ParseControllerState(const std::string& xml);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_OBSERVE_CRM_MON_H_
