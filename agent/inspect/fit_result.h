// A result that fits into one message to the coordinator.
#ifndef JETTYFLEET_AGENT_INSPECT_FIT_RESULT_H_
#define JETTYFLEET_AGENT_INSPECT_FIT_RESULT_H_

#include <cstddef>

#include "proto/action.pb.h"

namespace jettyfleet {

// Below the 4 MiB that agent and coordinator take, with room for what the agent adds.
inline constexpr std::size_t kMostResultBytes = 3 << 20;

// Leaves out what can be spared until the serialized result has at most `most_bytes`: the texts of configuration first
// (each says so in its `error`), then the lists of files, the longest first: digests over all stay, and
// `files_cut_short` is set. Pure.
void FitResult(std::size_t most_bytes, v1::ActionResult* result);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_INSPECT_FIT_RESULT_H_
