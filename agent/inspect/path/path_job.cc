#include "agent/inspect/path/path_job.h"

#include <cstddef>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace jettyfleet {
namespace {

struct KindName {
  PathJob::Kind kind;
  absl::string_view name;
};
constexpr KindName kKinds[] = {
    {PathJob::Kind::kInspect, "inspect"},
    {PathJob::Kind::kPlaceMarker, "place"},
    {PathJob::Kind::kLookForMarker, "look"},
    {PathJob::Kind::kRemoveMarker, "remove"},
};

bool ParseKind(absl::string_view name, PathJob::Kind* kind) {
  for (const KindName& known : kKinds) {
    if (known.name != name) continue;
    *kind = known.kind;
    return true;
  }
  return false;
}

bool ParseArgument(absl::string_view argument, PathJob* job) {
  if (absl::ConsumePrefix(&argument, "--kind=")) return ParseKind(argument, &job->kind);
  if (absl::ConsumePrefix(&argument, "--pid=")) return absl::SimpleAtoi(argument, &job->main_pid);
  if (absl::ConsumePrefix(&argument, "--user=")) {
    job->user = std::string(argument);
  } else if (absl::ConsumePrefix(&argument, "--group=")) {
    job->group = std::string(argument);
  } else if (absl::ConsumePrefix(&argument, "--content=")) {
    job->content = std::string(argument);
  } else if (absl::ConsumePrefix(&argument, "--marker=")) {
    job->markers.emplace_back(argument);
  } else if (absl::ConsumePrefix(&argument, "--path=")) {
    job->paths.emplace_back(argument);
  } else {
    return false;
  }
  return true;
}

}  // namespace

std::vector<std::string> ToArguments(const PathJob& job) {
  std::vector<std::string> arguments = {kPathWorkerName};
  for (const KindName& known : kKinds) {
    if (known.kind == job.kind) arguments.push_back(absl::StrCat("--kind=", known.name));
  }
  arguments.push_back(absl::StrCat("--pid=", job.main_pid));
  arguments.push_back(absl::StrCat("--user=", job.user));
  arguments.push_back(absl::StrCat("--group=", job.group));
  arguments.push_back(absl::StrCat("--content=", job.content));
  for (const std::string& marker : job.markers) arguments.push_back(absl::StrCat("--marker=", marker));
  for (const std::string& path : job.paths) arguments.push_back(absl::StrCat("--path=", path));
  return arguments;
}

absl::StatusOr<PathJob> FromArguments(const std::vector<std::string>& arguments) {
  PathJob job;
  if (arguments.empty() || arguments.front() != kPathWorkerName) {
    return absl::InvalidArgumentError(absl::StrCat("the first argument is not ", kPathWorkerName));
  }
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    if (!ParseArgument(arguments[i], &job)) {
      return absl::InvalidArgumentError(absl::StrCat(kPathWorkerName, " does not know the argument ", arguments[i]));
    }
  }
  return job;
}

}  // namespace jettyfleet
