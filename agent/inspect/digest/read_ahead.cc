#include "agent/inspect/digest/read_ahead.h"

#include <sys/types.h>
#include <unistd.h>

#include <cerrno>

namespace jettyfleet {

ReadAhead::ReadAhead(int fd) : fd_(fd) {
  for (Block& block : blocks_) block.bytes = std::make_unique<char[]>(kBlock);
  thread_ = std::thread([this] { Read(); });
}

ReadAhead::~ReadAhead() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void ReadAhead::Read() {
  off_t at = 0;
  while (true) {
    Block* block = nullptr;
    {
      std::unique_lock<std::mutex> lock(mutex_);
      changed_.wait(lock, [this] { return stopped_ || read_ - freed_ < kBlocks; });
      if (stopped_) return;
      block = &blocks_[read_ % kBlocks];
    }
    ssize_t length = 0;
    do {
      length = pread(fd_, block->bytes.get(), kBlock, at);
    } while (length < 0 && errno == EINTR);
    block->error = length < 0 ? errno : 0;
    block->length = length < 0 ? 0 : static_cast<std::size_t>(length);
    at += static_cast<off_t>(block->length);
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      ++read_;
    }
    changed_.notify_all();
    if (length <= 0) return;
  }
}

absl::string_view ReadAhead::Next() {
  std::unique_lock<std::mutex> lock(mutex_);
  if (given_ > 0) {
    const Block& last = blocks_[(given_ - 1) % kBlocks];
    if (last.length == 0) return "";
    freed_ = given_;
    changed_.notify_all();
  }
  changed_.wait(lock, [this] { return read_ > given_; });
  const Block& next = blocks_[given_++ % kBlocks];
  error_ = next.error;
  return {next.bytes.get(), next.length};
}

}  // namespace jettyfleet
