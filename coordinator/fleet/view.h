// The picture of one cluster as the coordinator holds it: plain values, copied freely, no I/O. The pure parts
// (rolling, verify) read it; only coordinator/fleet/registry writes it.
#ifndef JETTYFLEET_COORDINATOR_FLEET_VIEW_H_
#define JETTYFLEET_COORDINATOR_FLEET_VIEW_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/time/time.h"
#include "proto/action.pb.h"
#include "proto/description.pb.h"
#include "proto/observation.pb.h"
#include "proto/operation.pb.h"

namespace jettyfleet {

// By the coordinator's clock: everything of that kind was read on the host at this time or later. It is the time at
// which a since answered Observe request was sent, so it owes nothing to the agent's clock. InfinitePast: never.
struct Freshness {
  absl::Time cluster = absl::InfinitePast();
  absl::Time cib = absl::InfinitePast();
  absl::Time units = absl::InfinitePast();
  absl::Time http = absl::InfinitePast();
  absl::Time lb_servers = absl::InfinitePast();
};

struct HostView {
  std::string host;
  // False: the report is the last that was heard, and nothing in it may be believed for a gate.
  bool connected = false;
  absl::Time connected_at = absl::InfinitePast();
  absl::Time last_heard_at = absl::InfinitePast();
  std::string boot_id;
  uint64_t restart_sequence = 0;
  std::string version;
  Freshness fresh;
  v1::HostReport report;
};

// What the traffic probe has counted, by window ("NODE/baseline", "NODE/visit"); "" is the whole operation.
struct TrafficView {
  bool running = false;
  std::map<std::string, v1::TrafficSummary> windows;
};

struct ClusterView {
  std::string cluster;
  v1::ClusterDescription description;
  // This coordinator, for the lock.
  std::string coordinator_uuid;
  uint64_t epoch = 0;
  // Cluster node on which the coordinator itself runs; empty where it is none of them. Visited last.
  std::string coordinator_node;
  std::map<std::string, HostView> nodes;
  std::map<std::string, HostView> load_balancers;
  // Results of the running operation's actions, by action id. Kept until the operation has ended.
  std::map<std::string, v1::ActionResult> results;
  TrafficView traffic;
  // Operators' aborts that the operation has not yet taken note of: operation id to "WHO: WHY".
  std::map<std::string, std::string> abort_requests;
  // Whether operators want it to pause, by operation id; what was asked for last counts.
  struct PauseRequest {
    bool pause = false;
    std::string by;  // "WHO: WHY"
  };
  std::map<std::string, PauseRequest> pause_requests;
};

// The one node that a quorate majority view names as DC, with quorum by crm_mon AND by corosync-quorumtool as seen
// on that node itself; empty when there is none or when connected quorate views disagree. Source: pacemaker-facts,
// "in a partition BOTH sides name a DC".
std::string QuorateDc(const ClusterView& view);

// Why there is none, in one line: every DC that a connected node names, with the quorum that it claims.
std::string DcClaims(const ClusterView& view);

// The HAProxy server facts of `node`, by "LOADBALANCER/BACKEND/SERVER".
std::map<std::string, v1::LbServerFact> ServersOfNode(const ClusterView& view, const std::string& node);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_FLEET_VIEW_H_
