// What archives and their versions may be called, and the limits that all who move them keep.
#ifndef JETTYFLEET_COMMON_ARCHIVE_ARCHIVE_NAME_H_
#define JETTYFLEET_COMMON_ARCHIVE_ARCHIVE_NAME_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace jettyfleet {

inline constexpr std::size_t kLongestArchiveName = 64;
// Of one archive. A larger one is more likely a mistake than a WAR.
inline constexpr uint64_t kLargestArchiveBytes = uint64_t{4} << 30;
// Of content in one message, whichever way it goes.
inline constexpr std::size_t kArchiveChunkBytes = 256 << 10;

// 1 to kLongestArchiveName of letters, digits, '.', '_', '-' and '+', beginning with a letter or digit. `what` ("name",
// "version") stands for it in the message. InvalidArgument.
absl::Status CheckArchiveName(absl::string_view what, absl::string_view text);

// A digest, and a size that an archive can have. InvalidArgument.
absl::Status CheckArchiveContent(absl::string_view sha256, uint64_t size);

// A path that an archive is deployed at: absolute, at most 512 printable characters, no part that is empty or begins
// with '.', and a name that ends in ".war", so that nothing but archives is ever put in place. InvalidArgument.
absl::Status CheckArchiveTarget(absl::string_view path);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COMMON_ARCHIVE_ARCHIVE_NAME_H_
