#include "client/command/drill_dry_run.h"

#include <algorithm>

#include "absl/time/time.h"
#include "client/json.h"
#include "client/render/dry_run_view.h"

namespace jettyfleet {
namespace {

// The DC's agent is given 10 s for each node, which come one after the other.
constexpr absl::Duration kPatience = absl::Minutes(5);

}  // namespace

ExitCode RunDrillDryRun(Session& session, const v1::DrillSpec& spec) {
  v1::DryRunDrillRequest request;
  *request.mutable_spec() = spec;
  v1::DryRunDrillResponse response;
  const auto context = session.Context(kPatience);
  const grpc::Status status = session.stub().DryRunDrill(context.get(), request, &response);
  if (!status.ok()) return session.Fail(status);
  const Console& console = session.console();
  console.out << (session.json() ? ToJson(response) : RenderDryRun(response, console.colour)) << std::flush;
  const bool open = std::all_of(response.visits().begin(), response.visits().end(),
                                [](const v1::PlannedVisit& visit) { return visit.gate().empty(); });
  return open ? kExitYes : kExitRefused;
}

}  // namespace jettyfleet
