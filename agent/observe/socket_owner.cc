#include "agent/observe/socket_owner.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace jettyfleet {
namespace {

constexpr int kMostProcesses = 4096;
constexpr int kMostDescriptors = 65536;  // of one process; a JVM under load has thousands
constexpr std::size_t kMostGroups = 64;  // below one unit

struct CloseFolder {
  void operator()(DIR* folder) const { closedir(folder); }
};
using Folder = std::unique_ptr<DIR, CloseFolder>;

// Unknown where this process may not look.
v1::Answer HoldsSocket(const std::string& pid, const std::string& link) {
  const std::string path = absl::StrCat("/proc/", pid, "/fd");
  const Folder folder(opendir(path.c_str()));
  if (folder == nullptr) return errno == ENOENT ? v1::ANSWER_NO : v1::ANSWER_UNSPECIFIED;
  int seen = 0;
  for (const dirent* entry = readdir(folder.get()); entry != nullptr; entry = readdir(folder.get())) {
    if (++seen > kMostDescriptors) return v1::ANSWER_UNSPECIFIED;
    char target[64];
    const ssize_t length = readlinkat(dirfd(folder.get()), entry->d_name, target, sizeof target);
    if (length > 0 && link == std::string(target, static_cast<std::size_t>(length))) return v1::ANSWER_YES;
  }
  return v1::ANSWER_NO;
}

std::string LinkOf(uint32_t inode) { return absl::StrCat("socket:[", inode, "]"); }

// The directory and those below it; empty when it is not there.
std::vector<std::string> GroupsUnder(const std::string& directory) {
  std::vector<std::string> groups;
  struct stat status;
  if (stat(directory.c_str(), &status) == 0) groups.push_back(directory);
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const Folder folder(opendir(groups[i].c_str()));
    if (folder == nullptr) continue;
    for (const dirent* entry = readdir(folder.get()); entry != nullptr; entry = readdir(folder.get())) {
      if (entry->d_type != DT_DIR || entry->d_name[0] == '.' || groups.size() == kMostGroups) continue;
      groups.push_back(absl::StrCat(groups[i], "/", entry->d_name));
    }
  }
  return groups;
}

bool IsNamedByKernel(const Listener& listener, const std::string& group) {
  struct stat status;
  return listener.cgroup_id != 0 && stat(group.c_str(), &status) == 0 && status.st_ino == listener.cgroup_id;
}

}  // namespace

v1::Answer OwnedByControlGroup(const Listener& listener, const std::string& control_group,
                               const ControlGroupRoots& roots) {
  // The root group holds everything, and what comes from outside must not lead elsewhere.
  if (control_group.size() < 2 || control_group[0] != '/' || absl::StrContains(control_group, "..")) {
    return v1::ANSWER_UNSPECIFIED;
  }
  for (const std::string& root : roots.unified) {
    for (const std::string& group : GroupsUnder(root + control_group)) {
      if (IsNamedByKernel(listener, group)) return v1::ANSWER_YES;
    }
  }
  // Under a hybrid hierarchy the kernel may name the root for every socket: ask the processes.
  v1::Answer answer = v1::ANSWER_UNSPECIFIED;
  int seen = 0;
  for (const std::string& root : roots.with_processes) {
    for (const std::string& group : GroupsUnder(root + control_group)) {
      std::ifstream processes(group + "/cgroup.procs");
      std::string pid;
      while (std::getline(processes, pid)) {
        const v1::Answer holds =
            ++seen > kMostProcesses ? v1::ANSWER_UNSPECIFIED : HoldsSocket(pid, LinkOf(listener.inode));
        if (holds != v1::ANSWER_NO) return holds;
        answer = v1::ANSWER_NO;
      }
    }
  }
  return answer;
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
    if (HoldsSocket(entry->d_name, LinkOf(socket_inode)) != v1::ANSWER_YES) continue;
    std::ifstream in(absl::StrCat("/proc/", pid, "/comm"));
    std::string command;
    std::getline(in, command);
    return absl::StrCat(pid, " ", command);
  }
  return "";
}

}  // namespace jettyfleet
