#include "agent/inspect/marker/sweep_timer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "tests/agent/inspect/testing/threaded_systemd.h"

namespace jettyfleet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// As `busctl monitor` shows it.
std::string TextOf(sd_bus_message* message) {
  char* text = nullptr;
  std::size_t size = 0;
  FILE* const out = open_memstream(&text, &size);
  sd_bus_message_dump(message, out, SD_BUS_MESSAGE_DUMP_SUBTREE_ONLY);
  fclose(out);
  std::string copy(text, size);
  free(text);
  // Its columns are wide.
  std::string narrow;
  for (const char c : copy) {
    const bool blank = c == ' ' || c == '\n';
    if (!blank || (!narrow.empty() && narrow.back() != ' ')) narrow.push_back(blank ? ' ' : c);
  }
  return narrow;
}

class SweepTimerTest : public testing::Test {
 protected:
  SweepTimerTest()
      : systemd_([this](const std::string&, sd_bus_message* call, sd_bus_message* reply) {
          signature_ = sd_bus_message_get_signature(call, 1);
          text_ = TextOf(call);
          return refuses_ ? -EEXIST : sd_bus_message_append(reply, "o", "/org/freedesktop/systemd1/job/7");
        }) {}

  absl::Status Arm(const std::vector<std::string>& command) {
    return ArmSweepTimer(systemd_.Opener(), "jettyfleet-marker-a", absl::FromUnixMillis(1763900000250),
                         absl::Seconds(60), command);
  }

  bool refuses_ = false;
  // Written while the test waits for the answer.
  std::string signature_;
  std::string text_;
  ThreadedSystemd systemd_;
};

TEST_F(SweepTimerTest, IsOneTransientUnitWithItsService) {
  const absl::Status armed = Arm({"/usr/bin/jettyfleet-inspect", "--state=/var/lib/x y", "sweep"});
  ASSERT_TRUE(armed.ok()) << armed;
  EXPECT_THAT(systemd_.Calls(), ElementsAre("StartTransientUnit /org/freedesktop/systemd1"));
  EXPECT_EQ(signature_, "ssa(sv)a(sa(sv))");
  EXPECT_THAT(text_, HasSubstr("STRING \"jettyfleet-marker-a.timer\"; STRING \"fail\";"));
  // Whichever comes first.
  EXPECT_THAT(text_, HasSubstr("STRING \"OnActiveSec\"; UINT64 60000000;"));
  EXPECT_THAT(text_, HasSubstr("STRING \"OnCalendar\"; STRING \"2025-11-23 12:13:20.250 UTC\";"));
  EXPECT_THAT(text_, HasSubstr("STRING \"jettyfleet-marker-a.service\";"));
  EXPECT_THAT(text_,
              HasSubstr("STRING \"/usr/bin/jettyfleet-inspect\"; ARRAY \"s\" { STRING "
                        "\"/usr/bin/jettyfleet-inspect\"; STRING \"--state=/var/lib/x y\"; STRING \"sweep\"; };"));
  // Neither stays once it has done its work.
  EXPECT_THAT(text_, HasSubstr("STRING \"RemainAfterElapse\"; VARIANT \"b\" { BOOLEAN false;"));
  EXPECT_THAT(text_, HasSubstr("STRING \"CollectMode\"; VARIANT \"s\" { STRING \"inactive-or-failed\";"));
}

TEST_F(SweepTimerTest, ThatSystemdDoesNotTakeIsAnError) {
  refuses_ = true;
  EXPECT_EQ(Arm({"/bin/true"}).message(), "systemd: no such thing");
}

TEST_F(SweepTimerTest, NeedsACommand) {
  EXPECT_EQ(Arm({}).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(systemd_.Calls(), IsEmpty());
}

TEST_F(SweepTimerTest, IsStoppedWithoutItsService) {
  ASSERT_TRUE(DisarmSweepTimer(systemd_.Opener(), "jettyfleet-marker-a").ok());
  EXPECT_THAT(systemd_.Calls(), ElementsAre("StopUnit /org/freedesktop/systemd1"));
  EXPECT_THAT(text_, HasSubstr("STRING \"jettyfleet-marker-a.timer\"; STRING \"replace\";"));
}

}  // namespace
}  // namespace jettyfleet
