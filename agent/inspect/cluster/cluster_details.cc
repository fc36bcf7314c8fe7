#include "agent/inspect/cluster/cluster_details.h"

#include <future>
#include <system_error>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "agent/inspect/cluster/constraints.h"
#include "agent/inspect/cluster/fail_counts.h"
#include "agent/inspect/cluster/ring_status.h"
#include "agent/inspect/command/run_command.h"

namespace jettyfleet {
namespace {

// The first line that says something, of what a failed program wrote.
std::string FirstLine(const CommandOutput& output) {
  for (const std::string* const text : {&output.err, &output.out}) {
    for (const absl::string_view line : absl::StrSplit(*text, '\n', absl::SkipWhitespace())) {
      return std::string(line.substr(0, 200));
    }
  }
  return "no word";
}

// On a thread of its own; here and now where the system has none left.
std::future<CommandOutput> Start(std::vector<std::string> argv, absl::Duration deadline) {
  const auto run = [argv = std::move(argv), deadline] { return RunCommand(argv, deadline); };
  try {
    return std::async(std::launch::async, run);
  } catch (const std::system_error&) {
    return std::async(std::launch::deferred, run);
  }
}

template <typename Fact>
void Take(absl::StatusOr<std::vector<Fact>> parsed, const CommandOutput& output, absl::string_view what,
          std::vector<Fact>* facts, ClusterDetails* details) {
  if (!output.status.ok()) {
    details->problems.push_back(absl::StrCat(what, ": ", output.status.message()));
  } else if (!parsed.ok()) {
    details->problems.push_back(absl::StrCat(what, ": ", parsed.status().message()));
  } else {
    *facts = *std::move(parsed);
  }
}

}  // namespace

ClusterDetails ReadClusterDetails(absl::Duration deadline) {
  std::future<CommandOutput> ring_output = Start({"corosync-cfgtool", "-s"}, deadline);
  // The same words as the agent's own observation: fail counts are in it.
  std::future<CommandOutput> status_output =
      Start({"crm_mon", "--one-shot", "--inactive", "--output-as", "xml"}, deadline);
  std::future<CommandOutput> cib_output = Start({"cibadmin", "--query"}, deadline);
  const CommandOutput ring = ring_output.get(), status = status_output.get(), cib = cib_output.get();
  ClusterDetails details;
  details.cluster_node = !absl::IsNotFound(ring.status) || !absl::IsNotFound(status.status);
  if (!details.cluster_node) return details;
  if (!ring.status.ok()) {
    details.ring.set_error(std::string(ring.status.message()));
  } else {
    details.ring = ParseRingStatus(ring.out);
    if (!details.ring.error().empty() && ring.exit_code != 0) {
      details.ring.set_error(absl::StrCat("corosync-cfgtool -s: exit code ", ring.exit_code, ": ", FirstLine(ring)));
    }
  }
  Take(ParseFailCounts(status.out), status, "fail counts", &details.fail_counts, &details);
  if (cib.status.ok() && cib.exit_code != 0) {
    details.problems.push_back(
        absl::StrCat("constraints: cibadmin --query: exit code ", cib.exit_code, ": ", FirstLine(cib)));
  } else {
    Take(ParseConstraints(cib.out), cib, "constraints", &details.constraints, &details);
  }
  return details;
}

}  // namespace jettyfleet
