#include "client/command/plan_commands.h"

#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/json.h"
#include "client/render/findings_view.h"
#include "client/render/plan_view.h"
#include "client/render/text.h"
#include "client/request_id.h"
#include "common/description/description_yaml.h"
#include "common/description/yaml_tree.h"
#include "common/file.h"

namespace jettyfleet {
namespace {

// The cluster's tools take their time; each step has a deadline of its own at the coordinator.
constexpr absl::Duration kUsualApply = absl::Minutes(30);
// The nodes are asked anew, and every step is tried on a copy of the CIB.
constexpr absl::Duration kUsualPlan = absl::Minutes(2);

struct DescriptionFile {
  std::string name;  // for messages
  std::string text;
};

absl::StatusOr<DescriptionFile> ReadDescriptionFile(const std::string& file) {
  const bool from_input = file == "-";
  absl::StatusOr<std::string> text =
      from_input ? ReadDescriptor(0, "standard input", kYamlLimitBytes) : ReadSmallFile(file, kYamlLimitBytes);
  if (!text.ok()) return text.status();
  return DescriptionFile{from_input ? "standard input" : file, *std::move(text)};
}

absl::StatusOr<v1::ClusterDescription> ReadDescription(const std::string& file) {
  const absl::StatusOr<DescriptionFile> read = ReadDescriptionFile(file);
  if (!read.ok()) return read.status();
  return ParseDescription(read->text, read->name);
}

}  // namespace

ExitCode RunPlan(Session& session, const std::string& name) {
  const Console& console = session.console();
  const absl::StatusOr<DescriptionFile> file = ReadDescriptionFile(name);
  if (!file.ok()) {
    PrintError(console, file.status().message());
    return kExitUsage;
  }
  absl::StatusOr<v1::ClusterDescription> description = ParseDescription(file->text, file->name);
  if (!description.ok()) {
    PrintError(console, description.status().message());
    return kExitUsage;
  }
  v1::PlanRequest request;
  *request.mutable_description() = *std::move(description);
  v1::PlanResponse response;
  const auto context = session.Context(kUsualPlan);
  const grpc::Status status = session.stub().Plan(context.get(), request, &response);
  if (!status.ok()) return session.Fail(status);
  console.out << (session.json() ? ToJson(response) : RenderPlan(response, console.colour)) << std::flush;
  if (!response.refused().empty()) {
    PrintError(console, response.refused_path().empty()
                            ? response.refused()
                            : ErrorInDescription(file->text, file->name, response.refused_path(), response.refused())
                                  .message());
    return kExitRefused;
  }
  return response.steps().empty() ? kExitYes : kExitNo;
}

ExitCode RunApply(Session& session, const ApplyArguments& arguments) {
  const Console& console = session.console();
  absl::StatusOr<v1::ClusterDescription> description = ReadDescription(arguments.file);
  if (!description.ok()) {
    PrintError(console, description.status().message());
    return kExitUsage;
  }
  v1::ApplyRequest request;
  request.set_request_id(NewRequestId());
  *request.mutable_description() = *std::move(description);
  request.set_why(arguments.why);
  request.set_allow_disruption(arguments.allow_disruption);
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

ExitCode RunDescribe(Session& session, const std::string& cluster) {
  v1::DescribeRequest request;
  request.set_cluster(cluster);
  v1::DescribeResponse response;
  const auto context = session.Context(kUsualPlan);
  const grpc::Status status = session.stub().Describe(context.get(), request, &response);
  if (!status.ok()) return session.Fail(status);
  const Console& console = session.console();
  if (session.json()) {
    console.out << ToJson(response) << std::flush;
    return kExitYes;
  }
  // As comments, so that what was printed is a description as it stands.
  for (const std::string& remark : response.remarks()) console.out << "# " << Harmless(remark) << "\n";
  console.out << EmitDescription(response.description()) << std::flush;
  return kExitYes;
}

}  // namespace jettyfleet
