#include "client/command/change_commands.h"

#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/json.h"
#include "client/render/findings_view.h"
#include "client/request_id.h"
#include "common/description/description_yaml.h"
#include "common/description/yaml_tree.h"
#include "common/file.h"

namespace jettyfleet {
namespace {

// The cluster's tools take their time; each step has a deadline of its own at the coordinator.
constexpr absl::Duration kUsualApply = absl::Minutes(10);
constexpr absl::Duration kUsualRestore = absl::Minutes(3);

absl::StatusOr<v1::ClusterDescription> ReadDescription(const std::string& file) {
  const bool from_input = file == "-";
  const absl::StatusOr<std::string> text =
      from_input ? ReadDescriptor(0, "standard input", kYamlLimitBytes) : ReadSmallFile(file, kYamlLimitBytes);
  if (!text.ok()) return text.status();
  return ParseDescription(*text, from_input ? "standard input" : file);
}

}  // namespace

ExitCode RunApply(Session& session, const std::string& file, const std::string& why) {
  const Console& console = session.console();
  absl::StatusOr<v1::ClusterDescription> description = ReadDescription(file);
  if (!description.ok()) {
    PrintError(console, description.status().message());
    return kExitUsage;
  }
  v1::ApplyRequest request;
  request.set_request_id(NewRequestId());
  *request.mutable_description() = *std::move(description);
  request.set_why(why);
  const auto context = session.Context(kUsualApply);
  const auto stream = session.stub().Apply(context.get(), request);
  v1::ApplyProgress progress;
  bool failed = false;
  while (stream->Read(&progress)) {
    failed = failed || progress.state() == v1::ApplyProgress::STATE_FAILED;
    console.out << (session.json() ? ToJsonLine(progress) : RenderApplyProgress(progress, console.colour))
                << std::flush;
  }
  const grpc::Status status = stream->Finish();
  if (!status.ok()) return session.FailMutation(status, "jettyfleet verify");
  return failed ? kExitNo : kExitYes;
}

ExitCode RunRestore(Session& session, const std::string& cluster, const std::string& why) {
  v1::RestoreRequest request;
  request.set_request_id(NewRequestId());
  request.set_cluster(cluster);
  request.set_why(why);
  v1::RestoreResponse response;
  const auto context = session.Context(kUsualRestore);
  const grpc::Status status = session.stub().Restore(context.get(), request, &response);
  if (!status.ok()) return session.FailMutation(status, "jettyfleet status");
  const Console& console = session.console();
  console.out << (session.json() ? ToJson(response) : RenderRestoration(response, console.colour)) << std::flush;
  for (const v1::RestoreItem& item : response.items()) {
    if (item.undone() != v1::ANSWER_YES) return kExitNo;
  }
  return kExitYes;
}

}  // namespace jettyfleet
