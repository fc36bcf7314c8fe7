// The CIB as `cibadmin --query` prints it: its configuration and its version. Pure.
#ifndef JETTYFLEET_AGENT_OBSERVE_CIB_PARSER_H_
#define JETTYFLEET_AGENT_OBSERVE_CIB_PARSER_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "proto/observation.pb.h"

namespace jettyfleet {

inline constexpr std::size_t kLargestCibFactBytes = 3 << 19;  // with as large a ClusterFact, it fits in one message

// Fills in all but observed_at. InvalidArgument: not XML, or not a CIB. ResourceExhausted: more than
// kLargestCibFactBytes.
absl::StatusOr<v1::CibFact> ParseCib(const std::string& xml);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_OBSERVE_CIB_PARSER_H_
