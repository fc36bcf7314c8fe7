#include "coordinator/archive/push_stream.h"

#include "coordinator/server/grpc_status.h"

namespace jettyfleet {

PushStream* PushStream::Start(ArchiveDesk& desk, const grpc::Status& admitted, std::string who,
                              v1::PushArchiveResponse* response) {
  const std::shared_ptr<PushStream> stream(new PushStream(desk, std::move(who), response));
  stream->self_ = stream;
  if (admitted.ok()) {
    stream->StartRead(&stream->chunk_);
  } else {
    stream->Finish(admitted);
  }
  return stream.get();
}

void PushStream::OnReadDone(bool ok) {
  desk_.loop().Post([this, self = self_, ok] { ok ? Take() : End(); });
}

void PushStream::Take() {
  absl::Status taken;
  if (push_ == nullptr && !chunk_.has_header()) {
    taken = absl::InvalidArgumentError("the first message of a push is its header");
  } else if (push_ == nullptr) {
    absl::StatusOr<std::shared_ptr<ArchivePush>> begun = desk_.BeginPush(chunk_.header(), who_);
    taken = begun.status();
    if (begun.ok()) push_ = *std::move(begun);
  } else if (chunk_.has_header()) {
    taken = absl::InvalidArgumentError("a push has one header");
  } else {
    taken = push_->Write(chunk_.data());
  }
  if (!taken.ok()) {
    // Lets go of what it holds before the client hears of it, so that the client may try again at once.
    push_.reset();
    return Finish(ToGrpc(taken));
  }
  StartRead(&chunk_);
}

void PushStream::End() {
  if (push_ == nullptr) return Finish({grpc::StatusCode::INVALID_ARGUMENT, "the push has no header"});
  desk_.FinishPush(std::move(push_), [this, self = self_](absl::StatusOr<v1::PushArchiveResponse> named) {
    if (named.ok()) *response_ = *std::move(named);
    Finish(ToGrpc(named.status()));
  });
}

void PushStream::OnDone() { const std::shared_ptr<PushStream> last = std::move(self_); }

}  // namespace jettyfleet
