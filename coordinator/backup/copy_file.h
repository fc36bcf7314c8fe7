// A large file, copied whole.
#ifndef JETTYFLEET_COORDINATOR_BACKUP_COPY_FILE_H_
#define JETTYFLEET_COORDINATOR_BACKUP_COPY_FILE_H_

#include <string>

#include "absl/status/status.h"

namespace jettyfleet {

// Makes `to`, mode 0600, durable; nothing may be there. What is left after an error is the caller's to remove. One
// line, which begins with the file that it is about. NotFound, PermissionDenied, FailedPrecondition (not a regular
// file), ResourceExhausted, Unavailable.
absl::Status CopyFile(const std::string& from, const std::string& to);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_BACKUP_COPY_FILE_H_
