// The load balancers: what operators ask of them, and the changes under way.
#ifndef JETTYFLEET_COORDINATOR_SERVER_ROUTE_DESK_H_
#define JETTYFLEET_COORDINATOR_SERVER_ROUTE_DESK_H_

#include <grpcpp/support/status.h>

#include <atomic>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "common/clock.h"
#include "coordinator/apply/action_flight.h"
#include "coordinator/core/core_loop.h"
#include "coordinator/fleet/registry.h"
#include "coordinator/journal/journal.h"
#include "coordinator/probe/session_walk.h"
#include "coordinator/probe/traffic_probe.h"
#include "coordinator/route/route_run.h"
#include "coordinator/server/agent_desk.h"
#include "coordinator/server/fresh_look.h"
#include "coordinator/server/response_stream.h"
#include "proto/route.pb.h"

namespace jettyfleet {

// Core thread only; owned by main. A change goes on when nobody watches it any more. One that its coordinator's death
// has ended is not taken up again: all that it can have left is on leases, and each change begins with a look.
class RouteDesk {
 public:
  using ProgressStream = ResponseStream<v1::RouteProgress>;
  // What else changes the cluster now, in words ("operation d-…"); empty: nothing.
  using UnderWay = std::function<std::string(const std::string& cluster)>;
  using ProbeFactory = std::function<std::unique_ptr<TrafficProbe>()>;

  // Who asks for a change. `cluster` is known to the registry.
  struct Caller {
    std::string cluster;
    std::string who;  // in words, for records
    std::string why;
    std::shared_ptr<ProgressStream> stream;
  };

  RouteDesk(CoreLoop& core, Registry& registry, AgentDesk& agents, FreshLook& look, Journal& journal,
            const Clock& clock, UnderWay under_way, ProbeFactory make_probe);

  // `cluster` is known. Has every host look again first.
  void Show(const std::string& cluster, v1::RouteShowResponse* response, std::function<void(grpc::Status)> done);

  // Refused (FAILED_PRECONDITION) while an operation, an apply or another of these is under way on the cluster.
  void Apply(const v1::RouteApplyRequest& request, const Caller& caller);
  void Drain(const v1::RouteDrainRequest& request, const Caller& caller);
  void Restore(const v1::RouteRestoreRequest& request, const Caller& caller);
  void Shift(const v1::RouteShiftRequest& request, const Caller& caller);

  // The id of the change under way; empty: none.
  std::string RunningOn(const std::string& cluster) const;

 private:
  struct Running {
    Caller caller;
    RouteHands hands;
    std::unique_ptr<ActionFlight> flight;
    std::unique_ptr<RouteRun> run;  // null while the first look is under way
  };
  // Ends with its thread, which posts its own removal as the last thing it does.
  struct Walking {
    ~Walking() {
      stop = true;
      if (thread.joinable()) thread.join();
    }
    std::atomic<bool> stop = false;
    std::thread thread;
  };
  using MakeRun = std::function<std::unique_ptr<RouteRun>(const RouteHands&, absl::Time began)>;

  grpc::Status WhyNot(const std::string& cluster) const;
  // Journals, looks everywhere, then runs.
  void Begin(const std::string& what, std::vector<std::string> nodes, const Caller& caller, MakeRun make);
  void Walk(WalkOrder order, std::function<void(WalkAnswer)> done);
  void Tick(const std::string& cluster);
  void End(const std::string& cluster, const absl::Status& status);
  v1::JournalRecord Record(const Caller& caller, const std::string& id) const;

  CoreLoop& core_;
  Registry& registry_;
  AgentDesk& agents_;
  FreshLook& look_;
  Journal& journal_;
  const Clock& clock_;
  const UnderWay under_way_;
  const ProbeFactory make_probe_;
  std::map<std::string, std::unique_ptr<Running>> running_;  // by cluster
  std::list<Walking> walking_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_SERVER_ROUTE_DESK_H_
