// What `corosync-cfgtool -s` says of Corosync's links. Pure.
#ifndef JETTYFLEET_AGENT_INSPECT_CLUSTER_RING_STATUS_H_
#define JETTYFLEET_AGENT_INSPECT_CLUSTER_RING_STATUS_H_

#include "absl/strings/string_view.h"
#include "proto/inspection.pb.h"

namespace jettyfleet {

// Corosync 3.1, transport knet: a line for each peer of each link, of which all that do not say "connected" are
// disconnected. Transports udp and udpu tell of no peers: a link whose status is not OK has the one disconnected
// "all". `error`: the text holds no links, or not those of this form. Source: corosync-cfgtool(8) of Corosync 3.1.7,
// and the words in its program.
v1::RingFact ParseRingStatus(absl::string_view text);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_INSPECT_CLUSTER_RING_STATUS_H_
