// A real listening TCP socket on this host's loopback, at a port that the kernel chose.
#ifndef JETTYFLEET_TESTS_TESTING_AGENT_LOOPBACK_LISTENER_H_
#define JETTYFLEET_TESTS_TESTING_AGENT_LOOPBACK_LISTENER_H_

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>

namespace jettyfleet {

class LoopbackListener {
 public:
  // AF_INET: 127.0.0.1. AF_INET6: every address of both families, as Jetty listens. `port` 0: any.
  explicit LoopbackListener(int family = AF_INET, uint16_t port = 0) {
    fd_ = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    setsockopt(fd_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_storage address = {};
    socklen_t size = sizeof address;
    if (family == AF_INET) {
      auto* const v4 = reinterpret_cast<sockaddr_in*>(&address);
      v4->sin_family = AF_INET;
      v4->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      v4->sin_port = htons(port);
    } else {
      auto* const v6 = reinterpret_cast<sockaddr_in6*>(&address);
      v6->sin6_family = AF_INET6;
      v6->sin6_port = htons(port);
    }
    if (bind(fd_, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(fd_, 128) != 0 ||
        getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      std::abort();
    }
    port_ = ntohs(family == AF_INET ? reinterpret_cast<sockaddr_in*>(&address)->sin_port
                                    : reinterpret_cast<sockaddr_in6*>(&address)->sin6_port);
  }
  ~LoopbackListener() { Close(); }
  LoopbackListener(const LoopbackListener&) = delete;
  LoopbackListener& operator=(const LoopbackListener&) = delete;

  uint16_t port() const { return port_; }
  int fd() const { return fd_; }

  void Close() {
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
  }

  // One connection, made and closed on both sides.
  void ConnectOnce() const {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port_);
    const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    // Closed by reset, so that nothing lingers in TIME_WAIT and every socket is destroyed at once.
    const linger at_once = {.l_onoff = 1, .l_linger = 0};
    setsockopt(client, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    if (connect(client, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) std::abort();
    const int server = accept(fd_, nullptr, nullptr);
    close(client);
    close(server);
  }

 private:
  int fd_ = -1;
  uint16_t port_ = 0;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_TESTS_TESTING_AGENT_LOOPBACK_LISTENER_H_
