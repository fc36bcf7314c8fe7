// A Pacemaker cluster as far as the coordinator can tell: nodes that run Jetty, one CIB each, a DC on every side of a
// partition, and a scheduler that starts and stops instances with the delays that were measured on a real cluster. What
// faults do to it, and what Pacemaker does about them (monitor, restart, fencing), is in sim_cluster_faults.cc; what
// agents read of it in sim_cluster_facts.cc.
#ifndef JETTYFLEET_TESTS_SIMULATION_SIM_CLUSTER_H_
#define JETTYFLEET_TESTS_SIMULATION_SIM_CLUSTER_H_

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "proto/action.pb.h"
#include "proto/observation.pb.h"
#include "tests/simulation/event_queue.h"
#include "tests/simulation/sim_clock.h"

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
    bool member = true;         // in Corosync's membership
    bool cut = false;           // from the others, by nobody's hand
    bool cut_by_fault = false;  // by ours; then it hears nobody at all
    int side = 0;               // follows from those two: nodes on different sides do not hear each other
    bool unclean = false;       // lost, and not fenced yet
    int boots = 1;
    SimClock clock;
    Unit unit = Unit::kInactive;
    bool killed = false;            // the unit's last end was none that anybody asked for
    bool believed_started = false;  // its instance is gone, and Pacemaker's monitor has not found out
    bool failed = false;            // a failed action of its instance is on record
    bool frozen = false;
    bool port_dropped = false;
    absl::Time active_since;   // by its own clock
    absl::Duration monitored;  // how far its monitor is off the cluster's start
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
  absl::Time LocalTime(const std::string& name) const { return nodes_.at(name).clock.At(events_->WallNow()); }
  // As corosync-quorumtool on that node believes; lags behind a partition.
  bool HasQuorum(const std::string& name) const;

  // Writes to the CIB of every node on the same side.
  void PutEntry(const std::string& name, const v1::CibEntryFact& entry);
  void RemoveEntry(const std::string& name, const std::string& id);

  bool Serves(const std::string& name) const {
    const Node& node = nodes_.at(name);
    return node.powered && node.http && !node.frozen && !node.port_dropped;
  }
  bool IsIdleFor(const std::string& name) const { return IsIdle(nodes_.at(name).side); }
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

  // Faults.
  void StopUnit(const std::string& name);
  void KillUnit(const std::string& name);
  void Freeze(const std::string& name);
  void Thaw(const std::string& name);
  void DropPort(const std::string& name, bool drop);
  void CutOff(const std::string& name);
  void LetPeersIn(const std::string& name);
  void KillDaemon(const std::string& name, v1::KillDaemon::Daemon daemon);
  // Asked of the cluster by somebody; takes as long as the device does.
  void Fence(const std::string& name, std::function<void()> done);
  void CleanUp(const std::string& by, const std::string& node);
  // A fault of ours has hit it, and it has not been seen well since.
  void NoteHit(const std::string& name) { hit_.insert(name); }
  // Down by our hand: held out, under a fault, or hit and not yet well again.
  std::set<std::string> DownByOurHand();
  bool HasFailures() const;

  // How often a fencing does not come to anything, in percent.
  int fencing_fails = 0;
  // Whether the cut-off side's CIB wins when a partition of ours ends.
  bool cut_off_side_wins = false;
  // For planting a bug: crm_mon shows no failed action.
  bool hides_failures = false;

  // Called after anything that an agent would see by event: a unit's state on that node.
  std::function<void(const std::string& node)> on_unit_changed;
  std::function<void()> on_changed;
  // A node lost its power, or boots.
  std::function<void(const std::string& node, bool on)> on_power;

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
  void MoveAway(Node* node);
  // The nodes of side `from` hear those of `to` again; `from_wins`: its CIB is everybody's then.
  void Merge(int from, int to, bool from_wins);
  void EndUnit(Node* node, bool killed);
  void UnitEnded(Node* node);
  void SoonMonitor(Node* node);
  void Monitor(Node* node);
  void SoonFence(Node* node, absl::Duration delay);
  bool IsWellAgain(const Node& node) const;

  EventQueue* const events_;
  Chance* const chance_;
  const int clone_max_;
  std::map<std::string, Node> nodes_;
  const absl::Time start_;
  std::set<std::string> hit_;
  absl::Time healed_at_ = absl::InfinitePast();
  std::map<int, std::string> dc_;                  // by side; empty: an election is under way
  std::map<int, absl::Time> busy_until_;           // by side
  std::map<int, std::set<std::string>> believed_;  // membership by side, as noticed
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_TESTS_SIMULATION_SIM_CLUSTER_H_
