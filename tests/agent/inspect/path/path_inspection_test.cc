#include "agent/inspect/path/path_inspection.h"

#include <gmock/gmock.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "tests/agent/inspect/testing/other_process.h"
#include "tests/testing/files/temporary_directory.h"

namespace jettyfleet {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kNotRoot[] = "only root can be another user or have another view of the file systems";

UnitState Stopped() {
  UnitState unit;
  unit.unit = "jetty9.service";
  return unit;
}

UnitState RunningAs(uint32_t pid) {
  UnitState unit = Stopped();
  unit.main_pid = pid;
  return unit;
}

std::vector<v1::PathFact> Inspect(const std::vector<std::string>& paths, const UnitState& unit) {
  std::vector<WantedPath> wanted;
  for (const std::string& path : paths) wanted.push_back({path, v1::PathFact::SOURCE_DESCRIPTION});
  return InspectPaths(wanted, unit);
}

v1::PathFact InspectOne(const std::string& path, const UnitState& unit) {
  const std::vector<v1::PathFact> facts = Inspect({path}, unit);
  EXPECT_EQ(facts.size(), 1u);
  return facts.empty() ? v1::PathFact() : facts.front();
}

// For good: nothing of what root may is left.
bool BecomeDaemon() {
  const passwd* const daemon = getpwnam("daemon");
  return daemon != nullptr && setgroups(0, nullptr) == 0 && setgid(daemon->pw_gid) == 0 && setuid(daemon->pw_uid) == 0;
}

class PathInspectionTest : public testing::Test {
 protected:
  // Others may pass through it.
  PathInspectionTest() { chmod(directory_.path().c_str(), 0755); }

  std::string Directory(const std::string& name, mode_t mode = 0755) {
    const std::string path = directory_ / name;
    std::filesystem::create_directories(path);
    chmod(path.c_str(), mode);
    return path;
  }

  TemporaryDirectory directory_;
};

TEST_F(PathInspectionTest, TellsMountAndSpace) {
  struct statvfs space;
  struct stat about;
  ASSERT_EQ(statvfs(directory_.path().c_str(), &space), 0);
  ASSERT_EQ(stat(directory_.path().c_str(), &about), 0);
  const v1::PathFact fact = InspectOne(directory_.path(), RunningAs(static_cast<uint32_t>(getpid())));
  EXPECT_EQ(fact.error(), "");
  EXPECT_EQ(fact.path(), directory_.path());
  EXPECT_EQ(fact.source(), v1::PathFact::SOURCE_DESCRIPTION);
  EXPECT_EQ(fact.exists(), v1::ANSWER_YES);
  EXPECT_EQ(fact.writable(), v1::ANSWER_YES) << fact.writable_error();
  EXPECT_EQ(fact.total_bytes(), space.f_blocks * space.f_frsize);
  EXPECT_GT(fact.total_bytes(), 0u);
  EXPECT_LE(fact.free_bytes(), fact.total_bytes());
  EXPECT_EQ(fact.total_inodes(), space.f_files);
  EXPECT_NE(fact.fs_type(), "");
  EXPECT_NE(fact.mount_options(), "");
  EXPECT_NE(fact.mount_root(), "");
  EXPECT_EQ(directory_.path().compare(0, fact.mount_point().size(), fact.mount_point()), 0) << fact.mount_point();
  EXPECT_FALSE(fact.marked());
  EXPECT_TRUE(std::filesystem::is_empty(directory_.path()));
}

TEST_F(PathInspectionTest, AStoppedUnitCannotWriteNorNot) {
  const v1::PathFact fact = InspectOne(directory_.path(), Stopped());
  EXPECT_EQ(fact.exists(), v1::ANSWER_YES);
  EXPECT_NE(fact.fs_type(), "");
  EXPECT_EQ(fact.writable(), v1::ANSWER_UNSPECIFIED);
  EXPECT_THAT(fact.writable_error(), HasSubstr("stopped"));
}

TEST_F(PathInspectionTest, WhatIsNotThereAndWhatIsNoDirectory) {
  std::ofstream(directory_ / "file") << "x";
  const std::vector<v1::PathFact> facts =
      Inspect({directory_ / "missing", directory_ / "file", "relative", directory_ / "file/below"}, Stopped());
  ASSERT_EQ(facts.size(), 4u);
  EXPECT_EQ(facts[0].exists(), v1::ANSWER_NO);
  EXPECT_EQ(facts[0].error(), "");
  EXPECT_EQ(facts[1].exists(), v1::ANSWER_UNSPECIFIED);
  EXPECT_EQ(facts[1].error(), "is not a directory");
  EXPECT_EQ(facts[2].error(), "is not an absolute path");
  EXPECT_EQ(facts[3].error(), "is not a directory");
}

TEST_F(PathInspectionTest, FollowsLinksAsTheApplicationDoes) {
  Directory("real");
  std::filesystem::create_directory_symlink(directory_ / "real", directory_ / "link");
  std::filesystem::create_directory_symlink(directory_ / "gone", directory_ / "dangling");
  const std::vector<v1::PathFact> facts = Inspect({directory_ / "link", directory_ / "dangling"}, Stopped());
  EXPECT_EQ(facts[0].exists(), v1::ANSWER_YES);
  EXPECT_EQ(facts[1].exists(), v1::ANSWER_NO);
}

TEST_F(PathInspectionTest, EachPathOnceAndTheUnitsOwnToo) {
  UnitState unit = RunningAs(static_cast<uint32_t>(getpid()));
  unit.writable_paths = {Directory("data"), Directory("state")};
  unit.working_directory = Directory("home");
  const std::vector<v1::PathFact> facts = InspectPaths({{directory_ / "data/", v1::PathFact::SOURCE_DESCRIPTION},
                                                        {Directory("logs"), v1::PathFact::SOURCE_JETTY_BASE},
                                                        {directory_ / "data", v1::PathFact::SOURCE_SESSION_STORE}},
                                                       unit);
  std::vector<std::pair<std::string, v1::PathFact::Source>> found;
  for (const v1::PathFact& fact : facts) found.emplace_back(fact.path(), fact.source());
  const std::vector<std::pair<std::string, v1::PathFact::Source>> expected = {
      {directory_ / "data", v1::PathFact::SOURCE_DESCRIPTION},
      {directory_ / "logs", v1::PathFact::SOURCE_JETTY_BASE},
      {directory_ / "state", v1::PathFact::SOURCE_UNIT},
      {directory_ / "home", v1::PathFact::SOURCE_UNIT}};
  EXPECT_EQ(found, expected);
}

TEST_F(PathInspectionTest, AWorkingDirectoryThatIsNotThereIsNone) {
  UnitState unit = Stopped();
  unit.working_directory = directory_ / "missing";
  EXPECT_THAT(InspectPaths({}, unit), IsEmpty());
}

TEST_F(PathInspectionTest, TooManyPathsAreSaidToBe) {
  std::vector<std::string> paths;
  for (int i = 0; i < 66; ++i) paths.push_back(directory_ / std::to_string(i));
  const std::vector<v1::PathFact> facts = Inspect(paths, Stopped());
  ASSERT_EQ(facts.size(), 65u);
  EXPECT_EQ(facts[63].error(), "");
  EXPECT_EQ(facts[64].error(), "only 64 of 66 paths are looked at");
}

TEST_F(PathInspectionTest, AProcessThatHasGoneIsUnknown) {
  OtherProcess other([] { return true; });
  const uint32_t pid = other.pid();
  other.End();
  const v1::PathFact fact = InspectOne(directory_.path(), RunningAs(pid));
  EXPECT_EQ(fact.exists(), v1::ANSWER_UNSPECIFIED);
  EXPECT_EQ(fact.writable(), v1::ANSWER_UNSPECIFIED);
  EXPECT_NE(fact.error(), "");
}

TEST_F(PathInspectionTest, AsksForTheUnitsOwnUser) {
  const OtherProcess daemon(BecomeDaemon);
  if (!daemon.ready()) GTEST_SKIP() << kNotRoot;
  UnitState unit = RunningAs(daemon.pid());
  unit.working_directory = Directory("roots");
  const std::string open = Directory("open", 0777);
  const std::string locked = Directory("locked", 0700);
  Directory("locked/open", 0777);
  const std::vector<v1::PathFact> facts = Inspect({open, directory_ / "roots", locked, locked + "/open"}, unit);
  ASSERT_EQ(facts.size(), 4u);
  EXPECT_EQ(facts[0].writable(), v1::ANSWER_YES) << facts[0].writable_error();
  EXPECT_EQ(facts[1].writable(), v1::ANSWER_NO);
  EXPECT_EQ(facts[1].writable_error(), "Permission denied");
  EXPECT_EQ(facts[2].writable(), v1::ANSWER_NO);
  // It is there, and root sees it; the unit cannot get to it.
  EXPECT_EQ(facts[3].exists(), v1::ANSWER_YES);
  EXPECT_EQ(facts[3].writable(), v1::ANSWER_NO);
  // The same directory as a mere working directory is not one that it writes to.
  EXPECT_THAT(InspectPaths({}, unit), IsEmpty());
}

TEST_F(PathInspectionTest, AsksForAStoppedUnitsUserByName) {
  if (geteuid() != 0) GTEST_SKIP() << kNotRoot;
  UnitState unit = Stopped();
  unit.user = "daemon";
  unit.working_directory = Directory("roots");
  EXPECT_THAT(InspectPaths({}, unit), IsEmpty());
  unit.working_directory = Directory("open", 0777);
  const std::vector<v1::PathFact> facts = InspectPaths({}, unit);
  ASSERT_EQ(facts.size(), 1u);
  EXPECT_EQ(facts[0].writable(), v1::ANSWER_UNSPECIFIED);
}

TEST_F(PathInspectionTest, SeesWhatTheUnitSees) {
  const std::string data = Directory("data");
  const std::string source = Directory("source/deep");
  const std::string frozen = Directory("frozen");
  const OtherProcess other([&] {
    return unshare(CLONE_NEWNS) == 0 && mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
           mount(source.c_str(), data.c_str(), nullptr, MS_BIND, nullptr) == 0 &&
           mount("mine", frozen.c_str(), "tmpfs", MS_RDONLY, "size=64k") == 0;
  });
  if (!other.ready()) GTEST_SKIP() << kNotRoot;
  Directory("source/deep/only-there");
  const std::vector<v1::PathFact> facts = Inspect({data, data + "/only-there", frozen}, RunningAs(other.pid()));
  ASSERT_EQ(facts.size(), 3u);
  EXPECT_EQ(facts[0].mount_point(), data);
  EXPECT_THAT(facts[0].mount_root(), testing::EndsWith("/source/deep"));
  EXPECT_EQ(facts[0].writable(), v1::ANSWER_YES) << facts[0].writable_error();
  EXPECT_EQ(facts[1].exists(), v1::ANSWER_YES);
  EXPECT_EQ(facts[2].fs_type(), "tmpfs");
  EXPECT_EQ(facts[2].mount_source(), "mine");
  EXPECT_EQ(facts[2].total_bytes(), 65536u);
  EXPECT_EQ(facts[2].writable(), v1::ANSWER_NO);
  EXPECT_EQ(facts[2].writable_error(), "Read-only file system");
  // From here nothing of it is to be seen.
  EXPECT_EQ(InspectOne(data + "/only-there", Stopped()).exists(), v1::ANSWER_NO);
}

TEST_F(PathInspectionTest, SeesWhatAUnitWithARootOfItsOwnSees) {
  const std::string root = Directory("root");
  Directory("root/inside");
  const OtherProcess other([&root] { return chroot(root.c_str()) == 0; });
  if (!other.ready()) GTEST_SKIP() << kNotRoot;
  const v1::PathFact inside = InspectOne("/inside", RunningAs(other.pid()));
  EXPECT_EQ(inside.exists(), v1::ANSWER_YES);
  EXPECT_EQ(inside.writable(), v1::ANSWER_YES);
  EXPECT_THAT(inside.error(), HasSubstr("its mount is unknown"));
  EXPECT_EQ(InspectOne(root + "/inside", RunningAs(other.pid())).exists(), v1::ANSWER_NO);
}

}  // namespace
}  // namespace jettyfleet
