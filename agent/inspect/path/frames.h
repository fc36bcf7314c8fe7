// Texts of any bytes, one after the other in one stream: between this program's own processes. Pure.
#ifndef JETTYFLEET_AGENT_INSPECT_PATH_FRAMES_H_
#define JETTYFLEET_AGENT_INSPECT_PATH_FRAMES_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace jettyfleet {

void AppendFrame(absl::string_view content, std::string* stream);

// All frames of the stream; none where it ends within one.
std::optional<std::vector<std::string>> ReadFrames(absl::string_view stream);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_INSPECT_PATH_FRAMES_H_
