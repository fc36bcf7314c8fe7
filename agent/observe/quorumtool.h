// What `corosync-quorumtool -s` says. Pure.
#ifndef JETTYFLEET_AGENT_OBSERVE_QUORUMTOOL_H_
#define JETTYFLEET_AGENT_OBSERVE_QUORUMTOOL_H_

#include <string>

#include "proto/observation.pb.h"

namespace jettyfleet {

// `exit_code` is the tool's: 0 quorate, 2 not (pacemaker-facts); the text has to say the same, or the answer is unknown
// and `error` says why. Numbers that are not printed stay 0.
v1::QuorumFact ParseQuorumtool(int exit_code, const std::string& text);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_OBSERVE_QUORUMTOOL_H_
