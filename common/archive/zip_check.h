// Whether a file is a zip at all, as every WAR is.
#ifndef JETTYFLEET_COMMON_ARCHIVE_ZIP_CHECK_H_
#define JETTYFLEET_COMMON_ARCHIVE_ZIP_CHECK_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"

namespace jettyfleet {

// Looks at both ends of `fd`, which is `size` bytes long: a local file header, an end record whose comment reaches the
// end exactly, and a central directory where the end record says (also by zip64). Reads at most 65 KiB; checks no CRC.
// `name` stands for the file in messages. InvalidArgument: it is no zip, or an empty or cut off one. Unavailable: it
// cannot be read. The format is PKWARE's APPNOTE.TXT, 4.3.7, 4.3.12 and 4.3.14 to 4.3.16.
absl::Status CheckZip(int fd, const std::string& name, uint64_t size);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COMMON_ARCHIVE_ZIP_CHECK_H_
