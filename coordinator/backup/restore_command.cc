#include "coordinator/backup/restore_command.h"

#include "absl/strings/str_join.h"
#include "coordinator/backup/restore_backup.h"

namespace jettyfleet {

int RunRestoreCommand(const RestoreCommand& command, const Clock& clock, std::ostream& out, std::ostream& err) {
  if (const absl::Status stopped = command.unit_stopped(); !stopped.ok()) {
    err << "jettyfleet: " << stopped.message() << std::endl;
    return 1;
  }
  const absl::StatusOr<RestoredBackup> restored = RestoreBackup(command.backup, command.state_directory, clock);
  if (!restored.ok()) {
    err << "jettyfleet: " << restored.status().message() << std::endl;
    return 1;
  }
  out << "the journal in " << command.state_directory << " is that of " << command.backup << ", up to record "
      << restored->last_sequence << "\n";
  if (!restored->kept_as.empty()) out << "  what was there before is " << restored->kept_as << "\n";
  if (!restored->ended.empty()) {
    out << "  these ran when it was made, and are not gone on with: " << absl::StrJoin(restored->ended, ", ") << "\n";
  }
  out << "  next: systemctl start jettyfleet-coordinator" << std::endl;
  return 0;
}

}  // namespace jettyfleet
