#include "agent/inspect/path/frames.h"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace jettyfleet {

void AppendFrame(absl::string_view content, std::string* stream) {
  const uint32_t size = static_cast<uint32_t>(content.size());
  char bytes[sizeof size];
  std::memcpy(bytes, &size, sizeof size);
  stream->append(bytes, sizeof bytes);
  stream->append(content.data(), content.size());
}

std::optional<std::vector<std::string>> ReadFrames(absl::string_view stream) {
  std::vector<std::string> frames;
  while (!stream.empty()) {
    uint32_t size = 0;
    if (stream.size() < sizeof size) return std::nullopt;
    std::memcpy(&size, stream.data(), sizeof size);
    stream.remove_prefix(sizeof size);
    if (stream.size() < size) return std::nullopt;
    frames.emplace_back(stream.substr(0, size));
    stream.remove_prefix(size);
  }
  return frames;
}

}  // namespace jettyfleet
