// One run: a cluster, its agents, a load balancer, a coordinator that dies and comes back, and a seed's share of
// trouble. Everything that happens goes into a history.
#ifndef JETTYFLEET_TESTS_SIMULATION_SIM_WORLD_H_
#define JETTYFLEET_TESTS_SIMULATION_SIM_WORLD_H_

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/simulation/event_queue.h"
#include "tests/simulation/history.h"
#include "tests/simulation/sim_agent.h"
#include "tests/simulation/sim_balancer.h"
#include "tests/simulation/sim_cluster.h"
#include "tests/simulation/sim_coordinator.h"
#include "tests/testing/journal/memory_journal.h"

namespace jettyfleet {

struct SimSetup {
  uint64_t seed = 1;
  int nodes = 3;
  int clone_max = 3;
  v1::Scenario scenario = v1::SCENARIO_EVICT;
  v1::ReturnPolicy return_policy = v1::RETURN_POLICY_REQUIRE;
  // For daemon-kill, and for dc-loss, which otherwise fences.
  v1::KillDaemon::Daemon daemon = v1::KillDaemon::DAEMON_UNSPECIFIED;
  absl::Duration lease = absl::Seconds(120);
  std::vector<std::string> targets;  // empty: all that hold an instance
  absl::Duration decision_time = absl::Milliseconds(10);
  std::string coordinator_node;
  Trouble trouble;
  bool coordinator_comes_back = true;
  // Another one than the engine's plants a bug in it.
  OperationRunner::Decider decide = Decide;
};

class SimWorld {
 public:
  explicit SimWorld(const SimSetup& setup);

  // Runs the drill until it has ended and everything of ours must be over, or until nobody is left to end it.
  void Run();

  // The scenario's time begins here; faults are timed from it.
  static absl::Time Start();
  EventQueue& events() { return events_; }
  Chance& chance() { return chance_; }
  SimCluster& cluster() { return cluster_; }
  SimBalancer& balancer() { return balancer_; }
  SimAgent& agent(const std::string& host) { return *agents_.at(host); }
  const std::map<std::string, std::unique_ptr<SimAgent>>& agents() const { return agents_; }
  MemoryJournal& journal() { return journal_; }
  History& history() { return history_; }
  const History& history() const { return history_; }
  // The one that lives, or died last.
  SimCoordinator& coordinator() { return *coordinators_.back(); }
  v1::DrillSpec& spec() { return spec_; }
  Trouble& trouble() { return setup_.trouble; }
  bool has_ended() const { return has_ended_; }
  v1::OperationState outcome() const;

  // Faults.
  void KillCoordinator(absl::Duration down);
  // At the `count`th append from now on: before or after the batch is durable.
  void KillAtAppend(int count, bool before, absl::Duration down);
  void CrashNode(const std::string& node, absl::Duration boot_after);
  // The journal's disk is full: for a while, or for ever.
  void FillDisk(MemoryJournal::Room room, absl::Duration how_long);

 private:
  void StartCoordinator();
  void Bury(absl::Duration down);
  void OnChanged();
  void CheckLeftOver(const std::string& when, bool lock_too);
  void CheckNodesLeft(const std::string& when, bool records_too);
  bool HasEndedUnwritten();
  void OnDurable(const std::vector<v1::JournalRecord>& records);

  SimSetup setup_;
  EventQueue events_;
  Chance chance_;
  History history_;
  SimCluster cluster_;
  SimBalancer balancer_;
  MemoryJournal journal_;
  std::map<std::string, std::unique_ptr<SimAgent>> agents_;
  // The dead ones stay: events of theirs may still be queued.
  std::vector<std::unique_ptr<SimCoordinator>> coordinators_;
  v1::ClusterDescription description_;
  v1::DrillSpec spec_;
  uint64_t epoch_ = 0;
  bool burying_ = false;
  bool has_ended_ = false;
  bool never_began_ = false;
  absl::Time ended_at_ = absl::InfiniteFuture();
  std::set<std::string> down_;
  std::set<std::string> whole_;
  struct Death {
    int count;
    bool before;
    absl::Duration down;
  };
  std::optional<Death> death_;
};

// Ids made of it that are short enough cost no allocation.
inline constexpr char kSimOperation[] = "d1";

}  // namespace jettyfleet

#endif  // JETTYFLEET_TESTS_SIMULATION_SIM_WORLD_H_
