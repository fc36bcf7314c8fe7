// What must be the same on every node, as described.
#ifndef JETTYFLEET_COMMON_DESCRIPTION_IDENTITY_CHECK_H_
#define JETTYFLEET_COMMON_DESCRIPTION_IDENTITY_CHECK_H_

#include <string>

#include "common/description/field_checks.h"
#include "proto/description.pb.h"

namespace jettyfleet {

// Pure: no file is looked at. `path` is that of the message, "resources[0].identity".
MaybeProblem CheckIdentity(const std::string& path, const v1::IdentityDescription& identity);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COMMON_DESCRIPTION_IDENTITY_CHECK_H_
