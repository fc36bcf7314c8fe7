#include "coordinator/backup/backup_service.h"

#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "coordinator/server/grpc_status.h"

namespace jettyfleet {
namespace {

constexpr std::size_t kPieceBytes = 256 << 10;

// One call. Owned by itself until gRPC is done with it, and until then by the desk's callback.
class BackupStream final : public grpc::ServerWriteReactor<v1::BackupPart> {
 public:
  static std::shared_ptr<BackupStream> Make() {
    std::shared_ptr<BackupStream> stream(new BackupStream);
    stream->self_ = stream;
    return stream;
  }

  bool cancelled() const { return cancelled_; }

  // Once, unless the call was refused.
  void Send(std::shared_ptr<BackupFile> file) {
    file_ = std::move(file);
    WriteNext();
  }

  void OnWriteDone(bool ok) override {
    if (!ok) return Finish(grpc::Status::CANCELLED);
    if (part_.has_summary()) return Finish(grpc::Status::OK);
    WriteNext();
  }

  void OnCancel() override { cancelled_ = true; }

  void OnDone() override { const std::shared_ptr<BackupStream> last = std::move(self_); }

 private:
  BackupStream() = default;

  // One piece after the other, each when the one before has left: a slow client costs no memory.
  void WriteNext() {
    std::string* const bytes = part_.mutable_bytes();
    bytes->resize(kPieceBytes);
    ssize_t got = -1;
    do {
      got = read(file_->fd.get(), bytes->data(), bytes->size());
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
      return Finish({grpc::StatusCode::UNAVAILABLE, absl::StrCat("the backup cannot be read: ", std::strerror(errno))});
    }
    bytes->resize(static_cast<std::size_t>(got));
    if (got == 0) *part_.mutable_summary() = file_->summary;
    StartWrite(&part_);
  }

  std::shared_ptr<BackupStream> self_;
  std::atomic<bool> cancelled_{false};
  std::shared_ptr<BackupFile> file_;
  v1::BackupPart part_;  // being written
};

}  // namespace

grpc::ServerWriteReactor<v1::BackupPart>* BackupService::Backup(grpc::CallbackServerContext* context,
                                                                const v1::BackupRequest*) {
  const std::shared_ptr<BackupStream> stream = BackupStream::Make();
  if (const absl::StatusOr<Caller> caller = gate_.Admit(*context, "Backup"); !caller.ok()) {
    stream->Finish(ToGrpc(caller.status()));
    return stream.get();
  }
  core_.Post([this, stream] {
    desk_.Make([stream] { return stream->cancelled(); },
               [stream](absl::StatusOr<std::shared_ptr<BackupFile>> file) {
                 if (!file.ok()) return stream->Finish(ToGrpc(file.status()));
                 stream->Send(*std::move(file));
               });
  });
  return stream.get();
}

}  // namespace jettyfleet
