#include "coordinator/server/fresh_look.h"

#include <algorithm>
#include <utility>

namespace jettyfleet {
namespace {

constexpr absl::Duration kDeadline = absl::Seconds(8);
constexpr absl::Duration kPoll = absl::Milliseconds(20);

}  // namespace

void FreshLook::Everywhere(const std::string& cluster, Done done) {
  const absl::Time now = clock_.WallNow();
  const ClusterView& view = *registry_.Find(cluster);
  for (const auto& [node, host] : view.nodes) {
    v1::Observe observe;
    observe.set_cluster(true);
    observe.set_cib(true);
    observe.set_units(true);
    observe.set_http(true);
    agents_.Observe(cluster, node, observe);
  }
  for (const auto& [balancer, host] : view.load_balancers) {
    v1::Observe observe;
    observe.set_lb_servers(true);
    agents_.Observe(cluster, balancer, observe);
  }
  Wait(cluster, now, now + kDeadline, std::move(done));
}

void FreshLook::Wait(const std::string& cluster, absl::Time since, absl::Time deadline, Done done) {
  const ClusterView& view = *registry_.Find(cluster);
  bool waiting = false;
  for (const auto& [node, host] : view.nodes) {
    waiting |=
        host.connected && std::min({host.fresh.cluster, host.fresh.cib, host.fresh.units, host.fresh.http}) < since;
  }
  for (const auto& [balancer, host] : view.load_balancers) waiting |= host.connected && host.fresh.lb_servers < since;
  if (!waiting || clock_.WallNow() >= deadline) return done(since);
  core_.PostAfter(kPoll, [this, cluster, since, deadline, done = std::move(done)]() mutable {
    Wait(cluster, since, deadline, std::move(done));
  });
}

}  // namespace jettyfleet
