#include "agent/haproxy/admin_socket.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace jettyfleet {
namespace {

constexpr std::size_t kCommandLimitBytes = 4096;

absl::Status CheckCommand(const std::string& command) {
  if (command.empty() || command.size() > kCommandLimitBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("a HAProxy command of ", command.size(), " bytes; 1 to ", kCommandLimitBytes, " are allowed"));
  }
  const bool plain =
      std::none_of(command.begin(), command.end(), [](char c) { return absl::ascii_iscntrl(c) || c == ';'; });
  if (!plain) return absl::InvalidArgumentError("a HAProxy command with ';' or a control character in it");
  return absl::OkStatus();
}

}  // namespace

// One command on one connection. Owned by the AdminSocket; ends by calling `done` and removing itself.
class AdminSocket::Exchange {
 public:
  Exchange(AdminSocket& owner, std::string command, std::function<void(absl::StatusOr<std::string>)> done)
      : owner_(owner), unsent_(std::move(command)), done_(std::move(done)) {}

  ~Exchange() {
    sd_event_source_disable_unref(source_);
    if (fd_ >= 0) close(fd_);
  }

  void Begin(absl::Duration timeout) {
    if (const absl::Status status = CheckCommand(unsent_); !status.ok()) return EndLater(status);
    unsent_ += '\n';
    if (const absl::Status status = Connect(); !status.ok()) return EndLater(status);
    timer_ = owner_.loop_.After(timeout, [this, timeout] {
      End(absl::DeadlineExceededError(
          absl::StrCat("HAProxy at ", owner_.path_, " did not answer within ", absl::FormatDuration(timeout))));
    });
  }

 private:
  absl::Status Broken(const char* what, int error) {
    return absl::UnavailableError(
        absl::StrCat("HAProxy's admin socket ", owner_.path_, ": ", what, ": ", std::strerror(error)));
  }

  absl::Status Connect() {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    if (owner_.path_.empty() || owner_.path_.size() >= sizeof address.sun_path) {
      return absl::UnavailableError(absl::StrCat("HAProxy's admin socket path '", owner_.path_, "' must have 1 to ",
                                                 sizeof address.sun_path - 1, " bytes"));
    }
    std::memcpy(address.sun_path, owner_.path_.data(), owner_.path_.size());
    fd_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd_ < 0) return Broken("socket", errno);
    // A Unix stream connects at once or not at all; EAGAIN is a full backlog.
    if (connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) < 0) return Broken("connect", errno);
    const int added =
        sd_event_add_io(owner_.loop_.event(), &source_, fd_, EPOLLIN | EPOLLOUT, &Exchange::OnReady, this);
    if (added < 0) return Broken("watch", -added);
    return absl::OkStatus();
  }

  static int OnReady(sd_event_source*, int, uint32_t events, void* exchange) {
    static_cast<Exchange*>(exchange)->OnEvents(events);
    return 0;
  }

  void OnEvents(uint32_t events) {
    if ((events & EPOLLOUT) != 0 && !unsent_.empty()) {
      if (const absl::Status sent = Send(); !sent.ok()) return End(sent);
    }
    if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) Receive();
  }

  absl::Status Send() {
    const ssize_t sent = send(fd_, unsent_.data(), unsent_.size(), MSG_NOSIGNAL);
    if (sent < 0) return errno == EAGAIN || errno == EINTR ? absl::OkStatus() : Broken("write", errno);
    unsent_.erase(0, static_cast<std::size_t>(sent));
    if (unsent_.empty()) sd_event_source_set_io_events(source_, EPOLLIN);
    return absl::OkStatus();
  }

  void Receive() {
    char buffer[16384];
    const ssize_t got = recv(fd_, buffer, sizeof buffer, 0);
    if (got < 0) {
      if (errno == EAGAIN || errno == EINTR) return;
      return End(Broken("read", errno));
    }
    if (got == 0) {
      // HAProxy ends every answer with an empty line, and then closes: without that the answer was cut short.
      if (answer_ != "\n" && !absl::EndsWith(answer_, "\n\n")) {
        return End(
            absl::UnavailableError(absl::StrCat("HAProxy at ", owner_.path_, " closed in the middle of its answer")));
      }
      return End(std::move(answer_));
    }
    if (answer_.size() + static_cast<std::size_t>(got) > kAdminAnswerLimitBytes) {
      return End(absl::ResourceExhaustedError(
          absl::StrCat("HAProxy at ", owner_.path_, " answered more than ", kAdminAnswerLimitBytes, " bytes")));
    }
    answer_.append(buffer, static_cast<std::size_t>(got));
  }

  void EndLater(absl::Status status) {
    timer_ = owner_.loop_.After(absl::ZeroDuration(), [this, status = std::move(status)] { End(status); });
  }

  void End(absl::StatusOr<std::string> result) {
    const auto done = std::move(done_);
    owner_.Remove(this);  // deletes this
    done(std::move(result));
  }

  AdminSocket& owner_;
  std::string unsent_;
  std::string answer_;
  std::function<void(absl::StatusOr<std::string>)> done_;
  int fd_ = -1;
  sd_event_source* source_ = nullptr;
  std::unique_ptr<Timer> timer_;
};

AdminSocket::AdminSocket(Loop& loop, std::string path) : loop_(loop), path_(std::move(path)) {}

AdminSocket::~AdminSocket() = default;

void AdminSocket::Ask(std::string command, absl::Duration timeout,
                      std::function<void(absl::StatusOr<std::string>)> done) {
  exchanges_.push_back(std::make_unique<Exchange>(*this, std::move(command), std::move(done)));
  exchanges_.back()->Begin(timeout);
}

void AdminSocket::Remove(Exchange* exchange) {
  exchanges_.remove_if([exchange](const std::unique_ptr<Exchange>& held) { return held.get() == exchange; });
}

}  // namespace jettyfleet
