// Which role may call what: one closed table.
#ifndef JETTYFLEET_COMMON_TLS_AUTHORIZE_H_
#define JETTYFLEET_COMMON_TLS_AUTHORIZE_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/identity.h"

namespace jettyfleet {

// Pure. `method` is an RPC's name in one of proto/*_service.proto, such as "GetStatus".
// PermissionDenied: not for this role, and which one it takes; a method that the table does not know is for nobody.
// It judges the role only: that an agent speaks for its own node is checked against its hello.
absl::Status Authorize(const Identity& caller, absl::string_view method);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COMMON_TLS_AUTHORIZE_H_
