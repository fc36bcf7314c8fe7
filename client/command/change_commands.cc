#include "client/command/change_commands.h"

#include "absl/time/time.h"
#include "client/json.h"
#include "client/render/findings_view.h"
#include "client/request_id.h"

namespace jettyfleet {
namespace {

// Each undo has a deadline of its own at the coordinator.
constexpr absl::Duration kUsualRestore = absl::Minutes(3);

}  // namespace

ExitCode RunRestore(Session& session, const std::string& cluster, const std::string& why, bool take_over) {
  v1::RestoreRequest request;
  request.set_request_id(NewRequestId());
  request.set_cluster(cluster);
  request.set_why(why);
  request.set_take_over(take_over);
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
