// What may stand for a node's network address in a description.
#ifndef JETTYFLEET_COMMON_DESCRIPTION_ADDRESS_CHECK_H_
#define JETTYFLEET_COMMON_DESCRIPTION_ADDRESS_CHECK_H_

#include "absl/strings/string_view.h"
#include "common/description/field_checks.h"
#include "proto/description.pb.h"

namespace jettyfleet {

// Pure: nothing is resolved. The first problem among `addresses`, whose nodes must be among `nodes` where those are
// given.
MaybeProblem CheckAddresses(const v1::ClusterDescription& description);

// HOST:PORT, the host an IPv4 address, an IPv6 address in brackets or a host name.
bool IsHostAndPort(absl::string_view text);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COMMON_DESCRIPTION_ADDRESS_CHECK_H_
