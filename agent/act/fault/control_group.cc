#include "agent/act/fault/control_group.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/file.h"

namespace jettyfleet {
namespace {

constexpr std::size_t kMostProcesses = 4096;
constexpr std::size_t kMostGroups = 64;  // below one unit
constexpr std::size_t kFileLimitBytes = 64 << 10;

// The directory and those below it; empty when it is not there.
std::vector<std::string> GroupsUnder(const std::string& directory) {
  std::vector<std::string> groups;
  std::error_code error;
  if (!std::filesystem::is_directory(directory, error)) return groups;
  groups.push_back(directory);
  std::filesystem::recursive_directory_iterator entries(directory, error);
  for (; !error && entries != std::filesystem::recursive_directory_iterator(); entries.increment(error)) {
    std::error_code unseen;
    if (entries->is_directory(unseen) && groups.size() < kMostGroups) groups.push_back(entries->path().string());
  }
  return groups;
}

// Whether a line of cgroup.events says that `name` is 1.
bool Says(absl::string_view events, absl::string_view name) {
  const std::vector<absl::string_view> lines = absl::StrSplit(events, '\n');
  return std::find(lines.begin(), lines.end(), absl::StrCat(name, " 1")) != lines.end();
}

class OpenFile {
 public:
  OpenFile(const std::string& path, int flags) : fd_(open(path.c_str(), flags | O_CLOEXEC)) {}
  ~OpenFile() {
    if (fd_ >= 0) close(fd_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  int fd() const { return fd_; }

 private:
  const int fd_;
};

absl::Status Problem(const std::string& path) {
  const int error = errno;
  const std::string message = absl::StrCat(path, ": ", std::strerror(error));
  return error == ENOENT || error == ENODEV ? absl::NotFoundError(message) : absl::UnavailableError(message);
}

}  // namespace

bool IsServiceGroup(absl::string_view name) {
  return name.size() > 1 && name.size() <= 512 && name[0] == '/' && absl::EndsWith(name, ".service") &&
         !absl::StrContains(name, "..") && std::all_of(name.begin(), name.end(), absl::ascii_isgraph);
}

ControlGroup::ControlGroup(HostPaths paths, std::string name) : paths_(std::move(paths)), name_(std::move(name)) {}

absl::StatusOr<std::set<pid_t>> ControlGroup::Processes() const {
  std::set<pid_t> processes;
  bool found = false;
  for (const std::string& root : paths_.groups.with_processes) {
    for (const std::string& group : GroupsUnder(root + name_)) {
      const absl::StatusOr<std::string> text = ReadSmallFile(group + "/cgroup.procs", kFileLimitBytes);
      // A group below that has gone meanwhile, or a controller's that keeps no list.
      if (absl::IsNotFound(text.status())) continue;
      if (!text.ok()) return text.status();
      found = true;
      for (const absl::string_view line : absl::StrSplit(*text, '\n', absl::SkipWhitespace())) {
        pid_t process = 0;
        // 0: of a process that this container cannot see.
        if (absl::SimpleAtoi(line, &process) && process > 0) processes.insert(process);
      }
    }
  }
  if (!found) return absl::NotFoundError(absl::StrCat("this host has no control group ", name_));
  if (processes.size() > kMostProcesses) {
    return absl::ResourceExhaustedError(
        absl::StrCat("control group ", name_, " has more than ", kMostProcesses, " processes"));
  }
  return processes;
}

bool ControlGroup::Has(pid_t process) const {
  const absl::StatusOr<std::set<pid_t>> processes = Processes();
  return processes.ok() && processes->count(process) > 0;
}

std::string ControlGroup::UnifiedFile(absl::string_view file) const {
  for (const std::string& root : paths_.groups.unified) {
    std::string path = absl::StrCat(root, name_, "/", file);
    std::error_code unseen;
    if (std::filesystem::exists(path, unseen)) return path;
  }
  return "";
}

bool ControlGroup::HasFreezer() const {
  const absl::StatusOr<std::string> events = ReadSmallFile(UnifiedFile("cgroup.events"), kFileLimitBytes);
  return events.ok() && Says(*events, "populated") && !UnifiedFile("cgroup.freeze").empty();
}

absl::Status ControlGroup::SetFrozen(bool frozen) const {
  const std::string path = UnifiedFile("cgroup.freeze");
  if (path.empty()) return absl::NotFoundError(absl::StrCat("control group ", name_, " has no cgroup.freeze"));
  const OpenFile file(path, O_WRONLY);
  if (file.fd() < 0 || write(file.fd(), frozen ? "1" : "0", 1) != 1) return Problem(path);
  return absl::OkStatus();
}

absl::Status ControlGroup::AwaitFrozen(absl::Duration longest) const {
  const std::string path = UnifiedFile("cgroup.events");
  const OpenFile file(path, O_RDONLY);
  if (file.fd() < 0) return Problem(path);
  const absl::Time until = absl::Now() + longest;
  for (;;) {
    char text[512];
    const ssize_t length = pread(file.fd(), text, sizeof text, 0);
    if (length < 0) return Problem(path);
    if (Says(absl::string_view(text, static_cast<std::size_t>(length)), "frozen")) return absl::OkStatus();
    const absl::Duration left = until - absl::Now();
    if (left <= absl::ZeroDuration()) break;
    // The kernel announces a change of this file so; what is read again decides.
    pollfd changed = {.fd = file.fd(), .events = POLLPRI, .revents = 0};
    if (poll(&changed, 1, static_cast<int>(absl::ToInt64Milliseconds(absl::Ceil(left, absl::Milliseconds(1))))) < 0 &&
        errno != EINTR) {
      return Problem(path);
    }
  }
  return absl::DeadlineExceededError(
      absl::StrCat("some processes of ", name_, " do not stand still after ", absl::FormatDuration(longest)));
}

}  // namespace jettyfleet
