// HAProxy's admin socket (its Runtime API), asked one command a connection.
#ifndef JETTYFLEET_AGENT_HAPROXY_ADMIN_SOCKET_H_
#define JETTYFLEET_AGENT_HAPROXY_ADMIN_SOCKET_H_

#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "agent/loop.h"

namespace jettyfleet {

// Most that is read of one answer; a longer one is an error, never cut short silently.
inline constexpr std::size_t kAdminAnswerLimitBytes = 4 << 20;

// Owned by whoever asks (the observer and the actor have one each); loop thread only. Each command gets a connection of
// its own, which HAProxy closes after the answer, so commands are independent and may overlap. It knows nothing of what
// the commands mean: an answer that says "No such server." is an answer.
class AdminSocket {
 public:
  AdminSocket(Loop& loop, std::string path);
  // Outstanding commands are dropped; their `done` is not called.
  ~AdminSocket();
  AdminSocket(const AdminSocket&) = delete;
  AdminSocket& operator=(const AdminSocket&) = delete;

  // Calls `done` exactly once, never from inside Ask, with the whole answer as HAProxy wrote it. InvalidArgument: the
  // command is empty, too long, or holds a line break, ';' or a control character, which would make it another command.
  // Unavailable: nobody listens, or the connection broke. DeadlineExceeded: no whole answer within `timeout`.
  // ResourceExhausted: the answer passed kAdminAnswerLimitBytes.
  void Ask(std::string command, absl::Duration timeout, std::function<void(absl::StatusOr<std::string>)> done);

 private:
  class Exchange;

  void Remove(Exchange* exchange);

  Loop& loop_;
  const std::string path_;
  std::list<std::unique_ptr<Exchange>> exchanges_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_HAPROXY_ADMIN_SOCKET_H_
