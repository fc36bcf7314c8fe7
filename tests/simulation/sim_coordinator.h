// The coordinator's process with the real registry, runner and engine in it: it can die at any durable boundary, and
// then nothing that it still does has an effect.
#ifndef JETTYFLEET_TESTS_SIMULATION_SIM_COORDINATOR_H_
#define JETTYFLEET_TESTS_SIMULATION_SIM_COORDINATOR_H_

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "coordinator/fleet/registry.h"
#include "coordinator/runner/dispatcher.h"
#include "coordinator/runner/operation_runner.h"
#include "tests/simulation/event_queue.h"
#include "tests/simulation/history.h"
#include "tests/simulation/sim_agent.h"
#include "tests/testing/journal/memory_journal.h"

namespace jettyfleet {

inline constexpr char kSimCluster[] = "sim";
inline constexpr char kSimCoordinator[] = "coordinator-uuid";

class SimCoordinator final : public Dispatcher, public AgentsPeer {
 public:
  SimCoordinator(EventQueue* events, History* history, MemoryJournal* journal,
                 std::map<std::string, std::unique_ptr<SimAgent>>* agents, SimBalancer* balancer,
                 const v1::ClusterDescription& description, uint64_t epoch, const std::string& own_node,
                 OperationRunner::Decider decide);

  // Starts a drill, or takes up what the journal has unfinished.
  absl::Status Begin(const std::string& operation_id, const v1::DrillSpec& spec);
  absl::Status Resume();
  void Abort(const std::string& who_why);

  // From here on nothing that it does has an effect.
  void Die() { dead_ = true; }
  bool dead() const { return dead_; }
  const OperationRunner* runner() const { return runner_.get(); }
  ClusterView& view() { return *registry_.Find(kSimCluster); }

  // How an operation rebuilt from the journal differs from the live one; empty when equal.
  std::string DifferenceFromJournal() const;

  void Send(const SendAction& action) override;
  void Observe(const ObserveHost& observe) override;
  void Traffic(const TrafficCommand& command) override;
  void WakeAt(const std::string& operation_id, absl::Time time) override;

  void OnConnected(const std::string& host, uint64_t restart_sequence) override;
  void OnDisconnected(const std::string& host) override;
  void OnMessage(const std::string& host, const v1::AgentMessage& message) override;

  // Dies after so many more actions have left.
  std::optional<int> dies_after_sends;
  // While it decides, what comes in waits: the next decision takes all of it.
  absl::Duration decision_time = absl::ZeroDuration();
  // For planting a bug: sends every action twice as another one, without a record.
  bool sends_unrecorded = false;

 private:
  struct Observing {
    std::string host;
    v1::Observe observe;
    absl::Time sent_at;
  };

  HostKey KeyOf(const std::string& host) const;
  void Dirty();
  void Step();
  void Probe();

  EventQueue* const events_;
  History* const history_;
  MemoryJournal* const journal_;
  std::map<std::string, std::unique_ptr<SimAgent>>* const agents_;
  SimBalancer* const balancer_;
  const OperationRunner::Decider decide_;
  Registry registry_;
  std::unique_ptr<OperationRunner> runner_;
  bool dead_ = false;
  bool dirty_ = false;
  absl::Time stepped_at_ = absl::InfinitePast();
  uint64_t wake_ = 0;
  uint64_t next_observe_ = 1;
  std::map<uint64_t, Observing> observing_;
  std::map<std::string, std::string> acting_;  // action id to host
  std::string window_;
};

// Compares all that an operation holds, as text.
std::string DescribeOperation(const Operation& operation);

}  // namespace jettyfleet

#endif  // JETTYFLEET_TESTS_SIMULATION_SIM_COORDINATOR_H_
