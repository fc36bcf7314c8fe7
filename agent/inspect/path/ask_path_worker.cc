#include "agent/inspect/path/ask_path_worker.h"

#include <cstddef>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "agent/inspect/command/run_command.h"
#include "agent/inspect/path/frames.h"

namespace jettyfleet {
namespace {

// The worker itself answers after 2 s at the latest.
constexpr absl::Duration kDeadline = absl::Seconds(3);

absl::Status Why(const CommandOutput& output) {
  if (!output.status.ok()) {
    return absl::Status(output.status.code(), absl::StrCat("the path worker failed: ", output.status.message()));
  }
  return absl::InternalError(absl::StrCat("the path worker exited with ", output.exit_code, " and no answer"));
}

}  // namespace

std::vector<absl::StatusOr<std::string>> AskPathWorker(const PathJob& job) {
  if (job.paths.empty()) return {};
  std::vector<std::string> argv = {"/proc/self/exe"};
  for (std::string& argument : ToArguments(job)) argv.push_back(std::move(argument));
  const CommandOutput output = RunCommand(argv, kDeadline);
  const std::optional<std::vector<std::string>> frames = ReadFrames(output.out);
  absl::Status status;
  if (!output.status.ok() || output.exit_code != 0 || !frames.has_value() || frames->empty()) {
    status = Why(output);
  } else if (!frames->front().empty()) {
    status = absl::UnavailableError(frames->front());
  } else if (frames->size() != 1 + 2 * job.paths.size()) {
    status = Why(output);
  }
  std::vector<absl::StatusOr<std::string>> answers;
  for (std::size_t i = 0; i < job.paths.size(); ++i) {
    if (!status.ok()) {
      answers.emplace_back(status);
    } else if (const std::string& why = (*frames)[1 + 2 * i]; !why.empty()) {
      answers.emplace_back(absl::UnavailableError(why));
    } else {
      answers.emplace_back((*frames)[2 + 2 * i]);
    }
  }
  return answers;
}

}  // namespace jettyfleet
