// How sessions survive more than one node: whether the described parts can work together.
#ifndef JETTYFLEET_COMMON_DESCRIPTION_SESSIONS_CHECK_H_
#define JETTYFLEET_COMMON_DESCRIPTION_SESSIONS_CHECK_H_

#include <string>

#include "common/description/field_checks.h"
#include "proto/description.pb.h"

namespace jettyfleet {

// Pure. `path` is that of the message, "resources[0].sessions". Source: pacemaker-facts, "An external store alone is
// not enough", seen with Jetty 9 and PostgreSQL.
MaybeProblem CheckSessions(const std::string& path, const v1::SessionsDescription& sessions);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COMMON_DESCRIPTION_SESSIONS_CHECK_H_
