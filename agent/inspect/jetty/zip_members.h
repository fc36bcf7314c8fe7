// Single small files out of a JAR or WAR.
#ifndef JETTYFLEET_AGENT_INSPECT_JETTY_ZIP_MEMBERS_H_
#define JETTYFLEET_AGENT_INSPECT_JETTY_ZIP_MEMBERS_H_

#include <cstddef>
#include <map>
#include <set>
#include <string>

#include "absl/status/statusor.h"

namespace jettyfleet {

// Those of `names` that the archive holds, with their content. Messages are one line and begin with the path. NotFound,
// PermissionDenied, FailedPrecondition: the file cannot be read. InvalidArgument: it is no archive of the form that the
// `jar` tool writes, or a member is damaged, packed in another way than stored or deflated, or larger than
// `limit_bytes` unpacked. ResourceExhausted: its directory is larger than 16 MiB. Reads the directory and these
// members only.
absl::StatusOr<std::map<std::string, std::string>> ReadZipMembers(const std::string& path,
                                                                  const std::set<std::string>& names,
                                                                  std::size_t limit_bytes);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_INSPECT_JETTY_ZIP_MEMBERS_H_
