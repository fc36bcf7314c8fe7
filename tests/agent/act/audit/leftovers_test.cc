#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <functional>

#include "tests/agent/act/fault/fault_fixture.h"

namespace jettyfleet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class LeftoversTest : public FaultFixture {
 protected:
  LeftoversTest() {
    options_.audit_paths = {.cores = {directory_ + "/coredump", directory_ + "/cores"},
                            .var = directory_,
                            .journal = {directory_ + "/log", directory_ + "/run"}};
    Restart();
  }

  v1::ActionResult Try(const v1::LookAtLeftovers& look) {
    v1::Action action = NewAction();
    *action.mutable_look_at_leftovers() = look;
    return Execute(action);
  }
  v1::Leftovers Look(absl::Time cores_since = absl::InfinitePast()) {
    v1::LookAtLeftovers look;
    look.add_units("jetty9");
    if (cores_since != absl::InfinitePast()) *look.mutable_cores_since() = ToProto(cores_since);
    const v1::ActionResult result = Try(look);
    EXPECT_THAT(result, IsDone());
    return result.leftovers();
  }
  // Written at that time.
  void Core(const std::string& file, absl::Time written) {
    WriteFile(directory_ + "/" + file, "core");
    const timespec times[2] = {absl::ToTimespec(written), absl::ToTimespec(written)};
    ASSERT_EQ(utimensat(AT_FDCWD, (directory_ + "/" + file).c_str(), times, 0), 0);
  }
  // What the kernel would show of a process's state.
  void State(pid_t process, const std::string& state) {
    WriteFile(absl::StrCat(options_.paths.proc, "/", process, "/stat"),
              absl::StrCat(process, " (java) ) T) ", state, " 1 1 1\n"));
  }
  v1::StandstillFact Standstill() {
    const v1::Leftovers left = Look();
    EXPECT_THAT(left.standstills(), SizeIs(1));
    return left.standstills_size() == 1 ? left.standstills(0) : v1::StandstillFact();
  }

  SleepingProcess jetty_;
};

TEST_F(LeftoversTest, NothingIsLeft) {
  RunUnit("jetty9", {jetty_.pid()}, true);
  WriteFile(Unified(kJetty, "cgroup.events"), "populated 1\nfrozen 0\n");
  State(jetty_.pid(), "S");
  const v1::Leftovers left = Look();
  EXPECT_EQ(FromProto(left.observed_at()), clock_.WallNow());
  EXPECT_EQ(left.packet_filter_tables().ShortDebugString(), "");
  EXPECT_EQ(left.lease_units().ShortDebugString(), "");
  ASSERT_THAT(left.standstills(), SizeIs(1));
  EXPECT_EQ(left.standstills(0).stands_still(), v1::ANSWER_NO) << left.standstills(0).error();
  ASSERT_THAT(left.core_dumps(), SizeIs(2));
  EXPECT_EQ(left.core_dumps(0).count() + left.core_dumps(1).count(), 0);
  EXPECT_EQ(left.core_dumps(0).error() + left.core_dumps(1).error(), "");
  ASSERT_THAT(left.disks(), SizeIs(3));
}

TEST_F(LeftoversTest, Tables) {
  cluster_.node.tables["jettyfleet-op-1-fault"] = "";
  cluster_.node.tables["firewall"] = "";
  EXPECT_THAT(Look().packet_filter_tables().names(), ElementsAre("jettyfleet-op-1-fault"));
  cluster_.Next("nft", FakeCluster::Exit(1, "", "netlink: Error: cache initialization failed\n"));
  EXPECT_THAT(Look().packet_filter_tables().error(), HasSubstr("cannot see which tables"));
  cluster_.Uninstall("nft");
  EXPECT_EQ(Look().packet_filter_tables().ShortDebugString(), "");
}

TEST_F(LeftoversTest, TimersAndServices) {
  cluster_.node.loaded = {{"jettyfleet-agent.service", "loaded active running"},
                          {"jettyfleet-undo-op-1-fault-1.timer", "loaded active waiting"},
                          {"jettyfleet-undo-op-1-lb-2.service", "loaded failed failed"}};
  EXPECT_THAT(Look().lease_units().names(),
              ElementsAre("jettyfleet-undo-op-1-fault-1.timer", "jettyfleet-undo-op-1-lb-2.service"));
  for (int i = 0; i < 100; ++i) cluster_.node.loaded[absl::StrCat("jettyfleet-undo-x", i, ".timer")] = "a b c";
  EXPECT_THAT(Look().lease_units().names(), SizeIs(64));
  EXPECT_TRUE(Look().lease_units().cut_short());
  cluster_.Next("systemctl list-units", FakeCluster::Exit(1, "", "Failed to connect to bus: Host is down\n"));
  EXPECT_THAT(Look().lease_units().error(), HasSubstr("Host is down"));
  cluster_.Next("systemctl list-units", FakeCluster::Exit(0, "UNIT LOAD ACTIVE SUB DESCRIPTION\n"));
  EXPECT_THAT(Look().lease_units().error(), HasSubstr("no unit of ours"));
}

TEST_F(LeftoversTest, Standstills) {
  const struct {
    const char* what;
    std::function<void()> arrange;
    v1::Answer stands_still;
    std::string says;  // how, or why it is not known
  } cases[] = {
      {"not running", [] {}, v1::ANSWER_NO, ""},
      {"frozen", [this] { RunUnit("jetty9", {jetty_.pid()}, true); }, v1::ANSWER_YES, "is frozen"},
      {"stopped, without a freezer",
       [this] {
         std::filesystem::remove_all(directory_ + "/unified");
         RunUnit("jetty9", {jetty_.pid()}, false);
         State(jetty_.pid(), "T");
       },
       v1::ANSWER_YES, absl::StrCat("process ", jetty_.pid(), " is stopped")},
      {"being traced is not being stopped", [this] { State(jetty_.pid(), "t"); }, v1::ANSWER_NO, ""},
      {"gone meanwhile", [this] { std::filesystem::remove_all(absl::StrCat(options_.paths.proc, "/", jetty_.pid())); },
       v1::ANSWER_NO, ""},
      {"another form",
       [this] { WriteFile(absl::StrCat(options_.paths.proc, "/", jetty_.pid(), "/stat"), "4711 (java"); },
       v1::ANSWER_UNSPECIFIED, "another form"},
      {"no such group", [this] { std::filesystem::remove_all(directory_ + "/systemd"); }, v1::ANSWER_UNSPECIFIED,
       "no control group"},
      {"active without a group", [this] { cluster_.node.units["jetty9.service"].control_group = ""; },
       v1::ANSWER_UNSPECIFIED, "names no control group"},
      {"systemd does not answer", [this] { cluster_.Next("systemctl show", FakeCluster::Hang()); },
       v1::ANSWER_UNSPECIFIED, "cannot ask systemd"},
  };
  for (const auto& c : cases) {
    c.arrange();
    const v1::StandstillFact fact = Standstill();
    EXPECT_EQ(fact.unit(), "jetty9");
    EXPECT_EQ(fact.stands_still(), c.stands_still) << c.what;
    EXPECT_THAT(fact.how() + fact.error(), c.says.empty() ? HasSubstr("") : HasSubstr(c.says)) << c.what;
    EXPECT_EQ(fact.error().empty(), c.stands_still != v1::ANSWER_UNSPECIFIED) << c.what;
  }
}

TEST_F(LeftoversTest, CoreDumps) {
  const absl::Time began = clock_.WallNow();
  Core("coredump/core.java.old.zst", began - absl::Seconds(1));
  Core("coredump/core.java.at-once.zst", began);
  Core("coredump/core.java.new.zst", began + absl::Seconds(2));
  Core("coredump/core.java.newer.zst", began + absl::Seconds(3));
  Core("cores/hacluster/core.4711", began + absl::Seconds(1));
  Core("cores/hacluster/deeper/core.4712", began + absl::Seconds(1));
  v1::Leftovers left = Look(began);
  ASSERT_THAT(left.core_dumps(), SizeIs(2));
  EXPECT_EQ(left.core_dumps(0).directory(), directory_ + "/coredump");
  EXPECT_EQ(left.core_dumps(0).count(), 2);
  EXPECT_EQ(left.core_dumps(0).newest(), "core.java.newer.zst");
  EXPECT_EQ(FromProto(left.core_dumps(0).newest_at()), began + absl::Seconds(3));
  EXPECT_EQ(left.core_dumps(1).count(), 1);
  EXPECT_EQ(left.core_dumps(1).newest(), "core.4711");
  EXPECT_EQ(Look().core_dumps(0).count(), 4);
  // A file where a directory is expected: unknown, and not none.
  std::filesystem::remove_all(directory_ + "/coredump");
  WriteFile(directory_ + "/coredump", "");
  EXPECT_THAT(Look().core_dumps(0).error(), HasSubstr("Not a directory"));
  for (int i = 0; i < 4100; ++i) WriteFile(absl::StrCat(directory_, "/cores/core.", i), "");
  EXPECT_THAT(Look().core_dumps(1).error(), HasSubstr("more than 4096"));
}

TEST_F(LeftoversTest, DiskSpace) {
  std::filesystem::create_directories(directory_ + "/run");
  v1::Leftovers left = Look();
  ASSERT_THAT(left.disks(), SizeIs(3));
  EXPECT_EQ(left.disks(0).what(), "var");
  EXPECT_EQ(left.disks(1).path(), directory_ + "/run");
  EXPECT_EQ(left.disks(2).path(), options_.state_dir);
  for (const v1::DiskSpaceFact& disk : left.disks()) {
    EXPECT_EQ(disk.error(), "");
    EXPECT_GT(disk.total_bytes(), 0);
    EXPECT_LE(disk.free_bytes(), disk.total_bytes());
  }
  std::filesystem::create_directories(directory_ + "/log");
  EXPECT_EQ(Look().disks(1).path(), directory_ + "/log");
  options_.audit_paths.var = directory_ + "/not-there";
  Restart();
  EXPECT_THAT(Look().disks(0).error(), HasSubstr("No such file"));
}

TEST_F(LeftoversTest, ChangesNothing) {
  RunUnit("jetty9", {jetty_.pid()}, true);
  cluster_.node.tables["jettyfleet-op-1-fault"] = "";
  Look();
  EXPECT_TRUE(cluster_.node.tables.count("jettyfleet-op-1-fault") == 1);
  EXPECT_THAT(cluster_.node.stopped, IsEmpty());
  EXPECT_EQ(Freezer(), "0");
}

TEST_F(LeftoversTest, FieldsAreChecked) {
  v1::LookAtLeftovers look;
  look.add_units("../../etc");
  EXPECT_THAT(Try(look), IsRefused("unit"));
  look.clear_units();
  for (int i = 0; i < 33; ++i) look.add_units("jetty9");
  EXPECT_THAT(Try(look), IsRefused("at most 32"));
}

}  // namespace
}  // namespace jettyfleet
