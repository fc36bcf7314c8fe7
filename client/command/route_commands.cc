#include "client/command/route_commands.h"

#include <grpcpp/support/sync_stream.h>

#include <memory>

#include "absl/status/statusor.h"
#include "client/json.h"
#include "client/render/haproxy_config.h"
#include "client/render/route_view.h"
#include "client/request_id.h"
#include "common/description/description_yaml.h"
#include "common/description/yaml_tree.h"
#include "common/file.h"
#include "common/proto_time.h"
#include "proto/route_service.grpc.pb.h"

namespace jettyfleet {
namespace {

// Every host looks again first.
constexpr absl::Duration kUsualShow = absl::Seconds(20);
// Each step has a deadline of its own at the coordinator.
constexpr absl::Duration kUsualChange = absl::Minutes(30);
// Up to 20 steps of an hour.
constexpr absl::Duration kUsualShift = absl::Hours(24);

template <typename Request>
Request Changing(const RouteArguments& arguments) {
  Request request;
  request.set_request_id(NewRequestId());
  request.set_cluster(arguments.cluster);
  request.set_why(arguments.why);
  return request;
}

// Prints each step as it comes; the stream's end is the command's.
ExitCode Follow(Session& session, std::unique_ptr<grpc::ClientReaderInterface<v1::RouteProgress>> stream) {
  const Console& console = session.console();
  v1::RouteProgress progress;
  while (stream->Read(&progress)) {
    console.out << (session.json() ? ToJsonLine(progress) : RenderRouteProgress(progress, console.colour))
                << std::flush;
  }
  const grpc::Status status = stream->Finish();
  return status.ok() ? kExitYes : session.FailMutation(status, "jettyfleet route show");
}

}  // namespace

ExitCode RunRouteShow(Session& session, const std::string& cluster) {
  v1::RouteShowRequest request;
  request.set_cluster(cluster);
  v1::RouteShowResponse response;
  const auto context = session.Context(kUsualShow);
  const grpc::Status status =
      v1::RouteService::NewStub(session.channel())->ShowRoute(context.get(), request, &response);
  if (!status.ok()) return session.Fail(status);
  const Console& console = session.console();
  console.out << (session.json() ? ToJson(response) : RenderRoute(response, console.colour)) << std::flush;
  return ExitCodeOf(response.agrees());
}

ExitCode RunRouteRender(const Console& console, const std::string& file, const std::string& host) {
  const bool from_input = file == "-";
  const absl::StatusOr<std::string> yaml =
      from_input ? ReadDescriptor(0, "standard input", kYamlLimitBytes) : ReadSmallFile(file, kYamlLimitBytes);
  if (!yaml.ok()) {
    PrintError(console, yaml.status().message());
    return kExitUsage;
  }
  const absl::StatusOr<v1::ClusterDescription> description =
      ParseDescription(*yaml, from_input ? "standard input" : file);
  if (!description.ok()) {
    PrintError(console, description.status().message());
    return kExitUsage;
  }
  const absl::StatusOr<std::string> text = RenderHaproxy(*description, host);
  if (!text.ok()) {
    PrintError(console, text.status().message());
    return kExitUsage;
  }
  console.out << *text << std::flush;
  return kExitYes;
}

ExitCode RunRouteApply(Session& session, const RouteArguments& arguments) {
  auto request = Changing<v1::RouteApplyRequest>(arguments);
  request.set_take_over(arguments.take_over);
  const auto context = session.Context(kUsualChange);
  return Follow(session, v1::RouteService::NewStub(session.channel())->ApplyRoute(context.get(), request));
}

ExitCode RunRouteDrain(Session& session, const RouteArguments& arguments) {
  auto request = Changing<v1::RouteDrainRequest>(arguments);
  request.set_node(arguments.node);
  if (arguments.lease.has_value()) *request.mutable_lease() = ToProto(*arguments.lease);
  if (arguments.deadline.has_value()) *request.mutable_deadline() = ToProto(*arguments.deadline);
  const auto context = session.Context(kUsualChange);
  return Follow(session, v1::RouteService::NewStub(session.channel())->DrainNode(context.get(), request));
}

ExitCode RunRouteRestore(Session& session, const RouteArguments& arguments) {
  auto request = Changing<v1::RouteRestoreRequest>(arguments);
  request.set_node(arguments.node);
  const auto context = session.Context(kUsualChange);
  return Follow(session, v1::RouteService::NewStub(session.channel())->RestoreNode(context.get(), request));
}

ExitCode RunRouteShift(Session& session, const RouteArguments& arguments) {
  auto request = Changing<v1::RouteShiftRequest>(arguments);
  *request.mutable_nodes() = {arguments.nodes.begin(), arguments.nodes.end()};
  *request.mutable_steps() = {arguments.steps.begin(), arguments.steps.end()};
  if (arguments.hold.has_value()) *request.mutable_hold() = ToProto(*arguments.hold);
  request.set_budget_failures(arguments.budget_failures);
  const auto context = session.Context(kUsualShift);
  return Follow(session, v1::RouteService::NewStub(session.channel())->ShiftTraffic(context.get(), request));
}

}  // namespace jettyfleet
