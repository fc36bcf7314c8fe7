// Everything that this agent observes, behind one door.
#ifndef JETTYFLEET_AGENT_OBSERVE_HOST_OBSERVER_H_
#define JETTYFLEET_AGENT_OBSERVE_HOST_OBSERVER_H_

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "agent/loop.h"
#include "agent/observe/cluster_observer.h"
#include "agent/observe/http_probe.h"
#include "agent/observe/lb_observer.h"
#include "agent/observe/port_observer.h"
#include "agent/observe/unit_observer.h"
#include "agent/process.h"
#include "proto/session.pb.h"

namespace jettyfleet {

// Owned by Agent; loop thread only. It passes on facts, and judges nothing.
class HostObserver {
 public:
  struct Options {
    v1::Hello::Kind kind = v1::Hello::KIND_NODE;
    std::string haproxy_socket;  // load balancers only
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
  struct Health {
    HttpProbe::Request request;
    std::string unit;
    v1::HttpFact fact;
    bool under_way = false;
    std::vector<std::function<void()>> waiting;
  };

  void OnUnits(v1::HostChange change);
  void OnPorts(v1::HostChange change);
  void ProbeHealth(const std::string& resource, std::function<void()> done);
  void TakeHealth(const std::string& resource, v1::HttpFact fact, bool pass_on_always);
  // A bound port whose application does not answer yet is asked again soon.
  bool WorthAskingAgain(const Health& health) const;
  void AskAgain();

  Loop& loop_;
  const Options options_;
  const std::function<void(v1::HostChange)> on_change_;
  UnitObserver units_;
  PortObserver ports_;
  HttpProbe http_;
  ClusterObserver cluster_;
  std::unique_ptr<LbObserver> balancer_;
  std::map<std::string, Health> health_;  // by resource
  std::unique_ptr<Timer> ask_again_;
  int asked_again_ = 0;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_OBSERVE_HOST_OBSERVER_H_
