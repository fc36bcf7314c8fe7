#include "coordinator/backup/restore_backup.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/proto_time.h"
#include "coordinator/backup/copy_file.h"
#include "coordinator/backup/inspect_file.h"
#include "coordinator/backup/old_journal.h"
#include "coordinator/journal/sqlite_journal.h"

namespace jettyfleet {
namespace {

constexpr char kWho[] = "jettyfleet restore-backup";
constexpr char kWhy[] = "the journal was put back from a backup, and nobody asked for this now";

// Where the new journal is prepared: a state directory of its own, on the same file system.
class Staging {
 public:
  explicit Staging(const std::string& state_directory) : directory_(absl::StrCat(state_directory, "/restore.new")) {}
  ~Staging() { Remove(); }
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;

  absl::Status Make() {
    Remove();
    if (mkdir(directory_.c_str(), 0700) == 0) return absl::OkStatus();
    return absl::UnavailableError(absl::StrCat(directory_, ": cannot be made: ", std::strerror(errno)));
  }
  const std::string& directory() const { return directory_; }
  std::string file() const { return absl::StrCat(directory_, "/", kDatabaseFileName); }

 private:
  void Remove() const {
    for (const char* const name : {"", "-wal", "-journal", "-shm"}) unlink(absl::StrCat(file(), name).c_str());
    unlink(absl::StrCat(directory_, "/journal.reserve").c_str());
    rmdir(directory_.c_str());
  }

  const std::string directory_;
};

absl::Status CheckPlaces(const std::string& backup, const std::string& state_directory) {
  if (mkdir(state_directory.c_str(), 0700) != 0 && errno != EEXIST) {
    return absl::UnavailableError(
        absl::StrCat(state_directory, ": cannot be made: ", std::strerror(errno), ": name another --state"));
  }
  struct stat journal;
  struct stat given;
  const std::string path = absl::StrCat(state_directory, "/", kDatabaseFileName);
  // Asked before anything is opened: closing the journal would drop SQLite's lock on it.
  if (stat(path.c_str(), &journal) == 0 && stat(backup.c_str(), &given) == 0 && journal.st_dev == given.st_dev &&
      journal.st_ino == given.st_ino) {
    return absl::FailedPreconditionError(absl::StrCat("backup ", backup, ": is the journal itself: name a backup"));
  }
  return absl::OkStatus();
}

// The ends of what had begun and not ended, in the order of their beginnings. Reads every record, and so checks each.
absl::StatusOr<std::vector<v1::JournalRecord>> EndsOfWhatRan(const Journal& journal, absl::Time now) {
  std::map<std::string, v1::JournalRecord> ends;
  const absl::Status read = journal.Read(0, [&](const v1::JournalRecord& record) {
    if (record.has_operation_began() || record.has_apply_began()) {
      v1::JournalRecord& end = ends[record.operation_id()];
      *end.mutable_at() = ToProto(now);
      end.set_cluster(record.cluster());
      end.set_operation_id(record.operation_id());
      end.set_who(kWho);
      end.set_why(kWhy);
      if (record.has_apply_began()) {
        end.mutable_apply_ended()->set_reason(kWhy);
      } else {
        end.mutable_stop_requested()->set_cause(v1::StopRequested::CAUSE_OPERATOR);
        end.mutable_stop_requested()->set_reason(absl::StrCat(kWho, ": ", kWhy));
      }
    }
    // One that was told to stop restores anyway.
    if (record.has_operation_ended() || record.has_apply_ended() || record.has_stop_requested()) {
      ends.erase(record.operation_id());
    }
    return true;
  });
  if (!read.ok()) return read;
  std::vector<v1::JournalRecord> records;
  for (auto& [id, end] : ends) records.push_back(std::move(end));
  return records;
}

absl::Status RaiseEpoch(SqliteJournal& journal, uint64_t replaced) {
  const absl::StatusOr<int64_t> own = journal.database().QueryInt("SELECT epoch FROM identity");
  if (!own.ok()) return own.status();
  if (*own <= 0) return absl::DataLossError("the backup has no identity, or no epoch: take another backup");
  return journal.database().Write(RecordUse::kOrdinary, [&] {
    auto update = journal.database().Prepare("UPDATE identity SET epoch = ?");
    if (!update.ok()) return update.status();
    update->BindInt(1, std::max(*own, static_cast<int64_t>(replaced)));
    return update->Step().status();
  });
}

// Brings the copy up to this version's format and to this moment.
absl::Status Prepare(const std::string& directory, uint64_t replaced_epoch, const Clock& clock,
                     RestoredBackup* restored) {
  absl::StatusOr<std::unique_ptr<SqliteJournal>> journal = SqliteJournal::Open(directory, clock);
  if (!journal.ok()) return journal.status();
  absl::StatusOr<std::vector<v1::JournalRecord>> ends = EndsOfWhatRan(**journal, clock.WallNow());
  if (!ends.ok()) return ends.status();
  for (const v1::JournalRecord& end : *ends) restored->ended.push_back(end.operation_id());
  if (absl::Status appended = (*journal)->Append(&*ends, RecordUse::kOrdinary); !appended.ok()) return appended;
  if (absl::Status raised = RaiseEpoch(**journal, replaced_epoch); !raised.ok()) return raised;
  return (*journal)->database().Execute("PRAGMA wal_checkpoint(TRUNCATE)");
}

// The coordinator refuses a journal that is not its own user's.
absl::Status GiveToOwner(const std::string& file, const std::string& state_directory) {
  struct stat about;
  if (stat(state_directory.c_str(), &about) != 0 || chown(file.c_str(), about.st_uid, about.st_gid) != 0) {
    return absl::PermissionDeniedError(absl::StrCat(
        state_directory, ": a file in it cannot be given to its owner: ", std::strerror(errno), ": run this as root"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<RestoredBackup> RestoreBackup(const std::string& backup, const std::string& state_directory,
                                             const Clock& clock) {
  if (absl::Status good = CheckPlaces(backup, state_directory); !good.ok()) return good;
  const absl::StatusOr<std::unique_ptr<OldJournal>> old = OldJournal::Hold(state_directory);
  if (!old.ok()) return old.status();
  Staging staging(state_directory);
  if (absl::Status made = staging.Make(); !made.ok()) return made;
  if (absl::Status copied = CopyFile(backup, staging.file()); !copied.ok()) return copied;
  const absl::StatusOr<JournalFileFacts> facts = InspectJournalFile(staging.file(), backup);
  if (!facts.ok()) return facts.status();
  RestoredBackup restored;
  restored.last_sequence = static_cast<uint64_t>(facts->last_sequence);
  if (absl::Status prepared = Prepare(staging.directory(), (*old)->epoch(), clock, &restored); !prepared.ok()) {
    return prepared;
  }
  if (absl::Status given = GiveToOwner(staging.file(), state_directory); !given.ok()) return given;
  absl::StatusOr<std::string> kept = (*old)->ReplaceWith(staging.file(), clock.WallNow());
  if (!kept.ok()) return kept.status();
  restored.kept_as = *std::move(kept);
  return restored;
}

}  // namespace jettyfleet
