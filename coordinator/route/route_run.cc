#include "coordinator/route/route_run.h"

#include "common/proto_time.h"

namespace jettyfleet {

void RouteHands::Say(v1::RouteProgress::State state, const std::string& step, const std::string& detail,
                     absl::Time now) const {
  v1::RouteProgress line;
  *line.mutable_at() = ToProto(now);
  line.set_step(step);
  line.set_state(state);
  line.set_detail(detail);
  progress(line);
}

void RouteHands::LookAtServers(const ClusterView& view) const {
  v1::Observe look;
  look.set_lb_servers(true);
  for (const auto& [name, host] : view.load_balancers) {
    if (host.connected) observe(name, look);
  }
}

}  // namespace jettyfleet
