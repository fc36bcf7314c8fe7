// HAProxy on lb-01 as far as anyone can tell: one backend, a server for every node, health checks every 500 ms, and the
// leases of its host (a timer that needs no agent).
#ifndef JETTYFLEET_TESTS_SIMULATION_SIM_BALANCER_H_
#define JETTYFLEET_TESTS_SIMULATION_SIM_BALANCER_H_

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "proto/observation.pb.h"
#include "tests/simulation/event_queue.h"
#include "tests/simulation/sim_clock.h"
#include "tests/simulation/sim_cluster.h"

namespace jettyfleet {

inline constexpr char kSimBalancer[] = "lb-01";
inline constexpr char kSimBackend[] = "app";

class SimBalancer {
 public:
  using AdminState = v1::LbServerFact::AdminState;

  struct Lease {
    std::string id;
    std::string operation_id;
    absl::Time ends_at;  // by this host's clock
  };

  SimBalancer(EventQueue* events, Chance* chance, SimCluster* cluster);

  std::vector<v1::LbServerFact> ReadServers() const;
  std::vector<v1::LeaseFact> ReadLeases() const;
  absl::Time LocalTime() const { return clock.At(events_->WallNow()); }

  // Arms the lease and then sets the state.
  absl::Time Hold(const std::string& server, AdminState state, const std::string& lease_id,
                  const std::string& operation_id, absl::Duration duration);
  void Release(const std::string& server);

  // Clients are sent there: ready, and up by its checks.
  bool InRotation(const std::string& server) const;
  bool IsReady(const std::string& server) const;
  const std::map<std::string, Lease>& leases() const { return leases_; }

  // The next request by round robin; false: nobody served it.
  bool Request();

  SimClock clock;
  // For planting a bug: leases that never end by themselves.
  bool leases_never_end = false;
  std::function<void()> on_changed;

 private:
  struct Server {
    AdminState state = v1::LbServerFact::ADMIN_STATE_READY;
    bool up = true;
    int failures = 0;
    int successes = 0;
    std::string check_status = "L7OK";
    absl::Time sessions_end = absl::InfinitePast();
  };

  void Check();

  EventQueue* const events_;
  Chance* const chance_;
  SimCluster* const cluster_;
  std::map<std::string, Server> servers_;  // by name, which is the node's
  std::map<std::string, Lease> leases_;    // by server
  size_t turn_ = 0;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_TESTS_SIMULATION_SIM_BALANCER_H_
