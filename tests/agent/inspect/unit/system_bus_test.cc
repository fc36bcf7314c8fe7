#include "agent/inspect/unit/system_bus.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "tests/agent/inspect/testing/threaded_systemd.h"

namespace jettyfleet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

int Nothing(sd_bus_message*) { return 0; }

absl::Status Ask(SystemBus* bus, const std::function<int(sd_bus_message*)>& read = Nothing) {
  return bus->Call(
      kSystemdManagerPath, kSystemdManager, "GetUnitFileState",
      [](sd_bus_message* call) { return sd_bus_message_append(call, "s", "jetty9.service"); }, read);
}

TEST(SystemBus, AsksAndReads) {
  ThreadedSystemd systemd([](const std::string&, sd_bus_message* call, sd_bus_message* reply) {
    const char* unit = nullptr;
    const int result = sd_bus_message_read(call, "s", &unit);
    return result < 0 ? result : sd_bus_message_append(reply, "s", unit);
  });
  SystemBus bus(systemd.Opener());
  std::string answered;
  const auto read = [&answered](sd_bus_message* answer) {
    const char* text = nullptr;
    const int result = sd_bus_message_read(answer, "s", &text);
    if (result >= 0) answered = text;
    return result;
  };
  EXPECT_TRUE(Ask(&bus, read).ok());
  EXPECT_TRUE(Ask(&bus, read).ok());
  EXPECT_EQ(answered, "jetty9.service");
  EXPECT_THAT(systemd.Calls(),
              ElementsAre("GetUnitFileState /org/freedesktop/systemd1", "GetUnitFileState /org/freedesktop/systemd1"));
}

TEST(SystemBus, TellsWhatSystemdSays) {
  ThreadedSystemd systemd([](const std::string&, sd_bus_message*, sd_bus_message*) { return -ENOENT; });
  SystemBus bus(systemd.Opener());
  const absl::Status status = Ask(&bus);
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(status.message(), "systemd: no such thing");
}

TEST(SystemBus, RefusesAnswersOfAnotherForm) {
  ThreadedSystemd systemd([](const std::string&, sd_bus_message*, sd_bus_message*) { return 0; });
  SystemBus bus(systemd.Opener());
  const absl::Status status = Ask(&bus, [](sd_bus_message* answer) {
    const char* text = nullptr;
    const int result = sd_bus_message_read(answer, "s", &text);
    return result > 0 ? 0 : -ENXIO;
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_THAT(std::string(status.message()), HasSubstr("GetUnitFileState in an unexpected form"));
}

TEST(SystemBus, WithoutABus) {
  SystemBus bus([](sd_bus**) { return -ENOENT; });
  const absl::Status status = Ask(&bus);
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr("No such file or directory"));
}

// The kernel takes the connection, and nobody answers: not even the greeting.
TEST(SystemBus, GivesUp) {
  int pair[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair), 0);
  SystemBus bus(
      [&pair](sd_bus** client) {
        int result = sd_bus_new(client);
        if (result >= 0) result = sd_bus_set_fd(*client, pair[1], pair[1]);
        return result < 0 ? result : sd_bus_start(*client);
      },
      absl::Milliseconds(50));
  const absl::Status status = Ask(&bus);
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(status.message(), "systemd did not answer within 50ms");
  close(pair[0]);
}

TEST(SystemBus, NamesUnitsAsSystemdDoes) {
  EXPECT_EQ(UnitObjectPath("jetty@blue.service"), "/org/freedesktop/systemd1/unit/jetty_40blue_2eservice");
}

}  // namespace
}  // namespace jettyfleet
