// The state of one HAProxy server that can be set at run time, as `show servers state` prints it.
#ifndef JETTYFLEET_AGENT_ACT_LB_STATE_H_
#define JETTYFLEET_AGENT_ACT_LB_STATE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "agent/act/task.h"
#include "agent/act/tools.h"
#include "proto/observation.pb.h"

namespace jettyfleet {

struct LbServerState {
  // READY, DRAIN or MAINT as somebody asked for it at run time or in the configuration; what health checks make of the
  // server is no part of it.
  v1::LbServerFact::AdminState admin = v1::LbServerFact::ADMIN_STATE_UNSPECIFIED;
  uint32_t weight = 0;             // as set at run time; no slow start in it
  uint32_t configured_weight = 0;  // what HAProxy started with
  std::string address;             // "-": none
  uint32_t port = 0;
};

// NotFound: HAProxy has no such backend or server. InvalidArgument: not such an answer.
absl::StatusOr<LbServerState> ParseServerState(absl::string_view answer, const std::string& backend,
                                               const std::string& server);

Task<absl::StatusOr<LbServerState>> ReadServerState(Tools& tools, std::string backend, std::string server);

// Sets it and reads it back. FailedPrecondition: HAProxy said no, or did something else.
Task<absl::Status> SetServerState(Tools& tools, std::string backend, std::string server,
                                  v1::LbServerFact::AdminState state);

// "ready", "drain", "maint".
std::string StateWord(v1::LbServerFact::AdminState state);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_LB_STATE_H_
