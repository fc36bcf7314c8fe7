// Disk space set aside while there is some, so that undo can still be recorded when there is none.
#ifndef JETTYFLEET_COORDINATOR_JOURNAL_RESERVE_FILE_H_
#define JETTYFLEET_COORDINATOR_JOURNAL_RESERVE_FILE_H_

#include <cstdint>
#include <string>
#include <utility>

namespace jettyfleet {

// Owned by SqliteDatabase; one thread. The file's blocks are allocated, not sparse; on file systems that compress or
// copy on write (btrfs, zfs) that is no promise of space, which docs/formats.md says.
class ReserveFile {
 public:
  ReserveFile(std::string path, int64_t size_bytes) : path_(std::move(path)), size_bytes_(size_bytes) {}

  // True: the whole reserve is on the disk. Asks the file system, so that one deleted by hand is noticed.
  bool Present() const;

  // Makes it where it is missing or too small. False: there is no room; nothing is left behind.
  bool Make();

  // Gives the space back. Nothing happens where there is none.
  void Release();

 private:
  const std::string path_;
  const int64_t size_bytes_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_JOURNAL_RESERVE_FILE_H_
