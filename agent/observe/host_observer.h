// Everything that this agent observes, behind one door.
#ifndef JETTYFLEET_AGENT_OBSERVE_HOST_OBSERVER_H_
#define JETTYFLEET_AGENT_OBSERVE_HOST_OBSERVER_H_

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "agent/loop.h"
#include "agent/observe/cluster_observer.h"
#include "agent/observe/health_observer.h"
#include "agent/observe/lb_observer.h"
#include "agent/observe/port_observer.h"
#include "agent/observe/unit_observer.h"
#include "agent/process.h"
#include "proto/session.pb.h"

namespace jettyfleet {

// Owned by Agent; loop thread only. It passes on facts, and judges nothing. Whatever leaves it is fit for the wire.
class HostObserver {
 public:
  struct Options {
    v1::Hello::Kind kind = v1::Hello::KIND_NODE;
    std::string haproxy_socket;  // load balancers only
    UnitBus::Open open_bus = sd_bus_open_system;
  };

  HostObserver(Loop& loop, ProcessRunner& processes, Options options, std::function<void(v1::HostChange)> on_change);

  void Start();
  // What to watch; replaces what was watched.
  void SetWatch(const v1::Watch& watch);
  // Reads again; `done` is called once, after everything asked for has been passed to on_change, changed or not.
  void Observe(const v1::Observe& what, std::function<void()> done);
  // Everything known now, but for leases.
  v1::HostReport Snapshot() const;

 private:
  void PassOn(v1::HostChange change);
  HealthObserver::Surroundings SurroundingsOf(const std::string& resource) const;

  const Options options_;
  const std::function<void(v1::HostChange)> on_change_;
  std::map<std::string, v1::WatchedResource> resources_;  // by name
  UnitObserver units_;
  PortObserver ports_;
  HealthObserver health_;
  ClusterObserver cluster_;
  std::unique_ptr<LbObserver> balancer_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_OBSERVE_HOST_OBSERVER_H_
