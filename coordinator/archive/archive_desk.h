// The coordinator's archives: what is pushed, named, given out and removed.
#ifndef JETTYFLEET_COORDINATOR_ARCHIVE_ARCHIVE_DESK_H_
#define JETTYFLEET_COORDINATOR_ARCHIVE_ARCHIVE_DESK_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/clock.h"
#include "coordinator/archive/archive_push.h"
#include "coordinator/archive/archive_table.h"
#include "coordinator/archive/content_store.h"
#include "coordinator/archive/content_verifier.h"
#include "coordinator/core/core_loop.h"
#include "proto/archive.pb.h"

namespace jettyfleet {

// Owned by main. It has a loop and thread of its own, the archive thread, because disks are slow and the core must not
// wait for them; all that is not said to be for any thread is that thread's only. `done`s are called on it, once.
class ArchiveDesk {
 public:
  template <typename Response>
  using Done = std::function<void(absl::StatusOr<Response>)>;

  // All borrowed; they outlive it.
  ArchiveDesk(CoreLoop& archive_loop, const Clock& clock, ContentStore& store, ArchiveTable& table)
      : loop_(archive_loop), clock_(clock), store_(store), table_(table), verifier_(archive_loop, clock, store) {}

  CoreLoop& loop() { return loop_; }

  // Any thread. Content that no name stands for and no operation holds is removed now, and every hour again. Operations
  // that are taken up have said before what they hold.
  void Start();
  // Any thread. The content stays, and no name for it can be removed, until the operation releases it. What an earlier
  // Hold of the same operation named is held no more.
  void Hold(const std::string& operation_id, std::vector<std::string> sha256s);
  void Release(const std::string& operation_id);

  // How much of a content is there. AlreadyExists: the name stands for another one. ResourceExhausted: no room.
  void PreparePush(const v1::PreparePushRequest& request, Done<v1::PreparePushResponse> done);
  // Also FailedPrecondition: it begins beyond what is there. Aborted: another push is at the same content.
  absl::StatusOr<std::shared_ptr<ArchivePush>> BeginPush(const v1::PushHeader& header, const std::string& who);
  // Verifies what arrived, and names it: both or nothing. DataLoss: other bytes arrived than were announced.
  // InvalidArgument: it is no zip. Either way what arrived is removed. Aborted: not all has arrived; that stays.
  void FinishPush(std::shared_ptr<ArchivePush> push, Done<v1::PushArchiveResponse> done);

  // NotFound, in one line: there is no such archive.
  absl::StatusOr<v1::ArchiveEntry> Find(const std::string& name, const std::string& version) const;
  v1::ListArchivesResponse List(const v1::ListArchivesRequest& request) const;
  // FailedPrecondition: an operation holds its content. NotFound: there is no such archive.
  absl::StatusOr<v1::RemoveArchiveResponse> Remove(const v1::RemoveArchiveRequest& request, const std::string& who);

  // FailedPrecondition: the content begins with other bytes than the agent has. Otherwise as ContentVerifier::Open.
  void OpenFetch(const v1::FetchArchiveRequest& request, Done<ArchiveSource> done);

 private:
  // The operation's id; empty: none holds it.
  std::string HolderOf(const std::string& sha256) const;
  void Collect();
  absl::Status CheckPush(const v1::ArchiveEntry& wanted) const;
  void AnswerPart(const v1::PreparePushRequest& request, const Done<v1::PreparePushResponse>& done);
  absl::StatusOr<v1::PushArchiveResponse> Accept(ArchivePush& push, const absl::StatusOr<std::string>& found);
  absl::StatusOr<v1::PushArchiveResponse> Name(const ArchivePush& push);

  CoreLoop& loop_;
  const Clock& clock_;
  ContentStore& store_;
  ArchiveTable& table_;
  ContentVerifier verifier_;
  std::map<std::string, std::vector<std::string>> held_;  // by operation
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_ARCHIVE_ARCHIVE_DESK_H_
