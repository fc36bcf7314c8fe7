// /proc/PID/mountinfo. Pure.
#ifndef JETTYFLEET_AGENT_INSPECT_PATH_MOUNTINFO_H_
#define JETTYFLEET_AGENT_INSPECT_PATH_MOUNTINFO_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace jettyfleet {

// One line, unescaped (proc(5)).
struct Mount {
  uint64_t id = 0;
  uint64_t parent_id = 0;
  uint32_t device_major = 0;
  uint32_t device_minor = 0;
  std::string root;   // within the file system: a bind mount shows another than "/"
  std::string point;  // as seen from the process's root
  // Those of the mount, then those of its file system that are not said yet, with commas.
  std::string options;
  std::string fs_type;
  std::string source;  // may be empty
};

// Mounts in the kernel's order: a later one may cover an earlier. DataLoss names the first line that is not of that
// form: then nothing is believed. Bounded to 100,000 lines. Empty text: a process in a
// root directory that is no mount's sees none.
absl::StatusOr<std::vector<Mount>> ParseMountInfo(absl::string_view text);

// Null: none.
const Mount* MountWithId(const std::vector<Mount>& mounts, uint64_t id);

// Where a path that lies in `mount` is found by way of `mounts` of another namespace: the same file system, below the
// same or a wider root. Empty where there is none, or where `path` does not lie below the mount's point by its letters
// (a symbolic link).
std::string SamePathIn(const std::vector<Mount>& mounts, const Mount& mount, const std::string& path);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_INSPECT_PATH_MOUNTINFO_H_
