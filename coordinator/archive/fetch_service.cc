#include "coordinator/archive/fetch_service.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/archive/archive_name.h"
#include "common/archive/content_hash.h"
#include "coordinator/server/grpc_status.h"
#include "coordinator/server/response_stream.h"

namespace jettyfleet {
namespace {

using Stream = ResponseStream<v1::FetchArchiveResponse>;

// Reads one content into one stream. Owned by the stream; Begin and Fill are the archive thread's.
class Feed : public std::enable_shared_from_this<Feed> {
 public:
  Feed(CoreLoop& loop, std::shared_ptr<std::atomic<int>> fetches) : loop_(loop), fetches_(std::move(fetches)) {}
  ~Feed() { --*fetches_; }

  void Serve(const std::shared_ptr<Stream>& stream) { stream_ = stream; }

  void Begin(ArchiveSource source, uint64_t offset) {
    source_ = std::move(source);
    offset_ = offset;
    // Said even where nothing is left to be sent.
    next_.set_size(source_.size);
    Fill();
  }

  void Ask() {
    loop_.Post([self = shared_from_this()] { self->Fill(); });
  }

 private:
  void Fill() {
    const std::shared_ptr<Stream> stream = stream_.lock();
    while (stream != nullptr && !ended_ && !stream->over() && stream->waiting() < kChunksAhead) {
      const std::size_t wanted =
          static_cast<std::size_t>(std::min<uint64_t>(kArchiveChunkBytes, source_.size - offset_));
      absl::StatusOr<std::string> bytes = ReadAt(source_.file->get(), "stored content", offset_, wanted);
      if (bytes.ok() && bytes->size() != wanted) bytes = absl::DataLossError("stored content has become shorter");
      if (!bytes.ok()) {
        ended_ = true;
        return stream->Close(ToGrpc(bytes.status()));
      }
      offset_ += bytes->size();
      next_.set_data(*std::move(bytes));
      stream->Write(std::exchange(next_, v1::FetchArchiveResponse()));
      ended_ = offset_ == source_.size;
      if (ended_) stream->Close(grpc::Status::OK);
    }
  }

  CoreLoop& loop_;
  const std::shared_ptr<std::atomic<int>> fetches_;
  std::weak_ptr<Stream> stream_;
  ArchiveSource source_;
  uint64_t offset_ = 0;
  v1::FetchArchiveResponse next_;
  bool ended_ = false;
};

}  // namespace

grpc::ServerWriteReactor<v1::FetchArchiveResponse>* FetchService::FetchArchive(grpc::CallbackServerContext* context,
                                                                               const v1::FetchArchiveRequest* request) {
  ++*fetches_;
  const auto feed = std::make_shared<Feed>(desk_.loop(), fetches_);
  const std::shared_ptr<Stream> stream = Stream::Make([feed] { feed->Ask(); });
  feed->Serve(stream);
  const absl::StatusOr<Caller> caller = gate_.Admit(*context, "FetchArchive");
  absl::Status may = caller.status();
  if (may.ok() && fetches_->load() > kMostFetches) {
    may = absl::ResourceExhaustedError(
        absl::StrCat("the coordinator sends to ", kMostFetches, " agents at once already; try again"));
  }
  if (!may.ok()) {
    stream->Close(ToGrpc(may));
    return stream.get();
  }
  desk_.loop().Post([this, request = *request, stream, feed] {
    desk_.OpenFetch(request, [stream, feed, offset = request.offset()](absl::StatusOr<ArchiveSource> opened) {
      if (!opened.ok()) return stream->Close(ToGrpc(opened.status()));
      feed->Begin(*std::move(opened), offset);
    });
  });
  return stream.get();
}

}  // namespace jettyfleet
