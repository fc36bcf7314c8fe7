#include "agent/inspect/jetty/store_conversation.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"

namespace jettyfleet {
namespace {

constexpr absl::string_view kPing = "PING\r\n";
constexpr std::size_t kMaxAnswer = 512;
constexpr char kSilent[] = "is connected, but does not answer";

// False: the time is over.
bool Wait(int socket, short events, absl::Time until) {
  for (;;) {
    pollfd wait = {socket, events, 0};
    const int64_t left = absl::ToInt64Milliseconds(until - absl::Now());
    if (left < 0) return false;
    const int ready = poll(&wait, 1, static_cast<int>(left + 1));
    if (ready > 0) return true;
    if (ready == 0 || errno != EINTR) return false;
  }
}

// One connection's bytes, with TLS or without.
class Stream {
 public:
  Stream(int socket, absl::Time until) : socket_(socket), until_(until) {}

  // Empty, or what is wrong.
  std::string StartTls(const std::string& host) {
    context_.reset(SSL_CTX_new(TLS_client_method()));
    if (context_ != nullptr) tls_.reset(SSL_new(context_.get()));
    if (tls_ == nullptr || SSL_set_fd(tls_.get(), socket_) != 1) return "OpenSSL has no memory";
    // Jetty's trust store is Java's, so that only it can judge the certificate.
    SSL_set_verify(tls_.get(), SSL_VERIFY_NONE, nullptr);
    // Refused for an address, which needs none.
    if (SSL_set_tlsext_host_name(tls_.get(), host.c_str()) != 1) ERR_clear_error();
    for (;;) {
      const int result = SSL_connect(tls_.get());
      if (result == 1) return "";
      if (std::string error = Retry(result); !error.empty()) return absl::StrCat("TLS: ", error);
    }
  }

  // Bytes, or 0 and `*error`.
  std::size_t Read(char* buffer, std::size_t size, std::string* error) {
    for (;;) {
      ERR_clear_error();
      const auto got =
          tls_ != nullptr ? SSL_read(tls_.get(), buffer, static_cast<int>(size)) : recv(socket_, buffer, size, 0);
      if (got > 0) return static_cast<std::size_t>(got);
      *error = tls_ != nullptr ? Retry(static_cast<int>(got)) : RetrySocket(got, POLLIN);
      if (!error->empty()) return 0;
    }
  }

  std::string Write(absl::string_view text) {
    while (!text.empty()) {
      ERR_clear_error();
      const auto put = tls_ != nullptr ? SSL_write(tls_.get(), text.data(), static_cast<int>(text.size()))
                                       : send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
      if (put > 0) {
        text.remove_prefix(static_cast<std::size_t>(put));
        continue;
      }
      std::string error = tls_ != nullptr ? Retry(static_cast<int>(put)) : RetrySocket(put, POLLOUT);
      if (!error.empty()) return error;
    }
    return "";
  }

 private:
  struct Free {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
    void operator()(SSL* tls) const { SSL_free(tls); }
  };

  // Empty: try again.
  std::string Retry(int result) {
    const int error = SSL_get_error(tls_.get(), result);
    if (error == SSL_ERROR_WANT_READ) return Wait(socket_, POLLIN, until_) ? "" : kSilent;
    if (error == SSL_ERROR_WANT_WRITE) return Wait(socket_, POLLOUT, until_) ? "" : kSilent;
    const char* const reason = ERR_reason_error_string(ERR_peek_last_error());
    return reason != nullptr ? reason : "the connection was closed";
  }

  std::string RetrySocket(ssize_t result, short events) const {
    if (result == 0) return "closed the connection without an answer";
    if (errno == EINTR) return "";
    if (errno != EAGAIN) return std::strerror(errno);
    return Wait(socket_, events, until_) ? "" : kSilent;
  }

  const int socket_;
  const absl::Time until_;
  std::unique_ptr<SSL_CTX, Free> context_;
  std::unique_ptr<SSL, Free> tls_;
};

// The text comes from outside.
std::string Shown(absl::string_view text) {
  std::string shown(text.substr(0, std::min<std::size_t>(text.size(), 80)));
  for (char& c : shown) {
    if (!absl::ascii_isprint(c)) c = '?';
  }
  return shown;
}

std::string Ping(Stream* stream) {
  if (std::string error = stream->Write(kPing); !error.empty()) return error;
  std::string answer;
  while (answer.find('\n') == std::string::npos && answer.size() < kMaxAnswer) {
    char buffer[kMaxAnswer];
    std::string error;
    const std::size_t got = stream->Read(buffer, sizeof buffer, &error);
    if (got == 0) return error;
    answer.append(buffer, got);
  }
  const absl::string_view line = absl::StripAsciiWhitespace(absl::string_view(answer).substr(0, answer.find('\n')));
  if (line == "+PONG" || absl::StartsWith(line, "-NOAUTH") || absl::StartsWith(line, "-NOPERM")) return "";
  return absl::StrCat("answered PING with \"", Shown(line), "\"");
}

}  // namespace

std::string TalkToStore(int socket, const StoreAddress& address, absl::Time until) {
  Stream stream(socket, until);
  if (address.tls) {
    if (std::string error = stream.StartTls(address.host); !error.empty()) return error;
  }
  return address.kind == "redis" ? Ping(&stream) : "";
}

}  // namespace jettyfleet
