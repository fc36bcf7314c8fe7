#include "agent/inspect/path/bounded_children.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cstddef>
#include <filesystem>
#include <set>
#include <string>
#include <system_error>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "agent/inspect/path/frames.h"
#include "common/clock.h"

namespace jettyfleet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr absl::Duration kPlenty = absl::Seconds(30);

TEST(BoundedChildren, AnswerInTheirOrder) {
  const auto answers = RunInChildren(
      5, [](std::size_t i) { return std::string(i * 100000, static_cast<char>('a' + i)); }, kPlenty);
  ASSERT_EQ(answers.size(), 5u);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    ASSERT_TRUE(answers[i].ok()) << answers[i].status();
    EXPECT_EQ(*answers[i], std::string(i * 100000, static_cast<char>('a' + i)));
  }
  EXPECT_THAT(RunInChildren(
                  0, [](std::size_t) { return ""; }, kPlenty),
              IsEmpty());
}

TEST(BoundedChildren, AreProcessesOfTheirOwn) {
  const auto answers = RunInChildren(
      2, [](std::size_t) { return std::to_string(getpid()); }, kPlenty);
  ASSERT_TRUE(answers[0].ok() && answers[1].ok());
  EXPECT_EQ(std::set<std::string>({*answers[0], *answers[1], std::to_string(getpid())}).size(), 3u);
}

TEST(BoundedChildren, OneThatHangsHoldsNobodyUp) {
  const absl::Duration began = SystemClock().MonotonicNow();
  const auto answers = RunInChildren(
      3,
      [](std::size_t i) {
        while (i == 1) pause();
        return std::to_string(i);
      },
      absl::Milliseconds(100));
  EXPECT_LT(SystemClock().MonotonicNow() - began, kPlenty);
  EXPECT_EQ(*answers[0], "0");
  EXPECT_EQ(answers[1].status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(answers[1].status().message(), "does not answer within 100ms");
  EXPECT_EQ(*answers[2], "2");
}

TEST(BoundedChildren, OneThatDiesIsNoAnswer) {
  const auto answers = RunInChildren(
      2,
      [](std::size_t i) -> std::string {
        if (i == 0) raise(SIGKILL);
        return "alive";
      },
      kPlenty);
  EXPECT_EQ(answers[0].status().code(), absl::StatusCode::kInternal);
  EXPECT_THAT(std::string(answers[0].status().message()), HasSubstr("died"));
  EXPECT_EQ(*answers[1], "alive");
}

TEST(BoundedChildren, OneThatNeverStopsTalkingIsNoAnswer) {
  const auto answers = RunInChildren(
      1, [](std::size_t) { return std::string(2 << 20, 'x'); }, kPlenty);
  EXPECT_EQ(answers[0].status().code(), absl::StatusCode::kInternal);
}

// Otherwise whoever waits for the end of our output would wait for a child that hangs.
TEST(BoundedChildren, HoldNoDescriptorOfOurs) {
  const auto answers = RunInChildren(
      1,
      [](std::size_t) {
        std::string open;
        for (const auto& file : std::filesystem::directory_iterator("/proc/self/fd")) {
          std::error_code error;
          const std::string target = std::filesystem::read_symlink(file.path(), error).string();
          // The one that reads this directory is its own.
          if (target.find("/fd") == std::string::npos) open += target.substr(0, target.find(':')) + " ";
        }
        return open;
      },
      kPlenty);
  ASSERT_TRUE(answers[0].ok());
  EXPECT_EQ(*answers[0], "/dev/null /dev/null /dev/null pipe ");
}

TEST(Frames, AreReadAsWritten) {
  std::string stream;
  EXPECT_THAT(*ReadFrames(stream), IsEmpty());
  AppendFrame("", &stream);
  AppendFrame(std::string("a\0b\n", 4), &stream);
  EXPECT_THAT(*ReadFrames(stream), ElementsAre("", std::string("a\0b\n", 4)));
  for (const std::size_t size : {1u, 3u, 5u, 11u}) {
    EXPECT_FALSE(ReadFrames(stream.substr(0, size)).has_value()) << size;
  }
  EXPECT_FALSE(ReadFrames("\xff\xff\xff\xff").has_value());
}

}  // namespace
}  // namespace jettyfleet
