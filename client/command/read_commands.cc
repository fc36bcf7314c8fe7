#include "client/command/read_commands.h"

#include "absl/time/time.h"
#include "client/json.h"
#include "client/render/findings_view.h"
#include "client/render/status_view.h"

namespace jettyfleet {
namespace {

constexpr absl::Duration kUsual = absl::Seconds(10);
// The coordinator asks the nodes anew before it answers.
constexpr absl::Duration kWithObservation = absl::Minutes(1);

}  // namespace

ExitCode RunStatus(Session& session, const std::string& cluster) {
  v1::GetStatusRequest request;
  request.set_cluster(cluster);
  v1::GetStatusResponse response;
  const auto context = session.Context(kUsual);
  const grpc::Status status = session.stub().GetStatus(context.get(), request, &response);
  if (!status.ok()) return session.Fail(status);
  const Console& console = session.console();
  console.out << (session.json() ? ToJson(response) : RenderStatus(response, console.colour)) << std::flush;
  ExitCode code = response.clusters().empty() ? kExitNo : kExitYes;
  for (const v1::ClusterStatus& one : response.clusters()) {
    if (ExitCodeOf(one.healthy()) != kExitYes) code = kExitNo;
  }
  return code;
}

ExitCode RunDiscover(Session& session, const std::string& cluster) {
  v1::DiscoverRequest request;
  request.set_cluster(cluster);
  v1::DiscoverResponse response;
  const auto context = session.Context(kWithObservation);
  const grpc::Status status = session.stub().Discover(context.get(), request, &response);
  if (!status.ok()) return session.Fail(status);
  const Console& console = session.console();
  console.out << (session.json() ? ToJson(response) : RenderDiscovery(response, console.colour)) << std::flush;
  return kExitYes;
}

ExitCode RunVerify(Session& session, const std::string& cluster) {
  v1::VerifyRequest request;
  request.set_cluster(cluster);
  v1::VerifyResponse response;
  const auto context = session.Context(kWithObservation);
  const grpc::Status status = session.stub().Verify(context.get(), request, &response);
  if (!status.ok()) return session.Fail(status);
  const Console& console = session.console();
  console.out << (session.json() ? ToJson(response) : RenderVerification(response, console.colour)) << std::flush;
  return ExitCodeOf(response.passed());
}

}  // namespace jettyfleet
