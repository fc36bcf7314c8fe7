// The one keep-alive connection of a virtual user, and the request under way on it.
#ifndef JETTYFLEET_COORDINATOR_PROBE_USER_CONNECTION_H_
#define JETTYFLEET_COORDINATOR_PROBE_USER_CONNECTION_H_

#include <boost/asio/io_context.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "coordinator/probe/http_url.h"
#include "coordinator/probe/request_failure.h"
#include "coordinator/probe/server_address.h"

namespace jettyfleet {

struct Answer {
  std::optional<RequestFailure> failure;  // nullopt: a status of 200 to 399, whole
  std::string body;                       // of a success
  std::vector<std::string> set_cookies;   // of any answer whose header arrived whole
};

// Owned by TrafficRun, on its io thread; `io`, `address` and `url` outlive it. Destroyed only when the loop has ended.
//
// A reused connection that the peer closed before any byte of the answer is replaced, and the request sent once more:
// servers close idle connections when they like, the close can cross a request on its way, and a client cannot tell the
// one from the other. Browsers do the same for idempotent requests (RFC 9112, 9.3.1), so users do not see it. Its time
// still counts from when the request was due. On a new connection nothing is repeated.
class UserConnection {
 public:
  static constexpr std::size_t kLargestHeaderBytes = 16 << 10;
  static constexpr uint64_t kLargestBodyBytes = 64 << 10;

  UserConnection(boost::asio::io_context& io, ServerAddress& address, const HttpUrl& url)
      : io_(io), address_(address), url_(url) {}
  UserConnection(const UserConnection&) = delete;
  UserConnection& operator=(const UserConnection&) = delete;

  // Sends GET; `done` is called exactly once, after this call has returned, by `deadline` at the latest. Only when no
  // request is under way. `cookies` empty: no Cookie header.
  void Get(const std::string& cookies, std::chrono::steady_clock::time_point deadline,
           std::function<void(Answer)> done);

  // Drops an idle connection.
  void Close();

 private:
  void Connect();
  void Write();
  void ReadHeader();
  void ReadBody();
  void OnReadDone();
  // Repeats the request or finishes with the failure that `error` means.
  void OnError(boost::system::error_code error, bool connecting);
  void Finish(Answer answer);

  boost::asio::io_context& io_;
  ServerAddress& address_;
  const HttpUrl& url_;

  std::optional<boost::beast::tcp_stream> stream_;
  boost::beast::flat_buffer buffer_;
  boost::beast::http::request<boost::beast::http::empty_body> request_;
  std::optional<boost::beast::http::response_parser<boost::beast::http::string_body>> parser_;
  std::chrono::steady_clock::time_point deadline_;
  bool reused_ = false;
  std::function<void(Answer)> done_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_PROBE_USER_CONNECTION_H_
