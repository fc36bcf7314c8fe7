// Small files, read bounded and written whole: configuration, keys, certificates, lists.
#ifndef JETTYFLEET_COMMON_FILE_H_
#define JETTYFLEET_COMMON_FILE_H_

#include <sys/types.h>

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace jettyfleet {

// Messages are one line and begin with the path. NotFound, PermissionDenied, or FailedPrecondition (not a regular file,
// or any other error of the system); ResourceExhausted: larger than `limit_bytes`. Never blocks on a pipe or device.
absl::StatusOr<std::string> ReadSmallFile(const std::string& path, std::size_t limit_bytes);

// The same from an open descriptor to its end, which may be a pipe; `name` stands for it in messages. It stays open.
absl::StatusOr<std::string> ReadDescriptor(int fd, const std::string& name, std::size_t limit_bytes);

// Makes `path` with all of `content` and `mode`, durable, or leaves nothing behind. AlreadyExists: something is there,
// and is left alone. Others can never see it half written or with a wider mode.
absl::Status WriteNewFile(const std::string& path, absl::string_view content, mode_t mode);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COMMON_FILE_H_
