// An HTTP server of a few lines, on a thread of its own: it answers every connection with the same bytes.
#ifndef JETTYFLEET_TESTS_TESTING_AGENT_TINY_HTTP_SERVER_H_
#define JETTYFLEET_TESTS_TESTING_AGENT_TINY_HTTP_SERVER_H_

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "tests/testing/agent/loopback_listener.h"

namespace jettyfleet {

class TinyHttpServer {
 public:
  explicit TinyHttpServer(std::string answer) : answer_(std::move(answer)), thread_([this] { Serve(); }) {}
  ~TinyHttpServer() {
    stop_ = true;
    thread_.join();
  }
  TinyHttpServer(const TinyHttpServer&) = delete;
  TinyHttpServer& operator=(const TinyHttpServer&) = delete;

  uint16_t port() const { return listener_.port(); }
  void SetAnswer(std::string answer) {
    const std::lock_guard<std::mutex> lock(mutex_);
    answer_ = std::move(answer);
  }
  // Takes connections and says nothing while true.
  std::atomic<bool> silent = false;
  std::atomic<int> requests = 0;
  std::string LastRequest() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return last_request_;
  }

 private:
  void Serve() {
    while (!stop_) {
      pollfd ready = {.fd = listener_.fd(), .events = POLLIN, .revents = 0};
      if (poll(&ready, 1, 20) <= 0) continue;
      const int client = accept(listener_.fd(), nullptr, nullptr);
      Answer(client);
      close(client);
    }
  }
  void Answer(int client) {
    std::string request;
    char buffer[4096];
    while (request.find("\r\n\r\n") == std::string::npos) {
      const ssize_t got = recv(client, buffer, sizeof buffer, 0);
      if (got <= 0) return;
      request.append(buffer, static_cast<std::size_t>(got));
    }
    std::string answer;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      last_request_ = request;
      answer = answer_;
    }
    ++requests;
    if (silent) {
      // Until the client gives up.
      while (recv(client, buffer, sizeof buffer, 0) > 0) {
      }
      return;
    }
    for (std::size_t sent = 0; sent < answer.size();) {
      const ssize_t wrote = send(client, answer.data() + sent, answer.size() - sent, MSG_NOSIGNAL);
      if (wrote <= 0) return;
      sent += static_cast<std::size_t>(wrote);
    }
    shutdown(client, SHUT_WR);
    while (recv(client, buffer, sizeof buffer, 0) > 0) {
    }
  }

  const LoopbackListener listener_;
  std::atomic<bool> stop_ = false;
  std::mutex mutex_;
  std::string answer_;
  std::string last_request_;
  std::thread thread_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_TESTS_TESTING_AGENT_TINY_HTTP_SERVER_H_
