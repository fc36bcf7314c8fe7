// Files and directories opened so that it looks to nobody as if they were used.
#ifndef JETTYFLEET_AGENT_INSPECT_DIGEST_QUIET_FILE_H_
#define JETTYFLEET_AGENT_INSPECT_DIGEST_QUIET_FILE_H_

#include <string>

#include "absl/strings/string_view.h"

namespace jettyfleet {

// Owns a file descriptor, or -1.
class QuietFile {
 public:
  QuietFile() = default;
  explicit QuietFile(int fd) : fd_(fd) {}
  ~QuietFile();
  QuietFile(QuietFile&& other) noexcept;
  QuietFile& operator=(QuietFile&& other) noexcept;

  // To read, close-on-exec, without waiting for the other end of a pipe; `flags` are openat's, as is errno afterwards.
  // Access times are left alone where the reader may ask for that, which only the owner and root may.
  static QuietFile Open(int directory, const char* path, int flags);

  int get() const { return fd_; }
  bool ok() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

// A file's name as it may be told: bytes that are no UTF-8, which would make a whole message unreadable, and control
// characters, which steer terminals, as \xHH.
std::string ShownName(absl::string_view name);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_INSPECT_DIGEST_QUIET_FILE_H_
