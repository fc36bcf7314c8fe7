// The cluster as this node sees it: crm_mon, crmadmin, corosync-quorumtool and the CIB.
#ifndef JETTYFLEET_AGENT_OBSERVE_CLUSTER_OBSERVER_H_
#define JETTYFLEET_AGENT_OBSERVE_CLUSTER_OBSERVER_H_

#include <functional>
#include <memory>
#include <vector>

#include "agent/loop.h"
#include "agent/process.h"
#include "proto/observation.pb.h"

namespace jettyfleet {

// Owned by HostObserver; loop thread only. It runs tools and reads them; what it could not find out is unknown, with
// the reason in `error`. Costs: 40 ms of processor time a reading (measured), so it reads seldom unless it is asked.
class ClusterObserver {
 public:
  ClusterObserver(Loop& loop, ProcessRunner& processes, std::function<void(v1::HostChange)> on_change);

  // Reads the cluster (not the CIB) every `interval`, and passes it on even if it is the same: what was seen a minute
  // ago is still so. Zero or less: every 60 s; until the first call only when asked.
  void SetInterval(absl::Duration interval);

  // Reads now; `done` after the facts have been passed on. A request that comes while a reading is under way waits for
  // the next one, which begins after it was asked for.
  void ReadCluster(std::function<void()> done);
  void ReadCib(std::function<void()> done);

  const v1::ClusterFact& cluster() const { return cluster_; }
  const v1::CibFact& cib() const { return cib_; }

 private:
  // Readings of one kind, one at a time.
  struct Turn {
    bool under_way = false;
    std::vector<std::function<void()>> waiting;
    std::vector<std::function<void()>> served;
  };

  void Request(Turn* turn, std::function<void()> done, void (ClusterObserver::*begin)());
  void Finish(Turn* turn, void (ClusterObserver::*begin)());
  void BeginCluster();
  void TakeCrmMon(CommandResult result);
  void AskQuorum();
  void AskController();
  void EndCluster();
  void BeginCib();
  void ScheduleNext();

  Loop& loop_;
  ProcessRunner& processes_;
  const std::function<void(v1::HostChange)> on_change_;
  absl::Duration interval_ = absl::ZeroDuration();
  std::unique_ptr<Timer> next_;
  Turn cluster_turn_;
  Turn cib_turn_;
  v1::ClusterFact reading_;
  v1::ClusterFact cluster_;
  v1::CibFact cib_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_OBSERVE_CLUSTER_OBSERVER_H_
