#include "client/command/rollout_commands.h"

#include <functional>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/command/drill_commands.h"
#include "client/command/watch_operation.h"
#include "client/interrupt.h"
#include "client/json.h"
#include "client/render/live_view.h"
#include "client/render/rollout_view.h"
#include "client/render/text.h"
#include "client/request_id.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

constexpr absl::Duration kUsual = absl::Seconds(10);

// Rollouts only.
grpc::Status List(Session& session, const std::string& cluster, v1::ListOperationsResponse* rollouts) {
  v1::ListOperationsRequest request;
  request.set_cluster(cluster);
  v1::ListOperationsResponse all;
  const auto context = session.Context(kUsual);
  const grpc::Status status = session.stub().ListOperations(context.get(), request, &all);
  for (v1::OperationReport& operation : *all.mutable_operations()) {
    if (operation.spec().has_rollout()) *rollouts->add_operations() = std::move(operation);
  }
  return status;
}

ExitCode ShowAll(Session& session, const std::string& cluster,
                 const std::function<std::string(const v1::ListOperationsResponse&)>& render) {
  v1::ListOperationsResponse rollouts;
  if (const grpc::Status status = List(session, cluster, &rollouts); !status.ok()) return session.Fail(status);
  session.console().out << (session.json() ? ToJson(rollouts) : render(rollouts)) << std::flush;
  return kExitYes;
}

// Calls `go_on` with the id, or that of the newest rollout.
ExitCode WithId(Session& session, const std::string& cluster, const std::string& id,
                const std::function<ExitCode(const std::string&)>& go_on) {
  if (!id.empty()) return go_on(id);
  v1::ListOperationsResponse rollouts;
  if (const grpc::Status status = List(session, cluster, &rollouts); !status.ok()) return session.Fail(status);
  const v1::OperationReport* newest = nullptr;
  for (const v1::OperationReport& rollout : rollouts.operations()) {
    if (newest == nullptr || FromProto(rollout.began_at()) >= FromProto(newest->began_at())) newest = &rollout;
  }
  if (newest != nullptr) return go_on(newest->id());
  return session.Fail({grpc::StatusCode::NOT_FOUND, "there has been no rollout yet"});
}

}  // namespace

ExitCode RunRolloutPlan(Session& session, const v1::DrillSpec& spec) {
  v1::PlanRolloutRequest request;
  *request.mutable_spec() = spec;
  v1::PlanRolloutResponse response;
  const auto context = session.Context(kUsual);
  const grpc::Status status = session.stub().PlanRollout(context.get(), request, &response);
  if (!status.ok()) return session.Fail(status);
  const Console& console = session.console();
  console.out << (session.json() ? ToJson(response) : RenderRolloutPlan(response, console.colour)) << std::flush;
  return kExitYes;
}

ExitCode RunRolloutStart(Session& session, const v1::DrillSpec& spec, bool detach) {
  // From here on Ctrl-C must not end the program between the start and the word on how to go on.
  InterruptWatch interrupts;
  v1::StartRolloutRequest request;
  request.set_request_id(NewRequestId());
  *request.mutable_spec() = spec;
  v1::StartRolloutResponse response;
  const auto context = session.Context(kUsual);
  const grpc::Status status = session.stub().StartRollout(context.get(), request, &response);
  if (!status.ok()) return session.FailMutation(status, "jettyfleet rollout list");
  const Console& console = session.console();
  if (!detach) {
    WatchArguments watch;
    watch.cluster = spec.cluster();
    watch.operation_id = response.operation_id();
    return WatchOperation(session, interrupts, watch);
  }
  if (session.json()) {
    console.out << ToJson(response) << std::flush;
  } else {
    const std::string id = Harmless(response.operation_id());
    console.out << "rollout " << id << " has begun\n  follow it: jettyfleet rollout watch " << id
                << "\n  stop it:   jettyfleet rollout abort " << id << " --why REASON" << std::endl;
  }
  return kExitYes;
}

ExitCode RunRolloutList(Session& session, const std::string& cluster) {
  return ShowAll(session, cluster, [&session](const v1::ListOperationsResponse& rollouts) {
    return rollouts.operations().empty() ? RenderRolloutHistory(rollouts, session.console().colour)
                                         : RenderOperations(rollouts, absl::Now(), session.console().colour);
  });
}

ExitCode RunRolloutHistory(Session& session, const std::string& cluster) {
  return ShowAll(session, cluster, [&session](const v1::ListOperationsResponse& rollouts) {
    return RenderRolloutHistory(rollouts, session.console().colour);
  });
}

ExitCode RunRolloutShow(Session& session, const std::string& cluster, const std::string& id, bool with_seconds) {
  return WithId(session, cluster, id,
                [&](const std::string& found) { return RunDrillShow(session, cluster, found, with_seconds); });
}

ExitCode RunRolloutWatch(Session& session, const std::string& cluster, const std::string& id) {
  return WithId(session, cluster, id, [&](const std::string& found) {
    WatchArguments arguments;
    arguments.cluster = cluster;
    arguments.operation_id = found;
    return RunDrillWatch(session, arguments);
  });
}

ExitCode RunRolloutAbort(Session& session, const std::string& cluster, const std::string& id, const std::string& why) {
  return WithId(session, cluster, id,
                [&](const std::string& found) { return RunDrillAbort(session, cluster, found, why, "rollout"); });
}

}  // namespace jettyfleet
