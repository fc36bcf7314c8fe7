#include "agent/observe/socket_owner.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/testing/agent/loopback_listener.h"
#include "tests/testing/files/temporary_directory.h"

namespace jettyfleet {
namespace {

constexpr char kGroup[] = "/system.slice/jetty9.service";

// A process that holds no socket of ours.
class Stranger {
 public:
  Stranger() : pid_(fork()) {
    if (pid_ != 0) return;
    for (int fd = 3; fd < 1024; ++fd) close(fd);
    while (true) pause();
  }
  ~Stranger() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  // Its descriptors are closed a moment after the fork.
  pid_t pid() const {
    while (std::filesystem::exists(absl::StrCat("/proc/", pid_, "/fd/3"))) {
    }
    return pid_;
  }

 private:
  const pid_t pid_;
};

class SocketOwnerTest : public testing::Test {
 protected:
  SocketOwnerTest() : stranger_() {
    roots_.unified = {root_ / "unified"};
    roots_.with_processes = {root_ / "unified", root_ / "systemd"};
    struct stat status;
    fstat(listening_.fd(), &status);
    listener_.inode = static_cast<uint32_t>(status.st_ino);
  }

  // A group's directory in one hierarchy; its identity is what the kernel would name.
  uint64_t MakeGroup(const std::string& hierarchy, const std::string& group, const std::string& processes) {
    const std::string path = root_ / (hierarchy + group);
    std::filesystem::create_directories(path);
    std::ofstream(path + "/cgroup.procs") << processes;
    struct stat status;
    stat(path.c_str(), &status);
    return status.st_ino;
  }
  v1::Answer Owned(const std::string& group = kGroup) const { return OwnedByControlGroup(listener_, group, roots_); }

  const Stranger stranger_;  // before the socket, which it must not inherit
  const LoopbackListener listening_;
  const TemporaryDirectory root_;
  ControlGroupRoots roots_;
  Listener listener_;
};

TEST_F(SocketOwnerTest, TheKernelsWordSuffices) {
  listener_.cgroup_id = MakeGroup("unified", kGroup, "");
  EXPECT_EQ(Owned(), v1::ANSWER_YES);
}

TEST_F(SocketOwnerTest, AGroupBelowTheUnitsIsTheUnits) {
  MakeGroup("unified", kGroup, "");
  listener_.cgroup_id = MakeGroup("unified", absl::StrCat(kGroup, "/payload"), "");
  EXPECT_EQ(Owned(), v1::ANSWER_YES);
}

TEST_F(SocketOwnerTest, UnderAHybridHierarchyTheProcessesAreAsked) {
  listener_.cgroup_id = 1;  // the root's
  MakeGroup("unified", kGroup, "");
  MakeGroup("systemd", kGroup, absl::StrCat(stranger_.pid(), "\n", getpid(), "\n"));
  EXPECT_EQ(Owned(), v1::ANSWER_YES);
}

TEST_F(SocketOwnerTest, AGroupWhoseProcessesHoldItNotDoesNotOwnIt) {
  listener_.cgroup_id = 1;
  MakeGroup("systemd", kGroup, absl::StrCat(stranger_.pid(), "\n"));
  EXPECT_EQ(Owned(), v1::ANSWER_NO);
}

TEST_F(SocketOwnerTest, WithoutTheGroupOrItsProcessesItIsUnknown) {
  EXPECT_EQ(Owned(), v1::ANSWER_UNSPECIFIED);  // no such group
  MakeGroup("systemd", kGroup, "");
  EXPECT_EQ(Owned(), v1::ANSWER_UNSPECIFIED);  // nobody in it
}

TEST_F(SocketOwnerTest, NamesThatLeadElsewhereSayNothing) {
  listener_.cgroup_id = MakeGroup("unified", "/a", absl::StrCat(getpid(), "\n"));
  for (const char* const group : {"", "/", "a", "/x/../a", "/.."})
    EXPECT_EQ(Owned(group), v1::ANSWER_UNSPECIFIED) << group;
}

TEST_F(SocketOwnerTest, AStrangerIsNamed) {
  // Looked up by what this process is called.
  const std::string holder = DescribeHolder(listener_.inode);
  EXPECT_EQ(holder.substr(0, holder.find(' ')), absl::StrCat(getpid()));
  EXPECT_GT(holder.size(), absl::StrCat(getpid()).size() + 1);
  EXPECT_EQ(DescribeHolder(0xfffffff0), "");
}

}  // namespace
}  // namespace jettyfleet
