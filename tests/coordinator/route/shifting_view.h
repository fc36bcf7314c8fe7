// The routed view with node-03 out of service on leases of ours, and all that a shift asks for described.
#ifndef JETTYFLEET_TESTS_COORDINATOR_ROUTE_SHIFTING_VIEW_H_
#define JETTYFLEET_TESTS_COORDINATOR_ROUTE_SHIFTING_VIEW_H_

#include "coordinator/route/shift_gate.h"
#include "tests/coordinator/route/routed_view.h"

namespace jettyfleet {

inline ShiftOrder Onto03() { return {{"node-03"}, {5, 100}, absl::Seconds(10), 0}; }

inline ClusterView ShiftingView() {
  ClusterView view = RoutedView();
  v1::ResourceDescription& resource = *view.description.mutable_resources(0);
  resource.mutable_parallel_safe()->set_by("alice");
  resource.mutable_sessions()->set_affinity(v1::SessionsDescription::AFFINITY_COOKIE);
  resource.mutable_sessions()->set_store(v1::SessionsDescription::STORE_MEMORY);
  view.description.mutable_traffic()->set_url("http://lb-01:80/app/?x=1");
  view.description.mutable_traffic()->set_counter_pattern("count=([0-9]+)");
  for (const char* balancer : {"lb-01", "lb-02"}) {
    ServerOn(&view, balancer, "node-03").set_admin_state(v1::LbServerFact::ADMIN_STATE_MAINT);
    ServerOn(&view, balancer, "node-03").set_status("MAINT");
    PutLease(&view, balancer, "node-03", "lb-server", Noon() + absl::Minutes(5));
  }
  return view;
}

}  // namespace jettyfleet

#endif  // JETTYFLEET_TESTS_COORDINATOR_ROUTE_SHIFTING_VIEW_H_
