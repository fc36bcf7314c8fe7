#include "client/command/drill_commands.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/interrupt.h"
#include "client/json.h"
#include "client/render/drill_junit.h"
#include "client/render/live_view.h"
#include "client/render/report_view.h"
#include "client/render/seconds_view.h"
#include "client/render/text.h"
#include "client/request_id.h"

namespace jettyfleet {
namespace {

constexpr absl::Duration kUsual = absl::Seconds(10);

grpc::Status Get(Session& session, const std::string& cluster, const std::string& id, bool with_seconds,
                 v1::OperationReport* report) {
  v1::GetOperationRequest request;
  request.set_with_seconds(with_seconds);
  request.set_cluster(cluster);
  request.set_operation_id(id);
  const auto context = session.Context(kUsual);
  return session.stub().GetOperation(context.get(), request, report);
}

}  // namespace

ExitCode RunDrillStart(Session& session, const v1::DrillSpec& spec, bool detach) {
  // From here on Ctrl-C must not end the program between the start and the word on how to go on.
  InterruptWatch interrupts;
  v1::StartDrillRequest request;
  request.set_request_id(NewRequestId());
  *request.mutable_spec() = spec;
  v1::StartDrillResponse response;
  const auto context = session.Context(kUsual);
  const grpc::Status status = session.stub().StartDrill(context.get(), request, &response);
  if (!status.ok()) return session.FailMutation(status, "jettyfleet drill list");
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
    console.out << "drill " << id << " has begun\n  follow it: jettyfleet drill watch " << id
                << "\n  stop it:   jettyfleet drill abort " << id << " --why REASON" << std::endl;
  }
  return kExitYes;
}

ExitCode RunDrillWatch(Session& session, const WatchArguments& arguments) {
  InterruptWatch interrupts;
  return WatchOperation(session, interrupts, arguments);
}

ExitCode RunDrillList(Session& session, const std::string& cluster) {
  v1::ListOperationsRequest request;
  request.set_cluster(cluster);
  v1::ListOperationsResponse response;
  const auto context = session.Context(kUsual);
  const grpc::Status status = session.stub().ListOperations(context.get(), request, &response);
  if (!status.ok()) return session.Fail(status);
  const Console& console = session.console();
  console.out << (session.json() ? ToJson(response) : RenderOperations(response, absl::Now(), console.colour))
              << std::flush;
  return kExitYes;
}

ExitCode RunDrillShow(Session& session, const std::string& cluster, const std::string& id, bool with_seconds) {
  v1::OperationReport report;
  if (const grpc::Status status = Get(session, cluster, id, with_seconds, &report); !status.ok()) {
    return session.Fail(status);
  }
  const Console& console = session.console();
  switch (session.output()) {
    case Output::kJson:
      console.out << ToJson(report);
      break;
    case Output::kJunit:
      console.out << RenderDrillJunit(report, absl::Now());
      break;
    case Output::kTable:
      console.out << RenderLive(report, absl::Now(), console.colour);
      if (with_seconds) console.out << "\n" << RenderSeconds(report.seconds(), console.colour);
  }
  console.out << std::flush;
  return kExitYes;
}

ExitCode RunDrillReport(Session& session, const std::string& cluster, const std::string& id) {
  v1::OperationReport report;
  if (const grpc::Status status = Get(session, cluster, id, false, &report); !status.ok()) return session.Fail(status);
  const Console& console = session.console();
  console.out << (session.json() ? ToJson(report) : RenderReport(report, absl::Now(), console.colour)) << std::flush;
  return ExitCodeOf(report.state());
}

ExitCode RunDrillAbort(Session& session, const std::string& cluster, const std::string& id, const std::string& why,
                       const std::string& noun) {
  v1::AbortOperationRequest request;
  request.set_request_id(NewRequestId());
  request.set_cluster(cluster);
  request.set_operation_id(id);
  request.set_why(why);
  v1::AbortOperationResponse response;
  const auto context = session.Context(kUsual);
  const grpc::Status status = session.stub().AbortOperation(context.get(), request, &response);
  if (!status.ok()) return session.FailMutation(status, absl::StrCat("jettyfleet ", noun, " show"));
  const Console& console = session.console();
  if (session.json()) {
    console.out << ToJson(response) << std::flush;
  } else {
    const std::string stopped = Harmless(response.operation_id());
    console.out << noun << " " << stopped << " will stop and give everything back; follow it: jettyfleet " << noun
                << " watch " << stopped << std::endl;
  }
  return kExitYes;
}

}  // namespace jettyfleet
