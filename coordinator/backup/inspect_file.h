// Whether a file is a whole journal of ours.
#ifndef JETTYFLEET_COORDINATOR_BACKUP_INSPECT_FILE_H_
#define JETTYFLEET_COORDINATOR_BACKUP_INSPECT_FILE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace jettyfleet {

struct JournalFileFacts {
  int64_t format = 0;
  int64_t last_sequence = 0;
};

// Reads all of `path` and changes nothing; nobody may write to it meanwhile. Any thread; takes as long as reading does.
// `name` stands for it in messages, which are one line and begin with "backup NAME: ". FailedPrecondition: not a
// database, another program's, or of a format that this version does not know. DataLoss: damaged or cut short.
absl::StatusOr<JournalFileFacts> InspectJournalFile(const std::string& path, const std::string& name);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_BACKUP_INSPECT_FILE_H_
