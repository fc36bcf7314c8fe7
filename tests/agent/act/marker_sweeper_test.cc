#include "agent/act/marker_sweeper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <systemd/sd-event.h>

#include <filesystem>
#include <fstream>
#include <memory>

#include "agent/loop.h"
#include "tests/testing/agent/fake_clock.h"
#include "tests/testing/agent/fake_cluster.h"
#include "tests/testing/files/temporary_directory.h"

namespace jettyfleet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kProgram[] = "/usr/bin/jettyfleet-inspect";

class MarkerSweeperTest : public ::testing::Test {
 protected:
  void LeaveMarker() {
    std::filesystem::create_directories(directory_ / "markers");
    std::ofstream(directory_ / "markers/jettyfleet-marker-1.json") << "{}";
  }
  void Settle() {
    while (sd_event_run(loop_->event(), 20000) > 0) {
    }
  }
  // What a sweep reports to its caller.
  SweepReport Report() {
    Tools tools(cluster_, nullptr, clock_, clock_.MonotonicNow() + absl::Minutes(1));
    Task<SweepReport> sweep = SweepMarkers(tools, inspector_);
    sweep.Start();
    Settle();
    EXPECT_TRUE(sweep.done());
    return sweep.TakeResult();
  }

  const TemporaryDirectory directory_;
  const Inspector inspector_ = {kProgram, directory_.path(), "node-02"};
  std::unique_ptr<Loop> loop_ = *Loop::Create();
  FakeClock clock_;
  FakeCluster cluster_{*loop_};
};

TEST_F(MarkerSweeperTest, RunsNothingWithoutMarkers) {
  EXPECT_THAT(Report().undone, IsEmpty());
  std::filesystem::create_directories(directory_ / "markers");
  EXPECT_THAT(Report().undone, IsEmpty());
  EXPECT_THAT(cluster_.calls, IsEmpty());
}

TEST_F(MarkerSweeperTest, HasTheProgramRemoveThem) {
  LeaveMarker();
  cluster_.Next(kProgram, FakeCluster::Exit(0, "removed jettyfleet-marker-1\nremoved jettyfleet-marker-2\n"));
  const SweepReport report = Report();
  EXPECT_TRUE(report.status.ok());
  EXPECT_THAT(report.undone,
              ElementsAre("marker of a check jettyfleet-marker-1", "marker of a check jettyfleet-marker-2"));
  EXPECT_THAT(cluster_.calls,
              ElementsAre(std::string(kProgram) + " --state " + directory_.path() + " --node node-02 --sweep"));
}

TEST_F(MarkerSweeperTest, SaysWhatIsLeft) {
  LeaveMarker();
  const struct {
    CommandResult result;
    const char* why;
  } cases[] = {
      {FakeCluster::Exit(1, "removed jettyfleet-marker-2\n", "jettyfleet-inspect: /srv/x: Read-only file system\n"),
       "Read-only file system"},
      {FakeCluster::Hang(), "markers of a check are left"},
  };
  for (const auto& test : cases) {
    cluster_.Next(kProgram, test.result);
    EXPECT_THAT(std::string(Report().status.message()), HasSubstr(test.why));
  }
  cluster_.Uninstall(kProgram);
  EXPECT_THAT(std::string(Report().status.message()), HasSubstr("no such program"));
}

// What it does about a directory of records that cannot be read, the program says better.
TEST_F(MarkerSweeperTest, AsksTheProgramWhereTheRecordsCannotBeRead) {
  std::ofstream(directory_ / "markers") << "no directory";
  cluster_.Next(kProgram, FakeCluster::Exit(1, "", "jettyfleet-inspect: cannot read markers\n"));
  EXPECT_THAT(std::string(Report().status.message()), HasSubstr("cannot read markers"));
}

TEST_F(MarkerSweeperTest, OneSweepAtATime) {
  LeaveMarker();
  MarkerSweeper sweeper(cluster_, clock_, inspector_);
  sweeper.Begin();
  sweeper.Begin();
  Settle();
  EXPECT_THAT(cluster_.calls, SizeIs(1));
  sweeper.Begin();
  Settle();
  EXPECT_THAT(cluster_.calls, SizeIs(2));
}

TEST_F(MarkerSweeperTest, EndsWithItsOwner) {
  LeaveMarker();
  std::make_unique<MarkerSweeper>(cluster_, clock_, inspector_)->Begin();
  Settle();
  EXPECT_THAT(cluster_.calls, SizeIs(1));
}

}  // namespace
}  // namespace jettyfleet
