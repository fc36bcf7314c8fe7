#include "tests/simulation/sim_cluster.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

constexpr absl::Duration kDetect = absl::Seconds(2);  // Corosync notices a lost node
constexpr absl::Duration kElection = absl::Milliseconds(300);
constexpr absl::Duration kStopTime = absl::Milliseconds(250);
constexpr absl::Duration kStartTime = absl::Milliseconds(210);
constexpr absl::Duration kIdleAfter = absl::Seconds(2);  // from the last transition to S_IDLE
constexpr absl::Duration kBindTime = absl::Milliseconds(2300);
constexpr absl::Duration kJoin = absl::Seconds(3);

const char* RoleOf(SimCluster::Unit unit) {
  switch (unit) {
    case SimCluster::Unit::kInactive:
      return "Stopped";
    case SimCluster::Unit::kStarting:
      return "Starting";
    case SimCluster::Unit::kActive:
      return "Started";
    case SimCluster::Unit::kStopping:
      return "Stopping";
  }
  return "";
}

}  // namespace

SimCluster::SimCluster(EventQueue* events, Chance* chance, int nodes, int clone_max)
    : events_(events), chance_(chance), clone_max_(clone_max) {
  for (int i = 1; i <= nodes; ++i) {
    Node node;
    node.name = absl::StrCat("node-0", i);
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
  for (const int side : {0, 1}) {
    if (Members(side).size() > nodes_.size() / 2) return side;
  }
  return -1;
}

bool SimCluster::IsSplit() const { return !Members(0).empty() && !Members(1).empty(); }

bool SimCluster::IsHeld(const Node& node, const Node& cib_of) const {
  const absl::Time local = events_->WallNow() + cib_of.clock_offset;
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
    if (FromProto(entry.ends_at()) > events_->WallNow() + cib_of.clock_offset) in_force.push_back(entry);
  }
  return in_force;
}

bool SimCluster::IsIdle(int side) const {
  for (const std::string& name : Members(side)) {
    const Unit unit = nodes_.at(name).unit;
    if (unit == Unit::kStarting || unit == Unit::kStopping) return false;
  }
  const auto busy = busy_until_.find(side);
  return busy == busy_until_.end() || events_->WallNow() >= busy->second;
}

v1::ClusterFact SimCluster::ReadCluster(const std::string& name) const {
  const Node& own = nodes_.at(name);
  v1::ClusterFact fact;
  *fact.mutable_observed_at() = ToProto(LocalTime(name));
  if (!own.member) {
    fact.set_connected(v1::ANSWER_NO);
    return fact;
  }
  fact.set_connected(v1::ANSWER_YES);
  const bool quorate = HasQuorum(name);
  const auto dc = dc_.find(own.side);
  const bool dc_present = dc != dc_.end() && !dc->second.empty();
  fact.set_dc_present(dc_present ? v1::ANSWER_YES : v1::ANSWER_NO);
  if (dc_present) {
    fact.set_dc(dc->second);
    fact.set_dc_with_quorum(quorate ? v1::ANSWER_YES : v1::ANSWER_NO);
    fact.set_idle(IsIdle(own.side) ? v1::ANSWER_YES : v1::ANSWER_NO);
    fact.set_dc_state(IsIdle(own.side) ? "S_IDLE" : "S_TRANSITION_ENGINE");
  }
  const auto believed = believed_.find(own.side);
  fact.mutable_quorum()->set_quorate(quorate ? v1::ANSWER_YES : v1::ANSWER_NO);
  fact.mutable_quorum()->set_expected_votes(nodes_.size());
  fact.mutable_quorum()->set_total_votes(believed == believed_.end() ? 0 : believed->second.size());
  fact.mutable_quorum()->set_quorum(nodes_.size() / 2 + 1);
  fact.set_stonith_enabled(true);
  int shown = 0;
  for (const auto& [other, node] : nodes_) {
    const bool online = believed != believed_.end() && believed->second.count(other) > 0;
    v1::ClusterNodeFact* seen = fact.add_nodes();
    seen->set_name(other);
    seen->set_online(online);
    seen->set_expected_up(true);
    seen->set_is_dc(dc_present && dc->second == other);
    for (const auto& [id, entry] : own.cib) {
      if (entry.kind() == v1::CibEntryFact::KIND_STANDBY_SET && entry.node() == other && IsHeld(node, own)) {
        seen->set_standby(true);
      }
    }
    if (!online || node.side != own.side || node.unit == Unit::kInactive) continue;
    v1::InstanceFact* instance = fact.add_instances();
    ++shown;
    instance->set_resource(kSimResource);
    instance->set_clone(kSimClone);
    instance->set_agent(absl::StrCat("systemd:", kSimUnit));
    instance->set_role(RoleOf(node.unit));
    instance->set_active(true);
    instance->set_managed(true);
    instance->add_nodes(other);
  }
  for (; shown < clone_max_; ++shown) {
    v1::InstanceFact* instance = fact.add_instances();
    instance->set_resource(kSimResource);
    instance->set_clone(kSimClone);
    instance->set_agent(absl::StrCat("systemd:", kSimUnit));
    instance->set_role("Stopped");
    instance->set_managed(true);
  }
  return fact;
}

v1::CibFact SimCluster::ReadCib(const std::string& name) const {
  v1::CibFact fact;
  *fact.mutable_observed_at() = ToProto(LocalTime(name));
  // Nothing but entries of ours ever changes.
  fact.set_configuration_digest("5d1c");
  for (const auto& [id, entry] : nodes_.at(name).cib) *fact.add_ours() = entry;
  return fact;
}

v1::UnitFact SimCluster::ReadUnit(const std::string& name) const {
  v1::UnitFact fact;
  *fact.mutable_observed_at() = ToProto(LocalTime(name));
  fact.set_unit(absl::StrCat(kSimUnit, ".service"));
  switch (nodes_.at(name).unit) {
    case Unit::kInactive:
      fact.set_active_state("inactive");
      break;
    case Unit::kStarting:
      fact.set_active_state("activating");
      break;
    case Unit::kActive:
      fact.set_active_state("active");
      break;
    case Unit::kStopping:
      fact.set_active_state("deactivating");
      break;
  }
  return fact;
}

v1::PortFact SimCluster::ReadPort(const std::string& name) const {
  v1::PortFact fact;
  fact.set_resource(kSimResource);
  fact.set_port(kSimPort);
  fact.set_bound(nodes_.at(name).port ? v1::ANSWER_YES : v1::ANSWER_NO);
  fact.set_bound_by_unit(fact.bound());
  return fact;
}

v1::HttpFact SimCluster::ReadHttp(const std::string& name) const {
  v1::HttpFact fact;
  fact.set_resource(kSimResource);
  fact.set_healthy(nodes_.at(name).http ? v1::ANSWER_YES : v1::ANSWER_NO);
  return fact;
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
  EvaluateSide(0);
  EvaluateSide(1);
  if (on_changed) on_changed();
}

void SimCluster::EvaluateSide(int side) {
  const std::vector<std::string> members = Members(side);
  if (members.empty()) return;
  if (!HasQuorum(members.front())) {
    for (const std::string& name : members) Stop(&nodes_.at(name));  // no-quorum-policy=stop
    return;
  }
  if (dc_[side].empty()) return;  // the next DC evaluates
  const Node& cib_of = nodes_.at(dc_[side]);
  std::vector<Node*> holders;
  std::vector<Node*> free;
  for (const std::string& name : members) {
    Node* node = &nodes_.at(name);
    if (IsHeld(*node, cib_of)) {
      Stop(node);
    } else if (node->unit == Unit::kActive || node->unit == Unit::kStarting) {
      holders.push_back(node);
    } else if (node->unit == Unit::kInactive) {
      free.push_back(node);
    }
  }
  int wanted = clone_max_ - static_cast<int>(holders.size());
  for (Node* node : free) {
    if (wanted <= 0) break;
    Start(node);
    --wanted;
  }
  for (; wanted < 0; ++wanted) {
    Stop(holders.back());
    holders.pop_back();
  }
}

void SimCluster::Start(Node* node) {
  node->unit = Unit::kStarting;
  const uint64_t generation = ++node->generation;
  busy_until_[node->side] = events_->WallNow() + kStartTime + kIdleAfter;
  const auto current = [node, generation] { return node->powered && node->generation == generation; };
  events_->After(kStartTime, [this, node, current] {
    if (!current()) return;
    node->unit = Unit::kActive;
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
  if (node->unit == Unit::kInactive || node->unit == Unit::kStopping) return;
  node->unit = Unit::kStopping;
  node->http = false;
  node->port = false;
  const uint64_t generation = ++node->generation;
  busy_until_[node->side] = events_->WallNow() + kStopTime + kIdleAfter;
  events_->After(kStopTime, [this, node, generation] {
    if (!node->powered || node->generation != generation) return;
    node->unit = Unit::kInactive;
    busy_until_[node->side] = events_->WallNow() + kIdleAfter;
    Changed(node->name);
    SoonEvaluate(absl::Milliseconds(20));
  });
  Changed(node->name);
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
  events_->After(kDetect, [this] {
    for (const int side : {0, 1}) {
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
  ++node->generation;
}

void SimCluster::Crash(const std::string& name, absl::Duration boot_after) {
  Node* node = &nodes_.at(name);
  if (!node->powered) return;
  Die(node);
  TopologyChanged();
  if (on_changed) on_changed();
  events_->After(boot_after, [this, node] { node->powered = true; });
  events_->After(boot_after + kJoin, [this, node] {
    if (!node->powered) return;
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

void SimCluster::Partition(const std::set<std::string>& away) {
  for (const std::string& name : away) nodes_.at(name).side = 1;
  // Each side believes in the old membership and DC until it notices.
  believed_[1] = believed_[0];
  dc_[1] = dc_[0];
  TopologyChanged();
}

void SimCluster::Heal(bool away_side_wins) {
  healed_at_ = events_->WallNow();
  std::vector<std::string> winners = Members(away_side_wins ? 1 : 0);
  if (winners.empty()) winners = Members(away_side_wins ? 0 : 1);
  for (auto& [name, node] : nodes_) {
    node.side = 0;
    if (!winners.empty()) node.cib = nodes_.at(winners.front()).cib;
  }
  dc_[1].clear();
  believed_[1].clear();
  TopologyChanged();
  if (on_changed) on_changed();
}

void SimCluster::MoveDc() { Elect(0); }

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
