#include "agent/process_runner.h"

#include <dirent.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "agent/loop.h"

namespace jettyfleet {
namespace {

using testing::HasSubstr;

class ProcessTest : public testing::Test {
 protected:
  ProcessTest() : loop_(*Loop::Create()), runner_(CreateProcessRunner(*loop_)) {}

  CommandResult Run(Command command) {
    std::optional<CommandResult> got;
    runner_->Run(std::move(command), [&got](CommandResult result) {
      EXPECT_FALSE(got.has_value());
      got = std::move(result);
    });
    EXPECT_FALSE(got.has_value()) << "done was called from inside Run";
    while (!got.has_value()) sd_event_run(loop_->event(), UINT64_MAX);
    return *got;
  }

  std::unique_ptr<Loop> loop_;
  std::unique_ptr<ProcessRunner> runner_;
};

bool HasChildren() { return waitpid(-1, nullptr, WNOHANG) != -1 || errno != ECHILD; }

int OpenDescriptors() {
  int count = 0;
  DIR* directory = opendir("/proc/self/fd");
  while (readdir(directory) != nullptr) ++count;
  closedir(directory);
  return count;
}

TEST_F(ProcessTest, ExitCodesAreReported) {
  const CommandResult yes = Run({.argv = {"true"}});
  EXPECT_TRUE(yes.status.ok()) << yes.status;
  EXPECT_EQ(yes.exit_code, 0);
  const CommandResult no = Run({.argv = {"false"}});
  EXPECT_TRUE(no.status.ok());
  EXPECT_EQ(no.exit_code, 1);
  EXPECT_FALSE(HasChildren());
}

TEST_F(ProcessTest, OutputAndErrorsAreKeptApart) {
  const CommandResult result = Run({.argv = {"sh", "-c", "echo out; echo err >&2; exit 7"}});
  EXPECT_EQ(result.out, "out\n");
  EXPECT_EQ(result.err, "err\n");
  EXPECT_EQ(result.exit_code, 7);
}

TEST_F(ProcessTest, EnvironmentIsOnlyPathAndLocale) {
  setenv("JETTYFLEET_SECRET", "leaks", 1);
  const CommandResult result = Run({.argv = {"env"}});
  EXPECT_EQ(result.out, "PATH=/usr/sbin:/usr/bin:/sbin:/bin\nLC_ALL=C\n");
}

TEST_F(ProcessTest, StandardInputIsEmptyAndNothingElseIsOpen) {
  // A descriptor without close-on-exec, as libraries open them.
  const int leak = open("/dev/null", O_RDONLY);
  const CommandResult result = Run({.argv = {"sh", "-c", "cat; ls /proc/$$/fd"}});
  close(leak);
  EXPECT_EQ(result.out, "0\n1\n2\n");
}

TEST_F(ProcessTest, SignalsAreUnblockedAndAtTheirDefault) {
  sigset_t set;
  sigfillset(&set);
  sigprocmask(SIG_BLOCK, &set, nullptr);
  signal(SIGPIPE, SIG_IGN);
  const CommandResult result = Run({.argv = {"grep", "-hE", "^Sig(Blk|Ign)", "/proc/self/status"}});
  sigprocmask(SIG_UNBLOCK, &set, nullptr);
  for (const absl::string_view line : absl::StrSplit(result.out, '\n', absl::SkipEmpty())) {
    uint64_t signals = 0;
    ASSERT_TRUE(absl::SimpleHexAtoi(line.substr(line.find('\t') + 1), &signals)) << line;
    // The two above are the C library's own (32 and 33), out of anybody's reach.
    EXPECT_EQ(signals & 0x7fffffff, 0u) << line;
  }
  EXPECT_THAT(result.out, HasSubstr("SigIgn"));
}

TEST_F(ProcessTest, MissingProgramIsUnavailableAndNamed) {
  const CommandResult result = Run({.argv = {"jettyfleet-no-such-program"}});
  EXPECT_EQ(result.status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(result.status.message()), HasSubstr("jettyfleet-no-such-program"));
  EXPECT_EQ(Run({.argv = {"/etc/passwd"}}).status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(Run({.argv = {}}).status.code(), absl::StatusCode::kUnavailable);
}

TEST_F(ProcessTest, DeadlineKillsTheGrandchildToo) {
  // The shell's child inherits the group, and the pipe that its id is read from.
  const CommandResult result =
      Run({.argv = {"sh", "-c", "sleep 1000 & echo $!; wait"}, .timeout = absl::Milliseconds(200)});
  EXPECT_EQ(result.status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(result.signal, SIGKILL);
  int grandchild = 0;
  ASSERT_TRUE(absl::SimpleAtoi(absl::StripAsciiWhitespace(result.out), &grandchild)) << result.out;
  // Killed; an orphan's zombie belongs to init, so only "no longer running" can be asked.
  for (;;) {
    const CommandResult state = Run({.argv = {"ps", "-o", "stat=", "-p", absl::StrCat(grandchild)}});
    if (state.out.empty() || state.out[0] == 'Z') break;
  }
  EXPECT_FALSE(HasChildren());
}

TEST_F(ProcessTest, ACommandThatExitsLeavesNothingBehind) {
  // Without the kill of its group the sleep would hold the pipe open and Run would wait for it.
  const CommandResult result = Run({.argv = {"sh", "-c", "sleep 1000 & echo started"}});
  EXPECT_TRUE(result.status.ok()) << result.status;
  EXPECT_EQ(result.out, "started\n");
}

TEST_F(ProcessTest, OutputIsCutAtTheLimitAndSaysSo) {
  const CommandResult result = Run({.argv = {"head", "-c", "1000000", "/dev/zero"}, .output_limit_bytes = 1000});
  EXPECT_EQ(result.status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(result.out.size(), 1000u);
  EXPECT_EQ(result.exit_code, 0) << "reading went on, so the writer could end";
  EXPECT_TRUE(Run({.argv = {"head", "-c", "1000", "/dev/zero"}, .output_limit_bytes = 1000}).status.ok());
}

TEST_F(ProcessTest, LargeOutputArrivesWhole) {
  const CommandResult result = Run({.argv = {"head", "-c", "3000000", "/dev/zero"}});
  EXPECT_TRUE(result.status.ok());
  EXPECT_EQ(result.out.size(), 3000000u);
}

TEST_F(ProcessTest, DestroyingTheRunnerKillsAndReaps) {
  runner_->Run({.argv = {"sleep", "1000"}}, [](CommandResult) { ADD_FAILURE() << "called after its runner was gone"; });
  EXPECT_TRUE(HasChildren());
  runner_.reset();
  EXPECT_FALSE(HasChildren());
}

TEST_F(ProcessTest, DescriptorsDoNotLeak) {
  Run({.argv = {"true"}});
  const int before = OpenDescriptors();
  for (int i = 0; i < 20; ++i) Run({.argv = {i % 2 == 0 ? "true" : "jettyfleet-no-such-program"}});
  EXPECT_EQ(OpenDescriptors(), before);
}

TEST_F(ProcessTest, ManyAtOnce) {
  int pending = 30;
  for (int i = 0; i < 30; ++i) {
    runner_->Run({.argv = {"echo", absl::StrCat(i)}}, [&pending, i](CommandResult result) {
      EXPECT_EQ(result.out, absl::StrCat(i, "\n"));
      --pending;
    });
  }
  while (pending > 0) sd_event_run(loop_->event(), UINT64_MAX);
}

}  // namespace
}  // namespace jettyfleet
