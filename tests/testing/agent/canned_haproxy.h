// HAProxy's admin socket that answers with texts captured from a real one.
#ifndef JETTYFLEET_TESTS_TESTING_AGENT_CANNED_HAPROXY_H_
#define JETTYFLEET_TESTS_TESTING_AGENT_CANNED_HAPROXY_H_

#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "agent/loop.h"

namespace jettyfleet {

// On the test's own loop. One command a connection, which a test's own client sends in one piece.
class CannedHaproxy {
 public:
  CannedHaproxy(Loop& loop, std::string path) : loop_(loop), path_(std::move(path)) {
    fd_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path_.c_str(), sizeof address.sun_path - 1);
    if (bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) < 0 || listen(fd_, 16) < 0) std::abort();
    if (sd_event_add_io(loop.event(), &source_, fd_, EPOLLIN, &CannedHaproxy::OnConnection, this) < 0) std::abort();
  }
  ~CannedHaproxy() {
    Down();
    for (const auto& [client, source] : clients_) {
      sd_event_source_disable_unref(source);
      close(client);
    }
  }
  CannedHaproxy(const CannedHaproxy&) = delete;
  CannedHaproxy& operator=(const CannedHaproxy&) = delete;

  // As a stopped HAProxy: nobody listens any more.
  void Down() {
    source_ = sd_event_source_disable_unref(source_);
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
  }

  std::map<std::string, std::string> answers;  // by command
  std::vector<std::string> commands;

 private:
  static int OnConnection(sd_event_source*, int fd, uint32_t, void* haproxy) {
    CannedHaproxy* const self = static_cast<CannedHaproxy*>(haproxy);
    const int client = accept(fd, nullptr, nullptr);
    sd_event_source** const source = &self->clients_[client];
    if (sd_event_add_io(self->loop_.event(), source, client, EPOLLIN, &CannedHaproxy::OnCommand, self) < 0)
      std::abort();
    return 0;
  }
  static int OnCommand(sd_event_source*, int client, uint32_t, void* haproxy) {
    CannedHaproxy* const self = static_cast<CannedHaproxy*>(haproxy);
    char buffer[4096];
    const ssize_t got = recv(client, buffer, sizeof buffer, 0);
    if (got > 0) {
      self->commands.emplace_back(buffer, static_cast<std::size_t>(got) - 1);
      // A socket's buffer holds a whole answer of a few kilobytes.
      const std::string& answer = self->answers[self->commands.back()];
      if (send(client, answer.data(), answer.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(answer.size())) std::abort();
    }
    sd_event_source_disable_unref(self->clients_.extract(client).mapped());
    close(client);
    return 0;
  }

  Loop& loop_;
  const std::string path_;
  int fd_ = -1;
  sd_event_source* source_ = nullptr;
  std::map<int, sd_event_source*> clients_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_TESTS_TESTING_AGENT_CANNED_HAPROXY_H_
