#include "agent/inspect/path/path_inspection.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "agent/inspect/path/ask_path_worker.h"
#include "agent/inspect/path/disk_identity.h"
#include "agent/inspect/path/path_job.h"

namespace jettyfleet {
namespace {

constexpr std::size_t kMostPaths = 64;
constexpr char kUdevData[] = "/run/udev/data";
constexpr char kSysDevBlock[] = "/sys/dev/block";

struct Candidate {
  WantedPath wanted;
  // Left out unless the unit's user may write there.
  bool only_if_writable = false;
};

void Add(const WantedPath& wanted, bool only_if_writable, std::vector<Candidate>* candidates) {
  WantedPath path = wanted;
  while (path.path.size() > 1 && path.path.back() == '/') path.path.pop_back();
  const bool known = std::any_of(candidates->begin(), candidates->end(),
                                 [&](const Candidate& other) { return other.wanted.path == path.path; });
  if (!known) candidates->push_back({std::move(path), only_if_writable});
}

std::vector<Candidate> Candidates(const std::vector<WantedPath>& wanted, const UnitState& unit) {
  std::vector<Candidate> candidates;
  for (const WantedPath& path : wanted) Add(path, false, &candidates);
  for (const std::string& path : unit.writable_paths) Add({path, v1::PathFact::SOURCE_UNIT}, false, &candidates);
  if (absl::StartsWith(unit.working_directory, "/")) {
    Add({unit.working_directory, v1::PathFact::SOURCE_UNIT}, true, &candidates);
  }
  return candidates;
}

void SetDiskIdentity(v1::PathFact* fact) {
  uint32_t device_major = fact->device_major();
  uint32_t device_minor = fact->device_minor();
  struct stat about;
  // Btrfs and the like have a number of their own and name the device that they lie on.
  if (device_major == 0 && absl::StartsWith(fact->mount_source(), "/dev/") &&
      stat(fact->mount_source().c_str(), &about) == 0 && S_ISBLK(about.st_mode)) {
    device_major = major(about.st_rdev);
    device_minor = minor(about.st_rdev);
  }
  if (device_major == 0) return;
  DiskIdentity disk = ReadDiskIdentity(kUdevData, kSysDevBlock, device_major, device_minor);
  fact->set_fs_uuid(std::move(disk.fs_uuid));
  fact->set_disk_serial(std::move(disk.disk_serial));
}

v1::PathFact FactFrom(const absl::StatusOr<std::string>& answer) {
  v1::PathFact fact;
  if (!answer.ok()) {
    fact.set_error(std::string(answer.status().message()));
  } else if (!fact.ParseFromString(*answer)) {
    fact.Clear();
    fact.set_error("the path worker's answer cannot be read");
  } else {
    SetDiskIdentity(&fact);
  }
  return fact;
}

}  // namespace

std::vector<v1::PathFact> InspectPaths(const std::vector<WantedPath>& wanted, const UnitState& unit) {
  std::vector<Candidate> candidates = Candidates(wanted, unit);
  const std::size_t found = candidates.size();
  if (found > kMostPaths) candidates.resize(kMostPaths);
  PathJob job;
  job.main_pid = unit.main_pid;
  job.user = unit.user;
  job.group = unit.group;
  for (const Candidate& candidate : candidates) job.paths.push_back(candidate.wanted.path);
  const std::vector<absl::StatusOr<std::string>> answers = AskPathWorker(job);
  std::vector<v1::PathFact> facts;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    v1::PathFact fact = FactFrom(answers[i]);
    if (candidates[i].only_if_writable && fact.error().empty() && fact.writable() != v1::ANSWER_YES) continue;
    fact.set_path(candidates[i].wanted.path);
    fact.set_source(candidates[i].wanted.source);
    if (unit.main_pid == 0) {
      fact.clear_writable();
      fact.set_writable_error("the unit is stopped, so that it has no view of the file systems of its own");
    }
    facts.push_back(std::move(fact));
  }
  if (found > kMostPaths) {
    v1::PathFact more;
    more.set_path(candidates.back().wanted.path);
    more.set_error(absl::StrCat("only ", kMostPaths, " of ", found, " paths are looked at"));
    facts.push_back(std::move(more));
  }
  return facts;
}

}  // namespace jettyfleet
