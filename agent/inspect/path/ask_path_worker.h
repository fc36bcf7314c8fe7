// Starts the path worker and reads its answers.
#ifndef JETTYFLEET_AGENT_INSPECT_PATH_ASK_PATH_WORKER_H_
#define JETTYFLEET_AGENT_INSPECT_PATH_ASK_PATH_WORKER_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/inspect/path/path_job.h"

namespace jettyfleet {

// An answer for each path of the job, in its order: serialized as PathJob says, or one line that says why there is
// none. Blocks for 3 s at most. Any thread.
std::vector<absl::StatusOr<std::string>> AskPathWorker(const PathJob& job);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_INSPECT_PATH_ASK_PATH_WORKER_H_
