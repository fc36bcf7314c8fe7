#include "agent/observe/listeners.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <limits>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "tests/testing/agent/loopback_listener.h"

namespace jettyfleet {
namespace {

using testing::IsEmpty;

std::optional<Listener> Find(uint16_t port) {
  const absl::StatusOr<std::vector<Listener>> listeners = DumpListeners();
  EXPECT_TRUE(listeners.ok()) << listeners.status();
  if (!listeners.ok()) return std::nullopt;
  for (const Listener& listener : *listeners) {
    if (listener.port == port) return listener;
  }
  return std::nullopt;
}

// Cookies of the listeners whose end was told within `wait_ms` of the last one, and how many datagrams told them.
struct Told {
  std::set<uint64_t> cookies;
  int datagrams = 0;
};
Told Receive(int fd, int wait_ms, std::optional<uint64_t> until = std::nullopt) {
  Told told;
  pollfd ready = {.fd = fd, .events = POLLIN, .revents = 0};
  while (!(until.has_value() && told.cookies.contains(*until)) && poll(&ready, 1, wait_ms) > 0) {
    char buffer[16 << 10];
    const ssize_t got = recv(fd, buffer, sizeof buffer, 0);
    if (got < 0) break;
    ++told.datagrams;
    bool done = false;
    const auto gone = ParseDiagMessages(absl::string_view(buffer, static_cast<std::size_t>(got)), &done);
    EXPECT_TRUE(gone.ok()) << gone.status();
    for (const Listener& listener : *gone) told.cookies.insert(listener.cookie);
  }
  return told;
}

class DestroyEventsTest : public testing::Test {
 protected:
  DestroyEventsTest() {
    const absl::StatusOr<int> fd = OpenListenerDestroyEvents();
    EXPECT_TRUE(fd.ok()) << fd.status();
    fd_ = fd.ok() ? *fd : -1;
  }
  ~DestroyEventsTest() override { close(fd_); }

  int fd_ = -1;
};

TEST(DumpListenersTest, FindsListenersOfBothFamilies) {
  const LoopbackListener v4(AF_INET), v6(AF_INET6);
  const std::optional<Listener> four = Find(v4.port());
  const std::optional<Listener> six = Find(v6.port());
  ASSERT_TRUE(four.has_value());
  ASSERT_TRUE(six.has_value());
  EXPECT_EQ(four->address, "127.0.0.1");
  EXPECT_EQ(six->address, "::");
  EXPECT_NE(four->cookie, 0u);
  EXPECT_NE(four->cookie, six->cookie);
  struct stat status;
  ASSERT_EQ(fstat(v4.fd(), &status), 0);
  EXPECT_EQ(four->inode, status.st_ino);
}

TEST(DumpListenersTest, AConnectionAndAClosedSocketAreNoListeners) {
  LoopbackListener listener;
  const uint16_t port = listener.port();
  listener.ConnectOnce();
  EXPECT_TRUE(Find(port).has_value());
  listener.Close();
  EXPECT_FALSE(Find(port).has_value());
}

TEST_F(DestroyEventsTest, AWatchedListenersEndIsToldWithItsCookie) {
  for (const int family : {AF_INET, AF_INET6}) {
    LoopbackListener listener(family);
    const std::optional<Listener> known = Find(listener.port());
    ASSERT_TRUE(known.has_value());
    ASSERT_TRUE(FilterListenerDestroyEvents(fd_, {1, listener.port(), 65535}).ok());
    listener.Close();
    EXPECT_TRUE(Receive(fd_, 5000, known->cookie).cookies.contains(known->cookie)) << family;
  }
}

TEST_F(DestroyEventsTest, ConnectionsAndOtherPortsNeverReachUs) {
  LoopbackListener watched(AF_INET6);
  const std::optional<Listener> known = Find(watched.port());
  ASSERT_TRUE(known.has_value());
  ASSERT_TRUE(FilterListenerDestroyEvents(fd_, {watched.port()}).ok());
  for (int i = 0; i < 500; ++i) watched.ConnectOnce();
  for (int i = 0; i < 20; ++i) LoopbackListener other;
  watched.Close();
  // Events keep their order, so what came before it would have been told before it.
  const Told told = Receive(fd_, 5000, known->cookie);
  EXPECT_THAT(told.cookies, testing::ElementsAre(known->cookie));
  EXPECT_EQ(told.datagrams, 1);
}

TEST_F(DestroyEventsTest, BeforeAnyPortIsGivenNothingIsTold) {
  LoopbackListener listener;
  listener.Close();
  EXPECT_EQ(Receive(fd_, 100).datagrams, 0);
}

TEST_F(DestroyEventsTest, AsManyPortsAsThereMayBeAndMore) {
  for (const std::size_t count : {kMostFilteredPorts, kMostFilteredPorts + 1}) {
    LoopbackListener first, last;
    const uint64_t cookies[] = {Find(first.port())->cookie, Find(last.port())->cookie};
    // The filter's first and last comparison both have to find their way.
    std::set<uint16_t> ports = {first.port(), last.port()};
    for (uint16_t port = 1; ports.size() < count; port += 7) ports.insert(port);
    ASSERT_TRUE(FilterListenerDestroyEvents(fd_, ports).ok());
    first.Close();
    EXPECT_TRUE(Receive(fd_, 5000, cookies[0]).cookies.contains(cookies[0])) << count;
    last.Close();
    EXPECT_TRUE(Receive(fd_, 5000, cookies[1]).cookies.contains(cookies[1])) << count;
  }
}

std::string Message(uint16_t type, const std::string& payload) {
  nlmsghdr header = {};
  header.nlmsg_len = static_cast<uint32_t>(sizeof header + payload.size());
  header.nlmsg_type = type;
  std::string message(reinterpret_cast<const char*>(&header), sizeof header);
  message += payload;
  message.resize(NLMSG_ALIGN(message.size()));
  return message;
}

std::string SocketPayload(uint16_t port_network_order, uint16_t peer) {
  inet_diag_msg diag = {};
  diag.idiag_family = AF_INET;
  diag.id.idiag_sport = port_network_order;
  diag.id.idiag_dport = peer;
  diag.id.idiag_cookie[0] = 7;
  diag.id.idiag_cookie[1] = 1;
  return std::string(reinterpret_cast<const char*>(&diag), sizeof diag);
}

TEST(ParseDiagMessagesTest, SeveralMessagesAndTheEnd) {
  bool done = false;
  const auto listeners = ParseDiagMessages(Message(SOCK_DIAG_BY_FAMILY, SocketPayload(htons(8080), 0)) +
                                               Message(SOCK_DIAG_BY_FAMILY, SocketPayload(htons(8080), htons(99))) +
                                               Message(NLMSG_DONE, std::string(4, '\0')),
                                           &done);
  ASSERT_TRUE(listeners.ok()) << listeners.status();
  ASSERT_EQ(listeners->size(), 1u);
  EXPECT_EQ((*listeners)[0].port, 8080);
  EXPECT_EQ((*listeners)[0].cookie, (uint64_t{1} << 32) | 7);
  EXPECT_EQ((*listeners)[0].cgroup_id, 0u);
  EXPECT_TRUE(done);
}

TEST(ParseDiagMessagesTest, TheKernelsErrorIsPassedOn) {
  nlmsgerr error = {};
  error.error = -ENOENT;
  bool done = false;
  EXPECT_EQ(
      ParseDiagMessages(Message(NLMSG_ERROR, std::string(reinterpret_cast<const char*>(&error), sizeof error)), &done)
          .status()
          .code(),
      absl::StatusCode::kUnavailable);
}

TEST(ParseDiagMessagesTest, AnErrorThatIsNoneIsRefusedOrWorded) {
  bool done = false;
  EXPECT_EQ(ParseDiagMessages(Message(NLMSG_ERROR, "ab"), &done).status().code(), absl::StatusCode::kInvalidArgument);
  const int lowest = std::numeric_limits<int>::min();  // its negative is no int
  const std::string payload(reinterpret_cast<const char*>(&lowest), sizeof lowest);
  EXPECT_EQ(ParseDiagMessages(Message(NLMSG_ERROR, payload), &done).status().code(), absl::StatusCode::kUnavailable);
}

TEST(ParseDiagMessagesTest, OfAnotherFamilyThereIsNoListener) {
  std::string payload = SocketPayload(htons(8080), 0);
  payload[0] = AF_UNIX;
  bool done = false;
  EXPECT_EQ(ParseDiagMessages(Message(SOCK_DIAG_BY_FAMILY, payload), &done).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(ParseDiagMessagesTest, EveryTruncationIsRefusedOrEmpty) {
  const std::string whole = Message(SOCK_DIAG_BY_FAMILY, SocketPayload(htons(8080), 0));
  for (std::size_t length = 1; length < whole.size(); ++length) {
    bool done = false;
    EXPECT_EQ(ParseDiagMessages(whole.substr(0, length), &done).status().code(), absl::StatusCode::kInvalidArgument)
        << length;
  }
  bool done = false;
  EXPECT_THAT(*ParseDiagMessages("", &done), IsEmpty());
  std::string lying = whole;
  const uint32_t lengths[] = {0, 3, 15, 0xffffffff};
  for (const uint32_t length : lengths) {
    memcpy(lying.data(), &length, sizeof length);
    EXPECT_FALSE(ParseDiagMessages(lying, &done).ok()) << length;
  }
}

}  // namespace
}  // namespace jettyfleet
