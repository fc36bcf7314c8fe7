#include "agent/inspect/jetty/store_reach.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <string>
#include <thread>

#include "absl/time/clock.h"
#include "tests/testing/files/temporary_directory.h"

namespace jettyfleet {
namespace {

using ::testing::HasSubstr;

// A server on a port of its own, on 127.0.0.1. With `serve`, a thread takes one connection and hands it over.
class Server {
 public:
  explicit Server(std::function<void(int)> serve = nullptr) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(bind(fd_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(fd_, 5), 0);
    getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    if (serve == nullptr) return;
    thread_ = std::thread([this, serve] {
      const int connection = accept(fd_, nullptr, nullptr);
      if (connection < 0) return;
      serve(connection);
      close(connection);
    });
  }
  ~Server() {
    shutdown(fd_, SHUT_RDWR);
    if (thread_.joinable()) thread_.join();
    close(fd_);
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  uint16_t port() const { return port_; }
  // Whether a connection ever came as far as to this program.
  bool WasBothered() const {
    pollfd wait = {fd_, POLLIN, 0};
    return poll(&wait, 1, 100) > 0;
  }

 private:
  int fd_;
  uint16_t port_ = 0;
  std::thread thread_;
};

StoreAddress At(const std::string& kind, uint16_t port, bool tls = false) {
  StoreAddress address;
  address.kind = kind;
  address.host = "127.0.0.1";
  address.port = port;
  address.tls = tls;
  return address;
}

void Answer(int connection, const std::string& text) {
  char buffer[64];
  EXPECT_GT(read(connection, buffer, sizeof buffer), 0);
  if (!text.empty()) send(connection, text.data(), text.size(), MSG_NOSIGNAL);
}

// Until the peer hangs up.
void StaySilent(int connection) {
  char buffer[64];
  while (read(connection, buffer, sizeof buffer) > 0) {
  }
}

TEST(ReachStores, ConnectsWithoutBotheringTheServer) {
  const Server server;
  const std::vector<v1::StoreFact> facts = ReachStores({At("jdbc", server.port())}, absl::Seconds(20));
  ASSERT_EQ(facts.size(), 1u);
  EXPECT_EQ(facts[0].reachable(), v1::ANSWER_YES) << facts[0].error();
  EXPECT_EQ(facts[0].address(), "127.0.0.1:" + std::to_string(server.port()));
  EXPECT_EQ(facts[0].kind(), "jdbc");
  EXPECT_GT(facts[0].latency_us(), 0u);
  EXPECT_FALSE(server.WasBothered());
}

TEST(ReachStores, SeesARefusal) {
  uint16_t port = 0;
  {
    const Server gone;
    port = gone.port();
  }
  for (const char* const kind : {"jdbc", "redis"}) {
    const std::vector<v1::StoreFact> facts = ReachStores({At(kind, port)}, absl::Seconds(20));
    EXPECT_EQ(facts[0].reachable(), v1::ANSWER_NO) << kind;
    EXPECT_EQ(facts[0].error(), "Connection refused") << kind;
    EXPECT_EQ(facts[0].latency_us(), 0u) << kind;
  }
}

TEST(ReachStores, AsksRedis) {
  const struct {
    const char* answer;
    v1::Answer reachable;
    const char* error;
  } cases[] = {
      {"+PONG\r\n", v1::ANSWER_YES, ""},
      {"-NOAUTH Authentication required.\r\n", v1::ANSWER_YES, ""},
      {"-LOADING Redis is loading\r\n", v1::ANSWER_NO, "answered PING with \"-LOADING Redis is loading\""},
      {"HTTP/1.1 400 \x1b[31mBad\r\n", v1::ANSWER_NO, "answered PING with \"HTTP/1.1 400 ?[31mBad\""},
      {"+PONGO\n", v1::ANSWER_NO, "answered PING with \"+PONGO\""},
      {"", v1::ANSWER_NO, "closed the connection without an answer"},
  };
  for (const auto& test : cases) {
    const Server server([&](int connection) { Answer(connection, test.answer); });
    const std::vector<v1::StoreFact> facts = ReachStores({At("redis", server.port())}, absl::Seconds(20));
    EXPECT_EQ(facts[0].reachable(), test.reachable) << test.answer;
    EXPECT_EQ(facts[0].error(), test.error);
  }
}

TEST(ReachStores, AsksAllAtOnceAndGivesUpInTime) {
  const Server a(StaySilent), b(StaySilent), c(StaySilent), d(StaySilent);
  const absl::Time start = absl::Now();
  const std::vector<v1::StoreFact> facts =
      ReachStores({At("redis", a.port()), At("redis", b.port()), At("redis", c.port(), true), At("redis", d.port())},
                  absl::Seconds(1));
  EXPECT_LT(absl::Now() - start, absl::Seconds(3));
  for (const v1::StoreFact& fact : facts) {
    EXPECT_EQ(fact.reachable(), v1::ANSWER_NO);
    EXPECT_THAT(fact.error(), HasSubstr("does not answer"));
  }
}

TEST(ReachStores, LooksAtDirectories) {
  const TemporaryDirectory directory;
  StoreAddress there, missing;
  there.kind = missing.kind = "file";
  there.directory = directory.path();
  missing.directory = directory / "none";
  const std::vector<v1::StoreFact> facts = ReachStores({there, missing}, absl::Seconds(20));
  EXPECT_EQ(facts[0].reachable(), v1::ANSWER_YES) << facts[0].error();
  EXPECT_EQ(facts[0].address(), directory.path());
  EXPECT_EQ(facts[1].reachable(), v1::ANSWER_NO);
  EXPECT_EQ(facts[1].error(), "No such file or directory");
}

TEST(ReachStores, WhatIsNotKnownStaysUnknown) {
  StoreAddress unknown;
  unknown.kind = "gcloud";
  unknown.error = "cannot be told";
  const Server server;
  const std::vector<v1::StoreFact> facts = ReachStores({unknown, At("jdbc", server.port())}, absl::Seconds(20));
  ASSERT_EQ(facts.size(), 2u);
  EXPECT_EQ(facts[0].reachable(), v1::ANSWER_UNSPECIFIED);
  EXPECT_EQ(facts[0].error(), "cannot be told");
  EXPECT_EQ(facts[0].address(), "");
  EXPECT_EQ(facts[1].reachable(), v1::ANSWER_YES);
  EXPECT_TRUE(ReachStores({}, absl::Seconds(20)).empty());
}

TEST(ReachStores, ANameThatIsNotKnownIsNotReached) {
  StoreAddress address = At("redis", 1);
  address.host = "no-such-host.invalid";
  const v1::StoreFact fact = ReachStores({address}, absl::Seconds(20))[0];
  EXPECT_EQ(fact.reachable(), v1::ANSWER_NO);
  EXPECT_NE(fact.error(), "");
}

// A certificate that nobody vouches for, as in many a private network.
class TlsServer {
 public:
  TlsServer() : key_(EVP_EC_gen("P-256")), certificate_(X509_new()), context_(SSL_CTX_new(TLS_server_method())) {
    X509_gmtime_adj(X509_getm_notBefore(certificate_), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate_), 3600);
    X509_set_pubkey(certificate_, key_);
    EXPECT_GT(X509_sign(certificate_, key_, EVP_sha256()), 0);
    EXPECT_EQ(SSL_CTX_use_certificate(context_, certificate_), 1);
    EXPECT_EQ(SSL_CTX_use_PrivateKey(context_, key_), 1);
  }
  ~TlsServer() {
    SSL_CTX_free(context_);
    X509_free(certificate_);
    EVP_PKEY_free(key_);
  }
  // On the server's thread. A client to whom the handshake was all is gone before the session's tickets are written.
  void Serve(int connection, const std::string& answer) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    SSL* const tls = SSL_new(context_);
    SSL_set_fd(tls, connection);
    char buffer[64];
    if (SSL_accept(tls) == 1 && SSL_read(tls, buffer, sizeof buffer) > 0) {
      SSL_write(tls, answer.data(), static_cast<int>(answer.size()));
    }
    SSL_free(tls);
  }

 private:
  EVP_PKEY* key_;
  X509* certificate_;
  SSL_CTX* context_;
};

TEST(ReachStores, SpeaksTlsWhereTheAddressSaysSo) {
  TlsServer tls;
  {
    const Server server([&](int connection) { tls.Serve(connection, "+PONG\r\n"); });
    const v1::StoreFact fact = ReachStores({At("redis", server.port(), true)}, absl::Seconds(20))[0];
    EXPECT_EQ(fact.reachable(), v1::ANSWER_YES) << fact.error();
  }
  {
    const Server server([&](int connection) { tls.Serve(connection, "-ERR\r\n"); });
    const v1::StoreFact fact = ReachStores({At("redis", server.port(), true)}, absl::Seconds(20))[0];
    EXPECT_EQ(fact.reachable(), v1::ANSWER_NO);
    EXPECT_EQ(fact.error(), "answered PING with \"-ERR\"");
  }
  {
    // For another store the handshake is all.
    const Server server([&](int connection) { tls.Serve(connection, ""); });
    EXPECT_EQ(ReachStores({At("mongo", server.port(), true)}, absl::Seconds(20))[0].reachable(), v1::ANSWER_YES);
  }
  {
    const Server plain([](int connection) { Answer(connection, "-ERR unknown command\r\n"); });
    const v1::StoreFact fact = ReachStores({At("mongo", plain.port(), true)}, absl::Seconds(20))[0];
    EXPECT_EQ(fact.reachable(), v1::ANSWER_NO);
    EXPECT_THAT(fact.error(), HasSubstr("TLS: "));
  }
}

}  // namespace
}  // namespace jettyfleet
