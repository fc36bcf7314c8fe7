// Work that may never come back (a dead file server), each piece in a child process of its own.
#ifndef JETTYFLEET_AGENT_INSPECT_PATH_BOUNDED_CHILDREN_H_
#define JETTYFLEET_AGENT_INSPECT_PATH_BOUNDED_CHILDREN_H_

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace jettyfleet {

// Runs `work` for 0 ... count - 1, each in a fork of this process, which must have one thread; all at the same time.
// Answers what each returned (1 MiB at most), after `deadline` at the latest. DeadlineExceeded: it had not answered and
// was killed; if the kernel does not let it go it stays behind, and holds nothing of ours. Internal: it died.
// Unavailable: it could not be started. Children have /dev/null (where there is none, an empty file) as stdin, stdout
// and stderr, no other descriptor, and run no exit handlers.
std::vector<absl::StatusOr<std::string>> RunInChildren(std::size_t count,
                                                       const std::function<std::string(std::size_t)>& work,
                                                       absl::Duration deadline);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_INSPECT_PATH_BOUNDED_CHILDREN_H_
