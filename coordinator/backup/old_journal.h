// The journal that a backup is to replace: held so that no coordinator uses it, and kept.
#ifndef JETTYFLEET_COORDINATOR_BACKUP_OLD_JOURNAL_H_
#define JETTYFLEET_COORDINATOR_BACKUP_OLD_JOURNAL_H_

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace jettyfleet {

// Owned by a restoration. While it lives no coordinator can open that journal, unless it is damaged: then none could
// anyway. This process must not open the file otherwise: closing it would drop the lock.
class OldJournal {
 public:
  // FailedPrecondition: a coordinator (or whoever) uses it. There may be none at all. One line.
  static absl::StatusOr<std::unique_ptr<OldJournal>> Hold(const std::string& state_directory);

  // 0: there is none, or it cannot be read.
  uint64_t epoch() const { return epoch_; }

  // Puts `replacement` (on the same file system) in its place. The old one is kept beside under a name with the time,
  // whatever was in it; the name is returned, empty where there was none. At no moment is there no journal.
  absl::StatusOr<std::string> ReplaceWith(const std::string& replacement, absl::Time now);

 private:
  struct Close {
    void operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }
  };

  explicit OldJournal(const std::string& state_directory);
  absl::Status Lock();

  const std::string path_;
  bool exists_ = false;
  std::unique_ptr<sqlite3, Close> connection_;  // nullptr: there is none, or it is damaged
  uint64_t epoch_ = 0;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_BACKUP_OLD_JOURNAL_H_
