#include "agent/act/fault/control_group.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "agent/act/fault/stand_still.h"
#include "tests/testing/agent/sleeping_process.h"

namespace jettyfleet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr char kName[] = "/system.slice/jetty9.service";

class ControlGroupTest : public testing::Test {
 protected:
  ControlGroupTest() {
    char name[] = "/tmp/control_group_test_XXXXXX";
    directory_ = mkdtemp(name);
    paths_.groups = {.unified = {directory_ + "/unified"},
                     .with_processes = {directory_ + "/unified", directory_ + "/systemd"}};
  }
  ~ControlGroupTest() override { std::filesystem::remove_all(directory_); }

  void Write(const std::string& file, const std::string& content) {
    const std::string path = directory_ + file;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path) << content;
  }
  std::string Read(const std::string& file) {
    std::stringstream text;
    text << std::ifstream(directory_ + file).rdbuf();
    return text.str();
  }
  ControlGroup Group() const { return ControlGroup(paths_, kName); }

  std::string directory_;
  HostPaths paths_;
};

TEST_F(ControlGroupTest, Names) {
  for (const char* good : {"/system.slice/jetty9.service", "/a.service", "/system.slice/jetty@1.service"}) {
    EXPECT_TRUE(IsServiceGroup(good)) << good;
  }
  for (const char* bad :
       {"", "/", "/system.slice", "jetty9.service", "/../x.service", "/a b.service", "/a\n.service"}) {
    EXPECT_FALSE(IsServiceGroup(bad)) << bad;
  }
  EXPECT_FALSE(IsServiceGroup("/" + std::string(600, 'a') + ".service"));
}

TEST_F(ControlGroupTest, ProcessesOfTheGroupAndThoseBelow) {
  EXPECT_TRUE(absl::IsNotFound(Group().Processes().status()));
  EXPECT_FALSE(Group().Has(12));
  // A hybrid set-up: both hierarchies tell of the same processes.
  Write("/systemd/system.slice/jetty9.service/cgroup.procs", "12\n13\n0\n");
  Write("/unified/system.slice/jetty9.service/cgroup.procs", "12\n13\n");
  Write("/unified/system.slice/jetty9.service/below/cgroup.procs", "14\n");
  Write("/systemd/system.slice/other.service/cgroup.procs", "99\n");
  const absl::StatusOr<std::set<pid_t>> processes = Group().Processes();
  ASSERT_TRUE(processes.ok()) << processes.status();
  EXPECT_THAT(*processes, ElementsAre(12, 13, 14));
  EXPECT_TRUE(Group().Has(14));
  EXPECT_FALSE(Group().Has(99));
}

TEST_F(ControlGroupTest, TooMany) {
  std::string text;
  for (int i = 1; i <= 4097; ++i) text += std::to_string(i) + "\n";
  Write("/systemd/system.slice/jetty9.service/cgroup.procs", text);
  EXPECT_TRUE(absl::IsResourceExhausted(Group().Processes().status()));
}

TEST_F(ControlGroupTest, AFreezerOnlyWhereItHoldsTheProcesses) {
  EXPECT_FALSE(Group().HasFreezer());
  Write("/unified/system.slice/jetty9.service/cgroup.events", "populated 1\nfrozen 0\n");
  EXPECT_FALSE(Group().HasFreezer()) << "an older kernel";
  Write("/unified/system.slice/jetty9.service/cgroup.freeze", "0\n");
  EXPECT_TRUE(Group().HasFreezer());
  Write("/unified/system.slice/jetty9.service/cgroup.events", "populated 0\nfrozen 0\n");
  EXPECT_FALSE(Group().HasFreezer()) << "the processes are in another hierarchy";
}

TEST_F(ControlGroupTest, FreezesAndThaws) {
  Write("/unified/system.slice/jetty9.service/cgroup.freeze", "0");
  Write("/unified/system.slice/jetty9.service/cgroup.events", "populated 1\nfrozen 1\n");
  EXPECT_TRUE(StandStill(Group(), false).ok());
  EXPECT_EQ(Read("/unified/system.slice/jetty9.service/cgroup.freeze"), "1");
  EXPECT_TRUE(LetRun(Group(), false).ok());
  EXPECT_EQ(Read("/unified/system.slice/jetty9.service/cgroup.freeze"), "0");
}

TEST_F(ControlGroupTest, WhatDoesNotFreezeInTimeIsToldOf) {
  Write("/unified/system.slice/jetty9.service/cgroup.freeze", "0");
  // "frozen 1" must be the whole line.
  Write("/unified/system.slice/jetty9.service/cgroup.events", "populated 1\nfrozen 0\nnotfrozen 1\nfrozen 10\n");
  const absl::Status still = Group().AwaitFrozen(absl::Milliseconds(5));
  EXPECT_TRUE(absl::IsDeadlineExceeded(still));
  EXPECT_THAT(std::string(still.message()), HasSubstr("do not stand still"));
}

TEST_F(ControlGroupTest, AGroupThatHasGone) {
  EXPECT_TRUE(absl::IsNotFound(Group().SetFrozen(true)));
  EXPECT_FALSE(StandStill(Group(), false).ok());
  EXPECT_TRUE(LetRun(Group(), false).ok()) << "nothing stands still any more";
  EXPECT_TRUE(LetRun(Group(), true).ok());
}

TEST_F(ControlGroupTest, BySignalEveryProcessStopsAndGoesOn) {
  SleepingProcess one;
  SleepingProcess two;
  SleepingProcess other;
  Write("/systemd/system.slice/jetty9.service/cgroup.procs", std::to_string(one.pid()) + "\n");
  Write("/systemd/system.slice/jetty9.service/below/cgroup.procs", std::to_string(two.pid()) + "\n");
  ASSERT_TRUE(StandStill(Group(), true).ok());
  EXPECT_TRUE(one.AwaitStopped());
  EXPECT_TRUE(two.AwaitStopped());
  ASSERT_TRUE(LetRun(Group(), true).ok());
  EXPECT_TRUE(one.AwaitContinued());
  EXPECT_TRUE(two.AwaitContinued());
  EXPECT_TRUE(other.IsLeftAlone());
}

TEST_F(ControlGroupTest, NeverThisProcessItself) {
  SleepingProcess one;
  Write("/systemd/system.slice/jetty9.service/cgroup.procs",
        std::to_string(one.pid()) + "\n" + std::to_string(getpid()) + "\n");
  EXPECT_TRUE(absl::IsFailedPrecondition(StandStill(Group(), true)));
  EXPECT_TRUE(one.IsLeftAlone());
}

}  // namespace
}  // namespace jettyfleet
