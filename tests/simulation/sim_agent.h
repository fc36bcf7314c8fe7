// An agent and the stream between it and the coordinator: actions one at a time, with the agent's own checks (epoch,
// ids done, not after, quorum right before the act), observations, and everything that a network and a process can do
// to them. It may die between any two steps of an act.
#ifndef JETTYFLEET_TESTS_SIMULATION_SIM_AGENT_H_
#define JETTYFLEET_TESTS_SIMULATION_SIM_AGENT_H_

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>

#include "absl/time/time.h"
#include "proto/session.pb.h"
#include "tests/simulation/event_queue.h"
#include "tests/simulation/history.h"
#include "tests/simulation/sim_balancer.h"
#include "tests/simulation/sim_cluster.h"
#include "tests/simulation/sim_faults.h"
#include "tests/simulation/sim_trouble.h"

namespace jettyfleet {

// The coordinator's end of the streams.
class AgentsPeer {
 public:
  virtual ~AgentsPeer() = default;
  virtual void OnConnected(const std::string& host, uint64_t restart_sequence) = 0;
  virtual void OnDisconnected(const std::string& host) = 0;
  virtual void OnMessage(const std::string& host, const v1::AgentMessage& message) = 0;
};

class SimAgent {
 public:
  SimAgent(EventQueue* events, Chance* chance, History* history, SimCluster* cluster, SimBalancer* balancer,
           std::string host, const Trouble* trouble);

  const std::string& host() const { return host_; }
  bool is_balancer() const { return host_ == kSimBalancer; }
  bool connected() const { return connected_; }

  // nullptr: the coordinator is gone. A living one is dialled again soon.
  void SetPeer(AgentsPeer* peer);
  // From the coordinator; lost when not connected.
  void Receive(const v1::CoordinatorMessage& message);

  // The process dies and is started again; the stream with it.
  void Restart(absl::Duration down);
  // The host lost its power; comes back when it is told so.
  void PowerOff();
  void PowerOn();
  void BreakStream(absl::Duration down);
  void OnUnitChanged();
  SimFaults& faults() { return faults_; }

  // For planting bugs: checks that an agent must not leave out.
  bool ignores_epoch = false;
  bool ignores_not_after = false;

 private:
  struct Job {
    v1::Action action;
    absl::Time began;  // by the host's clock
    absl::Time until;
  };

  void Dial(absl::Duration delay);
  void Disconnect();
  void SendUp(v1::AgentMessage message);
  // Both arrive together, as what is written at once does.
  void SendUp(v1::AgentMessage message, v1::AgentMessage follows);
  absl::Duration Delay();
  absl::Time LocalTime() const;
  v1::HostReport Snapshot() const;
  void Observe(const v1::Observe& observe);
  void Act(const v1::Action& action);
  void StartNext();
  void Carry(const Job& job);
  void CarryFault(const Job& job);
  // Calls `next` after a while, if this process still lives then.
  void Step(absl::Duration delay, std::function<void()> next);
  bool Dies();
  void SoonSweep(absl::Duration delay);
  bool HoldsLock(const std::string& operation_id) const;
  bool Refuse(const v1::Action& action, v1::ActionResult* result);
  // Does it, at the end of its time.
  v1::ActionResult Effect(const v1::Action& action, absl::Time began);
  v1::ActionResult Look(const v1::Action& action) const;
  v1::ActionResult HoldOut(const v1::Action& action, absl::Time began);
  v1::ActionResult TakeLock(const v1::Action& action, absl::Time began);
  void Answer(const v1::Action& action, v1::ActionResult result, absl::Time began);

  EventQueue* const events_;
  Chance* const chance_;
  History* const history_;
  SimCluster* const cluster_;
  SimBalancer* const balancer_;
  const std::string host_;
  const Trouble* const trouble_;
  SimFaults faults_;

  AgentsPeer* peer_ = nullptr;
  bool powered_ = true;
  bool connected_ = false;
  uint64_t stream_ = 0;   // counts streams; what is in flight on an older one is lost
  uint64_t process_ = 1;  // counts starts
  absl::Time last_down_;  // messages keep their order
  absl::Time last_up_;

  // On disk: survive a restart.
  std::map<std::string, v1::ActionResult> done_;
  uint64_t highest_epoch_ = 0;
  // In memory.
  std::set<std::string> running_;
  std::deque<Job> waiting_;
  bool busy_ = false;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_TESTS_SIMULATION_SIM_AGENT_H_
