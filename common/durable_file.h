// Files that a power cut leaves either as they were or as they shall be.
#ifndef JETTYFLEET_COMMON_DURABLE_FILE_H_
#define JETTYFLEET_COMMON_DURABLE_FILE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace jettyfleet {

// Writes beside, syncs, renames and syncs the directory. Mode 0600. Messages are one line and name the path.
// ResourceExhausted: the disk is full. Any error: what was there before is still there.
absl::Status ReplaceFile(const std::string& path, absl::string_view content);

// After a rename, link or unlink of `path`: makes it durable.
absl::Status SyncDirectoryOf(const std::string& path);

// OK too when there is nothing. Needs no space.
absl::Status RemoveFile(const std::string& path);

// Makes `path` and what is above it, 0700. OK when it is there.
absl::Status MakeDirectory(const std::string& path);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COMMON_DURABLE_FILE_H_
