#include "agent/inspect/path/path_worker.h"

#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "agent/inspect/path/bounded_children.h"
#include "agent/inspect/path/credentials.h"
#include "agent/inspect/path/frames.h"
#include "agent/inspect/path/mount_namespace.h"
#include "agent/inspect/path/mountinfo.h"
#include "agent/inspect/path/path_job.h"
#include "agent/inspect/path/path_probe.h"
#include "common/file.h"
#include "proto/action.pb.h"

namespace jettyfleet {
namespace {

constexpr absl::Duration kPathDeadline = absl::Seconds(2);
constexpr std::size_t kStatusLimitBytes = 1 << 20;

// Who the unit's user is: found out before the namespace is entered where the process tells, else when it is needed.
using Who = std::function<absl::StatusOr<Credentials>()>;

Who WhoOf(const PathJob& job) {
  if (job.main_pid == 0) return [&job] { return CredentialsOf(job.user, job.group); };
  const absl::StatusOr<std::string> status =
      ReadSmallFile(absl::StrCat("/proc/", job.main_pid, "/status"), kStatusLimitBytes);
  const absl::StatusOr<Credentials> known =
      status.ok() ? ParseCredentials(*status) : absl::StatusOr<Credentials>(status.status());
  return [known] { return known; };
}

std::string AnswerFor(const PathJob& job, const std::string& path, const std::vector<Mount>& mounts, const Who& who) {
  PathProbe probe(path, who);
  if (job.kind == PathJob::Kind::kInspect) return probe.Inspect(mounts).SerializeAsString();
  v1::ActionResult result;
  for (const std::string& marker : job.markers) {
    *result.add_sightings() = job.kind == PathJob::Kind::kPlaceMarker    ? probe.Place(marker, job.content)
                              : job.kind == PathJob::Kind::kRemoveMarker ? probe.Remove(marker)
                                                                         : probe.Look(marker);
  }
  return result.SerializeAsString();
}

// The stream that AskPathWorker reads: why nothing was done, or an empty frame and then two for each path: why it is
// not known, and what is.
std::string Carry(const std::vector<std::string>& arguments) {
  std::string stream;
  const absl::StatusOr<PathJob> job = FromArguments(arguments);
  absl::StatusOr<std::vector<Mount>> mounts =
      job.ok() ? MountsOf(job->main_pid) : absl::StatusOr<std::vector<Mount>>(job.status());
  absl::Status status = mounts.status();
  Who who;
  if (status.ok()) {
    who = WhoOf(*job);
    if (job->main_pid != 0) status = EnterMountNamespace(job->main_pid);
  }
  AppendFrame(status.message(), &stream);
  if (!status.ok()) return stream;
  const auto answers = RunInChildren(
      job->paths.size(), [&](std::size_t i) { return AnswerFor(*job, job->paths[i], *mounts, who); }, kPathDeadline);
  for (const absl::StatusOr<std::string>& answer : answers) {
    AppendFrame(answer.status().message(), &stream);
    AppendFrame(answer.ok() ? *answer : "", &stream);
  }
  return stream;
}

bool WriteAll(absl::string_view stream) {
  while (!stream.empty()) {
    const ssize_t written = write(STDOUT_FILENO, stream.data(), stream.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    stream.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

std::optional<int> RunPathWorker(int argc, char** argv) {
  if (argc < 2) return std::nullopt;
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.front() != kPathWorkerName) return std::nullopt;
  return WriteAll(Carry(arguments)) ? 0 : 1;
}

}  // namespace jettyfleet
