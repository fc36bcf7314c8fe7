// The configuration half of the CIB, as `cibadmin --query --scope configuration` prints it. Pure.
#ifndef JETTYFLEET_AGENT_OBSERVE_CIB_PARSER_H_
#define JETTYFLEET_AGENT_OBSERVE_CIB_PARSER_H_

#include <string>

#include "absl/status/statusor.h"
#include "proto/observation.pb.h"

namespace jettyfleet {

// InvalidArgument: not XML, or not a <configuration>.
absl::StatusOr<v1::CibFact> ParseCibConfiguration(const std::string& xml);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_OBSERVE_CIB_PARSER_H_
