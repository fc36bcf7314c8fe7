// The process that looks at paths: this program started again, alone with one thread, as only such a process can enter
// a mount namespace; and a child of its own for each path, as a dead file server holds whoever asks it.
#ifndef JETTYFLEET_AGENT_INSPECT_PATH_PATH_WORKER_H_
#define JETTYFLEET_AGENT_INSPECT_PATH_PATH_WORKER_H_

#include <optional>

namespace jettyfleet {

// First thing in main, before any thread: none means that this is no such process. Otherwise everything is done and
// main has to return the value.
std::optional<int> RunPathWorker(int argc, char** argv);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_INSPECT_PATH_PATH_WORKER_H_
