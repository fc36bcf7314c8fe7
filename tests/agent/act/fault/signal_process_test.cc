#include "agent/act/fault/signal_process.h"

#include <gtest/gtest.h>

#include "tests/testing/agent/sleeping_process.h"

namespace jettyfleet {
namespace {

TEST(SignalProcess, KillsWhatIsMeant) {
  SleepingProcess process;
  EXPECT_TRUE(SignalProcess(process.pid(), SIGKILL, [] { return true; }).ok());
  EXPECT_TRUE(process.AwaitKilled());
}

TEST(SignalProcess, ANumberThatHasBecomeAnothers) {
  SleepingProcess process;
  EXPECT_TRUE(absl::IsNotFound(SignalProcess(process.pid(), SIGKILL, [] { return false; })));
  EXPECT_TRUE(process.IsLeftAlone());
}

TEST(SignalProcess, IsHeldBeforeItIsAskedAbout) {
  SleepingProcess process;
  // It ends, and is reaped, after the question was answered: whoever has its number then is not signalled.
  const absl::Status sent = SignalProcess(process.pid(), SIGCONT, [&] {
    kill(process.pid(), SIGKILL);
    return process.AwaitKilled();
  });
  EXPECT_TRUE(absl::IsNotFound(sent)) << sent;
}

TEST(SignalProcess, OneThatHasGone) {
  SleepingProcess process;
  kill(process.pid(), SIGKILL);
  ASSERT_TRUE(process.AwaitKilled());
  EXPECT_TRUE(absl::IsNotFound(SignalProcess(process.pid(), SIGKILL, [] { return true; })));
}

}  // namespace
}  // namespace jettyfleet
