// Names for operations.
#ifndef JETTYFLEET_COORDINATOR_SERVER_OPERATION_ID_H_
#define JETTYFLEET_COORDINATOR_SERVER_OPERATION_ID_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace jettyfleet {

// "d-20261122-235901-3f9c": kind, UTC time, four random hexadecimal digits. Lower case, so that lease ids and XML ids
// can be made from it.
std::string NewOperationId(absl::string_view kind, absl::Time now);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_SERVER_OPERATION_ID_H_
