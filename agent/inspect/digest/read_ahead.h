// A large file, read by one thread while another works on what was read before.
#ifndef JETTYFLEET_AGENT_INSPECT_DIGEST_READ_AHEAD_H_
#define JETTYFLEET_AGENT_INSPECT_DIGEST_READ_AHEAD_H_

#include <array>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <thread>

#include "absl/strings/string_view.h"

namespace jettyfleet {

// Reads from the file's beginning to its end, in a thread of its own, which ends with this object. `fd` is not owned
// and stays open meanwhile; its position does not move. One thread calls Next.
class ReadAhead {
 public:
  explicit ReadAhead(int fd);
  ~ReadAhead();
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

  // Valid until the next call. Empty: at the end, or it could not be read: then error() is the errno.
  absl::string_view Next();
  int error() const { return error_; }

 private:
  static constexpr std::size_t kBlock = 512 << 10;
  static constexpr std::size_t kBlocks = 4;
  struct Block {
    std::unique_ptr<char[]> bytes;
    std::size_t length = 0;
    int error = 0;
  };

  void Read();

  const int fd_;
  int error_ = 0;
  std::array<Block, kBlocks> blocks_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t read_ = 0;   // blocks, since the beginning
  std::size_t given_ = 0;  // blocks that Next has given
  std::size_t freed_ = 0;  // blocks that may be overwritten
  bool stopped_ = false;
  std::thread thread_;  // last: it uses the others
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_INSPECT_DIGEST_READ_AHEAD_H_
