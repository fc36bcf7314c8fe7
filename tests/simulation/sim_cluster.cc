#include "tests/simulation/sim_cluster.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/proto_time.h"
#include "tests/simulation/sim_timing.h"

namespace jettyfleet {
namespace {

constexpr absl::Duration kElection = absl::Milliseconds(300);
constexpr absl::Duration kStartTime = absl::Milliseconds(210);
constexpr absl::Duration kIdleAfter = absl::Seconds(2);  // from the last transition to S_IDLE
constexpr absl::Duration kBindTime = absl::Milliseconds(2300);
constexpr absl::Duration kJoin = absl::Seconds(3);

}  // namespace

SimCluster::SimCluster(EventQueue* events, Chance* chance, int nodes, int clone_max)
    : events_(events), chance_(chance), clone_max_(clone_max), start_(events->WallNow()) {
  for (int i = 1; i <= nodes; ++i) {
    Node node;
    node.name = absl::StrCat("node-0", i);
    node.clock.since = node.active_since = start_;
    node.monitored = kSimMonitorInterval / nodes * i;
    if (i <= clone_max) {
      node.unit = Unit::kActive;
      node.port = node.http = true;
    }
    believed_[0].insert(node.name);
    nodes_[node.name] = node;
  }
  dc_[0] = "node-02";
}

std::vector<std::string> SimCluster::Members(int side) const {
  std::vector<std::string> members;
  for (const auto& [name, node] : nodes_) {
    if (node.powered && node.member && node.side == side) members.push_back(name);
  }
  return members;
}

bool SimCluster::HasQuorum(const std::string& name) const {
  const auto believed = believed_.find(nodes_.at(name).side);
  return believed != believed_.end() && believed->second.count(name) > 0 && believed->second.size() > nodes_.size() / 2;
}

int SimCluster::QuorateSide() const {
  for (const int side : kSimSides) {
    if (Members(side).size() > nodes_.size() / 2) return side;
  }
  return -1;
}

bool SimCluster::IsSplit() const {
  return std::count_if(kSimSides.begin(), kSimSides.end(), [this](int side) { return !Members(side).empty(); }) > 1;
}

bool SimCluster::IsHeld(const Node& node, const Node& cib_of) const {
  const absl::Time local = cib_of.clock.At(events_->WallNow());
  for (const auto& [id, entry] : cib_of.cib) {
    if (entry.kind() != v1::CibEntryFact::KIND_LOCK && entry.node() == node.name &&
        FromProto(entry.ends_at()) > local) {
      return true;
    }
  }
  return false;
}

std::set<std::string> SimCluster::Held() const {
  std::set<std::string> held;
  const int side = QuorateSide();
  if (side < 0) return held;
  const Node& cib_of = nodes_.at(Members(side).front());
  for (const auto& [name, node] : nodes_) {
    if (IsHeld(node, cib_of)) held.insert(name);
  }
  return held;
}

std::vector<v1::CibEntryFact> SimCluster::InForce() const {
  std::vector<v1::CibEntryFact> in_force;
  const int side = QuorateSide();
  if (side < 0) return in_force;
  const Node& cib_of = nodes_.at(Members(side).front());
  for (const auto& [id, entry] : cib_of.cib) {
    if (FromProto(entry.ends_at()) > cib_of.clock.At(events_->WallNow())) in_force.push_back(entry);
  }
  return in_force;
}

bool SimCluster::IsIdle(int side) const {
  for (const std::string& name : Members(side)) {
    const Node& node = nodes_.at(name);
    if (node.believed_started) continue;
    if (node.unit == Unit::kStarting || node.unit == Unit::kStopping) return false;
  }
  const auto busy = busy_until_.find(side);
  return busy == busy_until_.end() || events_->WallNow() >= busy->second;
}

void SimCluster::PutEntry(const std::string& name, const v1::CibEntryFact& entry) {
  const int side = nodes_.at(name).side;
  for (const std::string& member : Members(side)) nodes_.at(member).cib[entry.id()] = entry;
  SoonEvaluate(absl::Milliseconds(20));
  // Pacemaker looks again by itself up to 2 s after a rule's end.
  const absl::Duration left = FromProto(entry.ends_at()) - events_->WallNow();
  SoonEvaluate(left + chance_->Between(absl::Milliseconds(1100), absl::Seconds(3)));
  if (on_changed) on_changed();
}

void SimCluster::RemoveEntry(const std::string& name, const std::string& id) {
  for (const std::string& member : Members(nodes_.at(name).side)) nodes_.at(member).cib.erase(id);
  SoonEvaluate(absl::Milliseconds(20));
  if (on_changed) on_changed();
}

void SimCluster::SoonEvaluate(absl::Duration delay) {
  events_->After(delay, [this] { Evaluate(); });
}

void SimCluster::Evaluate() {
  for (const int side : kSimSides) EvaluateSide(side);
  if (on_changed) on_changed();
}

void SimCluster::EvaluateSide(int side) {
  std::vector<std::string> members;
  for (const std::string& name : Members(side)) {
    if (HasQuorum(name)) {
      members.push_back(name);
    } else {
      Stop(&nodes_.at(name));  // no-quorum-policy=stop; who was just let in again is no member yet either
    }
  }
  if (members.empty() || dc_[side].empty()) return;  // the next DC evaluates
  const Node& cib_of = nodes_.at(dc_[side]);
  std::vector<Node*> holders;
  std::vector<Node*> free;
  for (const std::string& name : members) {
    Node* node = &nodes_.at(name);
    if (IsHeld(*node, cib_of)) {
      Stop(node);
    } else if (node->believed_started || node->unit == Unit::kActive || node->unit == Unit::kStarting) {
      holders.push_back(node);
    } else if (node->unit == Unit::kInactive) {
      free.push_back(node);
    }
  }
  // What a lost node still runs is not started elsewhere before the node was fenced.
  const int lost = std::count_if(nodes_.begin(), nodes_.end(), [](const auto& entry) {
    return entry.second.unclean && entry.second.unit == Unit::kActive;
  });
  int wanted = clone_max_ - static_cast<int>(holders.size()) - lost;
  for (Node* node : free) {
    if (wanted <= 0) break;
    Start(node);
    --wanted;
  }
  for (; wanted + lost < 0; ++wanted) {
    Stop(holders.back());
    holders.pop_back();
  }
}

void SimCluster::Start(Node* node) {
  node->unit = Unit::kStarting;
  node->killed = false;
  const uint64_t generation = ++node->generation;
  busy_until_[node->side] = events_->WallNow() + kStartTime + kIdleAfter;
  const auto current = [node, generation] { return node->powered && node->generation == generation; };
  events_->After(kStartTime, [this, node, current] {
    if (!current()) return;
    node->unit = Unit::kActive;
    node->active_since = LocalTime(node->name);
    busy_until_[node->side] = events_->WallNow() + kIdleAfter;
    Changed(node->name);
  });
  const absl::Duration bound = kStartTime + kBindTime + chance_->Between(absl::ZeroDuration(), absl::Milliseconds(300));
  events_->After(bound, [this, node, current] {
    if (!current()) return;
    node->port = true;
    Changed(node->name);
  });
  events_->After(bound + absl::Milliseconds(200), [this, node, current] {
    if (!current()) return;
    node->http = true;
    Changed(node->name);
  });
  Changed(node->name);
}

void SimCluster::Stop(Node* node) {
  if (node->believed_started) {
    node->believed_started = false;
    busy_until_[node->side] = events_->WallNow() + kIdleAfter;
    return;
  }
  if (node->unit == Unit::kInactive || node->unit == Unit::kStopping) return;
  EndUnit(node, /*killed=*/false);
}

void SimCluster::EndUnit(Node* node, bool killed) {
  node->unit = Unit::kStopping;
  node->http = false;
  node->port = false;
  node->killed = killed;
  const uint64_t generation = ++node->generation;
  // What is frozen takes no SIGTERM: systemd's SIGKILL ends it.
  const absl::Duration takes = node->frozen ? kSimStopTimeout : killed ? absl::ZeroDuration() : kSimStopTime;
  if (!node->believed_started) busy_until_[node->side] = events_->WallNow() + takes + kIdleAfter;
  events_->After(takes, [this, node, generation] {
    if (node->powered && node->generation == generation && node->unit == Unit::kStopping) UnitEnded(node);
  });
  Changed(node->name);
}

void SimCluster::UnitEnded(Node* node) {
  node->unit = Unit::kInactive;
  node->frozen = false;
  if (!node->believed_started) busy_until_[node->side] = events_->WallNow() + kIdleAfter;
  Changed(node->name);
  SoonEvaluate(absl::Milliseconds(20));
}

void SimCluster::Changed(const std::string& node) {
  if (on_unit_changed) on_unit_changed(node);
  if (on_changed) on_changed();
}

void SimCluster::Elect(int side) {
  dc_[side].clear();
  events_->After(kElection, [this, side] {
    const std::vector<std::string> members = Members(side);
    if (members.empty() || !dc_[side].empty()) return;
    dc_[side] = members[chance_->Below(members.size())];
    busy_until_[side] = events_->WallNow() + kIdleAfter;
    // Who joins takes over the DC's CIB.
    for (const std::string& name : members) nodes_.at(name).cib = nodes_.at(dc_[side]).cib;
    SoonEvaluate(absl::Milliseconds(100));
  });
}

void SimCluster::TopologyChanged() {
  events_->After(kSimDetect, [this] {
    for (const int side : kSimSides) {
      const std::vector<std::string> members = Members(side);
      believed_[side] = std::set<std::string>(members.begin(), members.end());
      if (!members.empty() && believed_[side].count(dc_[side]) == 0) Elect(side);
      if (members.empty()) dc_[side].clear();
    }
    Evaluate();
  });
}

void SimCluster::Die(Node* node) {
  node->powered = false;
  node->member = false;
  node->unit = Unit::kInactive;
  node->port = node->http = false;
  // None of these outlives the kernel.
  node->killed = node->frozen = node->port_dropped = node->cut_by_fault = false;
  node->believed_started = node->unclean = node->failed = false;
  node->side = node->cut ? kSimCutSide : kSimMainSide;
  ++node->generation;
}

void SimCluster::Crash(const std::string& name, absl::Duration boot_after) {
  Node* node = &nodes_.at(name);
  if (!node->powered) return;
  Die(node);
  if (on_power) on_power(name, false);
  TopologyChanged();
  if (on_changed) on_changed();
  events_->After(boot_after, [this, node] {
    node->powered = true;
    ++node->boots;
    if (on_power) on_power(node->name, true);
  });
  events_->After(boot_after + kJoin, [this, node] {
    if (!node->powered || node->member) return;
    node->member = true;
    // It takes the CIB of those that are there.
    for (const std::string& other : Members(node->side)) {
      if (other == node->name) continue;
      node->cib = nodes_.at(other).cib;
      break;
    }
    TopologyChanged();
  });
}

void SimCluster::MoveAway(Node* node) {
  const int from = node->side;
  const int to = node->cut_by_fault ? kSimFaultSide : node->cut ? kSimCutSide : kSimMainSide;
  if (from == to) return;
  // Each side believes in the old membership and DC until it notices.
  believed_[to] = believed_[from];
  dc_[to] = dc_[from];
  node->side = to;
}

void SimCluster::Partition(const std::set<std::string>& away) {
  for (const std::string& name : away) {
    nodes_.at(name).cut = true;
    MoveAway(&nodes_.at(name));
  }
  TopologyChanged();
}

void SimCluster::Merge(int from, int to, bool from_wins) {
  healed_at_ = events_->WallNow();
  std::vector<std::string> winners = Members(from_wins ? from : to);
  if (winners.empty()) winners = Members(from_wins ? to : from);
  for (auto& [name, node] : nodes_) {
    if (node.side == from) node.side = to;
    if (node.side == to && !winners.empty()) node.cib = nodes_.at(winners.front()).cib;
  }
  dc_[from].clear();
  believed_[from].clear();
  TopologyChanged();
  if (on_changed) on_changed();
}

void SimCluster::Heal(bool away_side_wins) {
  for (auto& [name, node] : nodes_) node.cut = false;
  Merge(kSimCutSide, kSimMainSide, away_side_wins);
}

void SimCluster::MoveDc() { Elect(kSimMainSide); }

void SimCluster::BreakHttp(const std::string& name, absl::Duration how_long) {
  Node* node = &nodes_.at(name);
  if (!node->http) return;
  node->http = false;
  const uint64_t generation = node->generation;
  if (on_changed) on_changed();
  events_->After(how_long, [this, node, generation] {
    if (node->generation != generation || !node->powered) return;
    node->http = true;
    if (on_changed) on_changed();
  });
}

}  // namespace jettyfleet
