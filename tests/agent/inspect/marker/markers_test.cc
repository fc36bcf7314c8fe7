#include "agent/inspect/marker/markers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "agent/inspect/path/path_inspection.h"
#include "tests/agent/inspect/testing/other_process.h"
#include "tests/agent/inspect/testing/threaded_systemd.h"
#include "tests/agent/inspect/testing/unit_answer.h"
#include "tests/testing/files/temporary_directory.h"

namespace jettyfleet {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kMarker[] = "jettyfleet-marker-node1-1";
constexpr char kUnit[] = "jetty9.service";

std::string Content(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

class MarkersTest : public testing::Test {
 protected:
  MarkersTest() {
    options_.state_dir = directory_ / "state";
    options_.node = "node1";
    options_.sweep_command = {"/usr/bin/jettyfleet-inspect", "sweep"};
    options_.open_bus = [this](sd_bus** bus) {
      if (!systemd_.has_value())
        systemd_.emplace([this](const auto& unit, auto* call, auto* reply) { return Answer(unit, call, reply); });
      return systemd_->Opener()(bus);
    };
    chmod(directory_.path().c_str(), 0755);
    unit_.unit = kUnit;
    answer_.main_pid = 0;
  }

  int Answer(const std::string& unit, sd_bus_message* call, sd_bus_message* reply) {
    const std::string member = sd_bus_message_get_member(call);
    if (member == "GetAll") return unit == kUnit ? answer_.AppendTo(reply) : -ENOENT;
    if (member == "StartTransientUnit" && !takes_timers_) return -EBUSY;
    // At this time the marker is on record, and in no path.
    if (member == "StartTransientUnit") recorded_when_armed_ = Recorded() && !Marked("data");
    return sd_bus_message_append(reply, "o", "/org/freedesktop/systemd1/job/7");
  }

  void RunAs(const OtherProcess& process) {
    unit_.main_pid = process.pid();
    answer_.main_pid = process.pid();
  }
  void Stop() {
    unit_.main_pid = 0;
    answer_.main_pid = 0;
  }

  std::string Directory(const std::string& name, mode_t mode = 0755) {
    std::filesystem::create_directories(directory_ / name);
    chmod((directory_ / name).c_str(), mode);
    return directory_ / name;
  }
  bool Marked(const std::string& name) { return std::filesystem::exists(directory_ / (name + "/" + kMarker)); }
  bool Recorded() { return std::filesystem::exists(directory_ / ("state/markers/" + std::string(kMarker) + ".json")); }

  absl::Status Place(const std::vector<std::string>& paths, absl::Duration life = absl::Minutes(1)) {
    std::vector<WantedPath> wanted;
    for (const std::string& path : paths) wanted.push_back({path, v1::PathFact::SOURCE_DESCRIPTION});
    inspection_.Clear();
    for (const v1::PathFact& fact : InspectPaths(wanted, unit_)) *inspection_.add_paths() = fact;
    return PlaceMarkers(options_, kMarker, life, {{&unit_, &inspection_}});
  }

  // "PATH YES|NO|ERROR" for each sighting.
  std::vector<std::string> Look(const std::vector<std::string>& paths, const std::vector<std::string>& markers) {
    v1::LookForMarkers asked;
    v1::MarkedResource* const resource = asked.add_resources();
    resource->set_resource("shop");
    resource->set_unit("jetty9");
    for (const std::string& path : paths) resource->add_paths(path);
    for (const std::string& marker : markers) asked.add_markers(marker);
    std::vector<std::string> seen;
    for (const v1::MarkerSighting& sighting : LookForMarkers(options_, asked)) {
      EXPECT_EQ(sighting.resource(), "shop");
      const std::string name = std::filesystem::path(sighting.path()).filename().string();
      seen.push_back(name + " " + sighting.marker().substr(18) + " " +
                     (sighting.seen() == v1::ANSWER_UNSPECIFIED ? sighting.error() : Answer_Name(sighting.seen())));
    }
    return seen;
  }

  TemporaryDirectory directory_;
  UnitState unit_;
  UnitAnswer answer_;
  bool takes_timers_ = true;
  bool recorded_when_armed_ = false;
  MarkerOptions options_;
  v1::ResourceInspection inspection_;
  // Not before a test has forked what it forks.
  std::optional<ThreadedSystemd> systemd_;
};

TEST_F(MarkersTest, AreLeftOnRecordAndRemoved) {
  ASSERT_TRUE(Place({Directory("data"), Directory("logs"), directory_ / "missing"}).ok());
  EXPECT_TRUE(recorded_when_armed_);
  EXPECT_TRUE(Marked("data"));
  EXPECT_TRUE(Marked("logs"));
  EXPECT_TRUE(inspection_.paths(0).marked());
  EXPECT_TRUE(inspection_.paths(1).marked());
  EXPECT_FALSE(inspection_.paths(2).marked());
  struct stat about;
  ASSERT_EQ(stat((directory_ / ("data/" + std::string(kMarker))).c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 07777, 0644u);
  EXPECT_THAT(Content(directory_ / ("data/" + std::string(kMarker))), HasSubstr("# Left by jettyfleet of node1 at 2"));
  ASSERT_TRUE(RemoveMarkers(options_, kMarker).ok());
  EXPECT_FALSE(Marked("data"));
  EXPECT_FALSE(Marked("logs"));
  EXPECT_FALSE(Recorded());
  EXPECT_THAT(systemd_->Calls(), Contains("StopUnit /org/freedesktop/systemd1"));
  EXPECT_TRUE(std::filesystem::is_empty(directory_ / "data"));
}

TEST_F(MarkersTest, AreSeenByTheirName) {
  ASSERT_TRUE(Place({Directory("data")}).ok());
  Directory("other");
  std::ofstream(directory_ / "file") << "x";
  EXPECT_THAT(Look({directory_ / "data", directory_ / "other", directory_ / "missing", directory_ / "file"},
                   {kMarker, "jettyfleet-marker-node2-1"}),
              ElementsAre("data node1-1 ANSWER_YES", "data node2-1 ANSWER_NO", "other node1-1 ANSWER_NO",
                          "other node2-1 ANSWER_NO", "missing node1-1 ANSWER_NO", "missing node2-1 ANSWER_NO",
                          "file node1-1 cannot look for the marker: Not a directory",
                          "file node2-1 cannot look for the marker: Not a directory"));
}

TEST_F(MarkersTest, ALinkUnderThatNameIsNoMarker) {
  Directory("data");
  std::ofstream(directory_ / "secret") << "x";
  std::filesystem::create_symlink(directory_ / "secret", directory_ / ("data/" + std::string(kMarker)));
  EXPECT_THAT(Look({directory_ / "data"}, {kMarker}), ElementsAre(HasSubstr("cannot look for the marker")));
  ASSERT_TRUE(Place({directory_ / "data"}).ok());
  EXPECT_FALSE(inspection_.paths(0).marked());
  EXPECT_EQ(Content(directory_ / "secret"), "x");
}

TEST_F(MarkersTest, AreUnknownWhereSystemdDoesNotTellOfTheUnit) {
  options_.open_bus = [](sd_bus**) { return -ENOENT; };
  EXPECT_THAT(Look({Directory("data")}, {kMarker}), ElementsAre(HasSubstr("systemd cannot be asked")));
}

TEST_F(MarkersTest, NoneWithoutATimer) {
  takes_timers_ = false;
  const absl::Status placed = Place({Directory("data")});
  EXPECT_THAT(std::string(placed.message()), HasSubstr("no marker is left without a timer"));
  EXPECT_FALSE(Marked("data"));
  EXPECT_FALSE(Recorded());
  EXPECT_FALSE(inspection_.paths(0).marked());
}

TEST_F(MarkersTest, NoneWithoutARecord) {
  std::ofstream(directory_ / "state") << "a file where the directory should be";
  EXPECT_FALSE(Place({Directory("data")}).ok());
  EXPECT_FALSE(Marked("data"));
}

TEST_F(MarkersTest, AreRefused) {
  Directory("data");
  EXPECT_EQ(Place({directory_ / "data"}, absl::ZeroDuration()).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Place({directory_ / "data"}, absl::Minutes(61)).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(PlaceMarkers(options_, "../x", absl::Minutes(1), {}).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(RemoveMarkers(options_, "../x").code(), absl::StatusCode::kInvalidArgument);
  ASSERT_TRUE(Place({directory_ / "data"}).ok());
  EXPECT_EQ(Place({directory_ / "data"}).code(), absl::StatusCode::kAlreadyExists);
}

TEST_F(MarkersTest, NothingToMarkLeavesNoRecord) {
  EXPECT_TRUE(Place({directory_ / "missing"}).ok());
  EXPECT_FALSE(Recorded());
  EXPECT_TRUE(RemoveMarkers(options_, kMarker).ok());
}

TEST_F(MarkersTest, AreSweptWhenTheirLifeIsOver) {
  ASSERT_TRUE(Place({Directory("data")}, absl::Minutes(1)).ok());
  const absl::Time now = absl::Now();
  const MarkerSweep early = SweepMarkers(options_, now + absl::Seconds(50));
  EXPECT_TRUE(early.status.ok());
  EXPECT_THAT(early.removed, IsEmpty());
  EXPECT_TRUE(Marked("data"));
  const MarkerSweep due = SweepMarkers(options_, now + absl::Seconds(61));
  EXPECT_TRUE(due.status.ok()) << due.status;
  EXPECT_THAT(due.removed, ElementsAre(kMarker));
  EXPECT_FALSE(Marked("data"));
  EXPECT_FALSE(Recorded());
  EXPECT_THAT(SweepMarkers(options_, now + absl::Hours(2)).removed, IsEmpty());
}

TEST_F(MarkersTest, AreSweptWhenTheClockWasSetBack) {
  ASSERT_TRUE(Place({Directory("data")}).ok());
  EXPECT_THAT(SweepMarkers(options_, absl::Now() - absl::Hours(2)).removed, ElementsAre(kMarker));
  EXPECT_FALSE(Marked("data"));
}

TEST_F(MarkersTest, ADamagedRecordDoesNotHideTheOthers) {
  ASSERT_TRUE(Place({Directory("data")}).ok());
  std::ofstream(directory_ / "state/markers/jettyfleet-marker-a.json") << "{";
  const MarkerSweep sweep = SweepMarkers(options_, absl::Now() + absl::Minutes(2));
  EXPECT_EQ(sweep.status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(sweep.removed, ElementsAre(kMarker));
}

TEST_F(MarkersTest, WhatCannotBeRemovedStaysOnRecord) {
  ASSERT_TRUE(Place({Directory("data")}).ok());
  // Now it is a directory: nothing that we would remove.
  std::filesystem::remove(directory_ / ("data/" + std::string(kMarker)));
  Directory("data/" + std::string(kMarker));
  const absl::Status removed = RemoveMarkers(options_, kMarker);
  EXPECT_THAT(std::string(removed.message()), HasSubstr((directory_ / "data/") + kMarker));
  EXPECT_TRUE(Recorded());
}

TEST_F(MarkersTest, AreMadeAsTheUnitsUser) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can be another user";
  unit_.user = "daemon";
  ASSERT_TRUE(Place({Directory("open", 0777), Directory("roots")}).ok());
  struct stat about;
  ASSERT_EQ(stat((directory_ / ("open/" + std::string(kMarker))).c_str(), &about), 0);
  EXPECT_NE(about.st_uid, 0u);
  EXPECT_FALSE(inspection_.paths(1).marked());
  EXPECT_THAT(inspection_.paths(1).writable_error(), HasSubstr("no marker could be left: Permission denied"));
  EXPECT_TRUE(RemoveMarkers(options_, kMarker).ok());
  EXPECT_FALSE(Marked("open"));
}

TEST_F(MarkersTest, AreSeenAndRemovedInTheUnitsOwnView) {
  const std::string data = Directory("data");
  const std::string source = Directory("source/private");
  OtherProcess running([&] {
    return unshare(CLONE_NEWNS) == 0 && mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
           mount(source.c_str(), data.c_str(), nullptr, MS_BIND, nullptr) == 0;
  });
  if (!running.ready()) GTEST_SKIP() << "only root can have another view of the file systems";
  RunAs(running);
  ASSERT_TRUE(Place({data}).ok());
  EXPECT_FALSE(Marked("data"));
  EXPECT_TRUE(Marked("source/private"));
  EXPECT_THAT(Look({data}, {kMarker}), ElementsAre("data node1-1 ANSWER_YES"));
  // The unit stops, and with it goes its view; the host still knows where the marker lies.
  running.End();
  Stop();
  EXPECT_THAT(Look({data}, {kMarker}), ElementsAre("data node1-1 ANSWER_NO"));
  ASSERT_TRUE(RemoveMarkers(options_, kMarker).ok());
  EXPECT_FALSE(Marked("source/private"));
}

TEST_F(MarkersTest, InAFileSystemThatOnlyTheUnitSees) {
  const std::string data = Directory("data");
  const OtherProcess running([&] {
    return unshare(CLONE_NEWNS) == 0 && mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
           mount("mine", data.c_str(), "tmpfs", 0, "size=64k") == 0;
  });
  if (!running.ready()) GTEST_SKIP() << "only root can have another view of the file systems";
  RunAs(running);
  ASSERT_TRUE(Place({data}).ok());
  EXPECT_TRUE(inspection_.paths(0).marked());
  EXPECT_THAT(Look({data}, {kMarker}), ElementsAre("data node1-1 ANSWER_YES"));
  ASSERT_TRUE(RemoveMarkers(options_, kMarker).ok());
  EXPECT_THAT(Look({data}, {kMarker}), ElementsAre("data node1-1 ANSWER_NO"));
}

}  // namespace
}  // namespace jettyfleet
