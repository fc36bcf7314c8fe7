// A Pacemaker cluster as far as the coordinator can tell: nodes that run Jetty, one CIB each, a DC on every side of a
// partition, and a scheduler that starts and stops instances with the delays that were measured on a real cluster.
#ifndef JETTYFLEET_TESTS_SIMULATION_SIM_CLUSTER_H_
#define JETTYFLEET_TESTS_SIMULATION_SIM_CLUSTER_H_

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "proto/observation.pb.h"
#include "tests/simulation/event_queue.h"

namespace jettyfleet {

inline constexpr char kSimResource[] = "web";
inline constexpr char kSimUnit[] = "jetty9";
inline constexpr char kSimClone[] = "web-clone";
inline constexpr uint32_t kSimPort = 8080;

class SimCluster {
 public:
  enum class Unit { kInactive, kStarting, kActive, kStopping };

  struct Node {
    std::string name;
    bool powered = true;
    bool member = true;  // in Corosync's membership
    int side = 0;        // nodes on different sides do not hear each other
    absl::Duration clock_offset;
    Unit unit = Unit::kInactive;
    bool port = false;
    bool http = false;
    uint64_t generation = 0;  // of the unit's last change, so that older timers do nothing
    std::map<std::string, v1::CibEntryFact> cib;
  };

  SimCluster(EventQueue* events, Chance* chance, int nodes, int clone_max);

  const std::map<std::string, Node>& nodes() const { return nodes_; }
  Node& node(const std::string& name) { return nodes_.at(name); }

  // What an agent on `name` reads.
  v1::ClusterFact ReadCluster(const std::string& name) const;
  v1::CibFact ReadCib(const std::string& name) const;
  v1::UnitFact ReadUnit(const std::string& name) const;
  v1::PortFact ReadPort(const std::string& name) const;
  v1::HttpFact ReadHttp(const std::string& name) const;
  absl::Time LocalTime(const std::string& name) const { return events_->WallNow() + nodes_.at(name).clock_offset; }
  // As corosync-quorumtool on that node believes; lags behind a partition.
  bool HasQuorum(const std::string& name) const;

  // Writes to the CIB of every node on the same side.
  void PutEntry(const std::string& name, const v1::CibEntryFact& entry);
  void RemoveEntry(const std::string& name, const std::string& id);

  bool Serves(const std::string& name) const { return nodes_.at(name).powered && nodes_.at(name).http; }
  // Held out of service by an entry that is in force in the CIB that has quorum.
  std::set<std::string> Held() const;
  // The side that has quorum by its number of nodes; -1 when none has.
  int QuorateSide() const;
  // Entries of ours in that side's CIB that are in force, the lock included.
  std::vector<v1::CibEntryFact> InForce() const;

  bool IsSplit() const;
  // When the sides of a partition last heard each other again.
  absl::Time healed_at() const { return healed_at_; }

  void Crash(const std::string& name, absl::Duration boot_after);
  void Partition(const std::set<std::string>& away);
  void Heal(bool away_side_wins);
  void MoveDc();
  void BreakHttp(const std::string& name, absl::Duration how_long);

  // Called after anything that an agent would see by event: a unit's state on that node.
  std::function<void(const std::string& node)> on_unit_changed;
  std::function<void()> on_changed;

 private:
  std::vector<std::string> Members(int side) const;
  const Node* AnyOn(int side) const;
  bool IsHeld(const Node& node, const Node& cib_of) const;
  bool IsIdle(int side) const;
  void Elect(int side);
  void SoonEvaluate(absl::Duration delay);
  void Evaluate();
  void EvaluateSide(int side);
  void Start(Node* node);
  void Stop(Node* node);
  void Die(Node* node);
  void TopologyChanged();
  void Changed(const std::string& node);

  EventQueue* const events_;
  Chance* const chance_;
  const int clone_max_;
  std::map<std::string, Node> nodes_;
  absl::Time healed_at_ = absl::InfinitePast();
  std::map<int, std::string> dc_;                  // by side; empty: an election is under way
  std::map<int, absl::Time> busy_until_;           // by side
  std::map<int, std::set<std::string>> believed_;  // membership by side, as noticed
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_TESTS_SIMULATION_SIM_CLUSTER_H_
