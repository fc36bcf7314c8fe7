// A server-streaming answer that the core writes to whenever it has something.
#ifndef JETTYFLEET_COORDINATOR_SERVER_RESPONSE_STREAM_H_
#define JETTYFLEET_COORDINATOR_SERVER_RESPONSE_STREAM_H_

#include <grpcpp/support/server_callback.h>

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <utility>

#include "common/mutex.h"

namespace jettyfleet {

// Owned by itself until gRPC is done with it and by whoever holds a shared_ptr. Any thread may call Write and Close.
template <typename Response>
class ResponseStream final : public grpc::ServerWriteReactor<Response> {
 public:
  // `on_written`, where it is given, is called on gRPC's threads whenever one response has gone out and more may
  // follow; it must not call back. For writers that keep few in the queue.
  static std::shared_ptr<ResponseStream> Make(std::function<void()> on_written = nullptr) {
    std::shared_ptr<ResponseStream> stream(new ResponseStream(std::move(on_written)));
    stream->self_ = stream;
    return stream;
  }

  // Responses waiting for a slow client; more than this ends the stream, and the client asks again from its cursor.
  static constexpr std::size_t kQueueLimit = 4096;

  void Write(Response response) {
    {
      const MutexLock lock(mutex_);
      if (closing_) return;
      if (queue_.size() < kQueueLimit) {
        queue_.push_back(std::move(response));
        if (queue_.size() == 1) this->StartWrite(&queue_.front());
        return;
      }
    }
    Close(grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED, "the client reads too slowly; ask again"));
  }

  // Ends the stream after what has been written.
  void Close(const grpc::Status& status) {
    {
      const MutexLock lock(mutex_);
      if (closing_) return;
      closing_ = true;
      end_ = status;
      if (!queue_.empty()) return;
    }
    this->Finish(status);
  }

  // The client is gone, or the stream has been closed: writing is pointless.
  bool over() const { return over_; }

  // How many responses wait; for writers that produce faster than a client reads.
  std::size_t waiting() {
    const MutexLock lock(mutex_);
    return queue_.size();
  }

  void OnWriteDone(bool ok) override {
    {
      const MutexLock lock(mutex_);
      if (ok) {
        queue_.pop_front();
      } else {
        queue_.clear();
        if (!closing_) end_ = grpc::Status::CANCELLED;
        closing_ = true;
      }
      if (!queue_.empty()) this->StartWrite(&queue_.front());
      if (!queue_.empty() || !closing_) {
        if (!closing_ && on_written_ != nullptr) on_written_();
        return;
      }
    }
    this->Finish(end_);
  }

  void OnCancel() override {
    over_ = true;
    Close(grpc::Status::CANCELLED);
  }

  void OnDone() override {
    over_ = true;
    const std::shared_ptr<ResponseStream> last = std::move(self_);
  }

 private:
  explicit ResponseStream(std::function<void()> on_written) : on_written_(std::move(on_written)) {}

  const std::function<void()> on_written_;
  std::shared_ptr<ResponseStream> self_;
  std::atomic<bool> over_{false};
  Mutex mutex_;
  bool closing_ ABSL_GUARDED_BY(mutex_) = false;
  std::deque<Response> queue_ ABSL_GUARDED_BY(mutex_);  // the front is being written
  grpc::Status end_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_SERVER_RESPONSE_STREAM_H_
