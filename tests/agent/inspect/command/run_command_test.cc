#include "agent/inspect/command/run_command.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/types.h>

#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/testing/files/temporary_directory.h"

namespace jettyfleet {
namespace {

// A program of this test's own: a shell script, run by its path.
std::string Script(const TemporaryDirectory& directory, const std::string& text) {
  const std::string path = directory / "program";
  {
    std::ofstream out(path);
    out << "#!/bin/sh\n" << text;
  }
  EXPECT_EQ(chmod(path.c_str(), 0755), 0);
  return path;
}

TEST(RunCommand, AnswersHowItEndedAndWhatItWrote) {
  const struct {
    const char* script;
    absl::StatusCode code;
    int exit_code;
    const char* out;
    const char* err;
  } cases[] = {
      {"echo out; echo err >&2", absl::StatusCode::kOk, 0, "out\n", "err\n"},
      {"echo no; exit 105", absl::StatusCode::kOk, 105, "no\n", ""},
      {"printf %s \"$PATH $LC_ALL $HOME\"", absl::StatusCode::kOk, 0, "/usr/sbin:/usr/bin:/sbin:/bin C ", ""},
      {"cat", absl::StatusCode::kOk, 0, "", ""},
      {"kill -9 $$", absl::StatusCode::kAborted, -1, "", ""},
  };
  for (const auto& test : cases) {
    const TemporaryDirectory directory;
    const CommandOutput result = RunCommand({Script(directory, test.script)}, absl::Seconds(20));
    EXPECT_EQ(result.status.code(), test.code) << test.script << ": " << result.status;
    EXPECT_EQ(result.exit_code, test.exit_code) << test.script;
    EXPECT_EQ(result.out, test.out) << test.script;
    EXPECT_EQ(result.err, test.err) << test.script;
  }
}

TEST(RunCommand, PassesArgumentsAsTheyAre) {
  const CommandOutput result = RunCommand({"printf", "%s|", "a b", "$HOME", ""}, absl::Seconds(20));
  EXPECT_TRUE(result.status.ok()) << result.status;
  EXPECT_EQ(result.out, "a b|$HOME||");
}

TEST(RunCommand, NamesAProgramThatIsNotThere) {
  for (const char* const name : {"jettyfleet-no-such-program", "/nowhere/program", ""}) {
    EXPECT_EQ(RunCommand({name}, absl::Seconds(20)).status.code(), absl::StatusCode::kNotFound) << name;
  }
}

TEST(RunCommand, KillsWhatDoesNotEndWithItsWholeGroup) {
  const TemporaryDirectory directory;
  const std::string pid_file = directory / "pid";
  const CommandOutput result = RunCommand(
      {Script(directory, absl::StrCat("sleep 1000 & echo $! >", pid_file, "; wait"))}, absl::Milliseconds(500));
  EXPECT_EQ(result.status.code(), absl::StatusCode::kDeadlineExceeded) << result.status;
  pid_t child = 0;
  std::ifstream(pid_file) >> child;
  ASSERT_GT(child, 0);
  // Killed by us, reaped by whoever took the orphan over.
  const absl::Time until = absl::Now() + absl::Seconds(20);
  std::string state;
  do {
    std::ifstream stat(absl::StrCat("/proc/", child, "/stat"));
    std::string number, name;
    state.clear();
    stat >> number >> name >> state;
  } while (!state.empty() && state != "Z" && absl::Now() < until);
  EXPECT_TRUE(state.empty() || state == "Z") << state;
}

TEST(RunCommand, EndsWithItsProgramWhoeverStillHoldsThePipe) {
  const TemporaryDirectory directory;
  const absl::Time start = absl::Now();
  const CommandOutput result = RunCommand({Script(directory, "setsid sleep 20 & echo done")}, absl::Seconds(19));
  EXPECT_TRUE(result.status.ok()) << result.status;
  EXPECT_EQ(result.out, "done\n");
  EXPECT_LT(absl::Now() - start, absl::Seconds(15));
}

TEST(RunCommand, BoundsTheOutput) {
  const CommandOutput result = RunCommand({"yes"}, absl::Seconds(20), 1000);
  EXPECT_EQ(result.status.code(), absl::StatusCode::kResourceExhausted) << result.status;
  EXPECT_EQ(result.out.size(), 1000u);
}

}  // namespace
}  // namespace jettyfleet
