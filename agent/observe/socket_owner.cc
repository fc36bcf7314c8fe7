#include "agent/observe/socket_owner.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <memory>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace jettyfleet {
namespace {

constexpr int kMostProcesses = 4096;
constexpr int kMostDescriptors = 65536;  // of one process; a JVM under load has thousands

// Where the hierarchies are mounted: unified alone, and unified beside systemd's own in the hybrid set-up.
constexpr const char* kUnified[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"};
constexpr const char* kWithProcesses[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified", "/sys/fs/cgroup/systemd"};

struct CloseFolder {
  void operator()(DIR* folder) const { closedir(folder); }
};
using Folder = std::unique_ptr<DIR, CloseFolder>;

bool HoldsSocket(const std::string& pid, const std::string& link) {
  const std::string path = absl::StrCat("/proc/", pid, "/fd");
  const Folder folder(opendir(path.c_str()));
  if (folder == nullptr) return false;
  int seen = 0;
  for (const dirent* entry = readdir(folder.get()); entry != nullptr && seen < kMostDescriptors;
       entry = readdir(folder.get()), ++seen) {
    char target[64];
    const ssize_t length = readlinkat(dirfd(folder.get()), entry->d_name, target, sizeof target);
    if (length > 0 && link == std::string(target, static_cast<std::size_t>(length))) return true;
  }
  return false;
}

std::string LinkOf(uint32_t inode) { return absl::StrCat("socket:[", inode, "]"); }

}  // namespace

v1::Answer OwnedByControlGroup(const Listener& listener, const std::string& control_group) {
  if (control_group.empty()) return v1::ANSWER_NO;
  bool seen_group = false;
  for (const char* const root : kUnified) {
    struct stat group;
    if (listener.cgroup_id == 0 || stat(absl::StrCat(root, control_group).c_str(), &group) != 0) continue;
    if (group.st_ino == listener.cgroup_id) return v1::ANSWER_YES;
  }
  // The id may name a subgroup, or the root under a hybrid hierarchy: ask the processes.
  for (const char* const root : kWithProcesses) {
    std::ifstream processes(absl::StrCat(root, control_group, "/cgroup.procs"));
    if (!processes) continue;
    std::string pid;
    for (int seen = 0; seen < kMostProcesses && std::getline(processes, pid); ++seen) {
      seen_group = true;
      if (HoldsSocket(pid, LinkOf(listener.inode))) return v1::ANSWER_YES;
    }
  }
  return seen_group ? v1::ANSWER_NO : v1::ANSWER_UNSPECIFIED;
}

std::string DescribeHolder(uint32_t socket_inode) {
  const Folder folder(opendir("/proc"));
  if (folder == nullptr) return "";
  int seen = 0;
  for (const dirent* entry = readdir(folder.get()); entry != nullptr && seen < kMostProcesses;
       entry = readdir(folder.get())) {
    int pid = 0;
    if (!absl::SimpleAtoi(entry->d_name, &pid)) continue;
    ++seen;
    if (!HoldsSocket(entry->d_name, LinkOf(socket_inode))) continue;
    std::ifstream in(absl::StrCat("/proc/", pid, "/comm"));
    std::string command;
    std::getline(in, command);
    return absl::StrCat(pid, " ", command);
  }
  return "";
}

}  // namespace jettyfleet
