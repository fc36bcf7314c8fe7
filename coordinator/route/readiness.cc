#include "coordinator/route/readiness.h"

#include "coordinator/rolling/facts.h"
#include "coordinator/rolling/timing.h"

namespace jettyfleet {

v1::Answer AnswersItself(const ClusterView& view, const v1::ResourceDescription& resource, const std::string& node,
                         absl::Time since) {
  const HostView* const host = ConnectedNode(view, node);
  if (host == nullptr || host->fresh.http < since) return v1::ANSWER_UNSPECIFIED;
  return HttpHealthy(*host, resource);
}

bool InServiceSince(const RoutedServer& server, absl::Time ready_at) {
  return server.SeenSince(ready_at + kLbCheckSettle) &&
         server.fact->admin_state() == v1::LbServerFact::ADMIN_STATE_READY && IsUpAndChecked(*server.fact);
}

}  // namespace jettyfleet
