// A file that grows on disk until it is whole, and only then gets its name.
#ifndef JETTYFLEET_COMMON_ARCHIVE_PART_FILE_H_
#define JETTYFLEET_COMMON_ARCHIVE_PART_FILE_H_

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace jettyfleet {

// write(2), or what a test puts in its place.
using WriteCall = std::function<ssize_t(int fd, const void* data, std::size_t size)>;
WriteCall SystemWrite();

// One thread at a time. Messages are one line and name the path; ResourceExhausted: the disk is full.
class PartFile {
 public:
  // Makes it where it is missing (0600), and takes a lock on it, which goes with this object or its process. What is
  // there stays. Aborted: somebody else is at it.
  static absl::StatusOr<std::unique_ptr<PartFile>> Open(const std::string& path, WriteCall write = SystemWrite());
  ~PartFile();
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;

  // Bytes that are there.
  uint64_t size() const { return size_; }
  int fd() const { return fd_; }
  const std::string& path() const { return path_; }

  // Cuts what is beyond `size`, which is at most size().
  absl::Status Truncate(uint64_t size);
  // After an error the file may hold a part of `data`, and size() says how much.
  absl::Status Append(absl::string_view data);
  // Syncs it, gives it the name `path` on the same file system, replacing what is there, and syncs that directory.
  absl::Status PublishAs(const std::string& path);
  // Removes it.
  absl::Status Discard();

 private:
  PartFile(std::string path, int fd, uint64_t size, WriteCall write)
      : path_(std::move(path)), fd_(fd), size_(size), write_(std::move(write)) {}

  const std::string path_;
  const int fd_;
  uint64_t size_;
  const WriteCall write_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COMMON_ARCHIVE_PART_FILE_H_
