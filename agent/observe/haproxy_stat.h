// What HAProxy's `show stat` says of one server. Pure.
#ifndef JETTYFLEET_AGENT_OBSERVE_HAPROXY_STAT_H_
#define JETTYFLEET_AGENT_OBSERVE_HAPROXY_STAT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "proto/observation.pb.h"

namespace jettyfleet {

// Servers only, no frontends or backends; the administrative state comes from ReadAdminStates. Columns are found by
// their names in the header. InvalidArgument: no header, a needed column is missing, or a number is none.
absl::StatusOr<std::vector<v1::LbServerFact>> ParseShowStat(const std::string& csv);

// Sets admin_state, weights and address from `show servers state` (srv_admin_state's bits: 0x01 maint, 0x08 drain, and
// what is inherited).
// A server that is not in it keeps ADMIN_STATE_UNSPECIFIED. InvalidArgument: not that text.
absl::Status ReadAdminStates(const std::string& text, std::vector<v1::LbServerFact>* servers);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_OBSERVE_HAPROXY_STAT_H_
