#include <algorithm>

#include "tests/simulation/sim_cluster.h"
#include "tests/simulation/sim_timing.h"

namespace jettyfleet {
namespace {

// From Corosync's news to the fence device's answer.
constexpr absl::Duration kFenceAtLeast = absl::Milliseconds(500);
constexpr absl::Duration kFenceAtMost = absl::Seconds(5);
constexpr absl::Duration kFenceAgain = absl::Seconds(6);
constexpr absl::Duration kBootAtLeast = absl::Seconds(8);
constexpr absl::Duration kBootAtMost = absl::Seconds(20);
// A cleanup makes Pacemaker probe the resource anew.
constexpr absl::Duration kProbeTime = absl::Seconds(1);
// How often pacemakerd restarts a daemon before anybody fences its node, in percent.
constexpr int kRecoversInPlace = 60;
constexpr int kLeavesFailure = 30;

}  // namespace

void SimCluster::StopUnit(const std::string& name) {
  Node* node = &nodes_.at(name);
  if (node->unit != Unit::kActive) return;
  node->believed_started = true;
  EndUnit(node, /*killed=*/false);
  SoonMonitor(node);
}

void SimCluster::KillUnit(const std::string& name) {
  Node* node = &nodes_.at(name);
  if (node->unit != Unit::kActive) return;
  node->believed_started = true;
  EndUnit(node, /*killed=*/true);
  SoonMonitor(node);
}

void SimCluster::SoonMonitor(Node* node) {
  const absl::Duration past = events_->WallNow() - start_ - node->monitored;
  const absl::Duration next = kSimMonitorInterval - past % kSimMonitorInterval;
  events_->After(next, [this, node] { Monitor(node); });
}

void SimCluster::Monitor(Node* node) {
  if (!node->believed_started || !node->powered) return;
  const bool decides = node->member && HasQuorum(node->name) && !dc_[node->side].empty();
  if (!decides || node->unit != Unit::kInactive) return SoonMonitor(node);
  node->believed_started = false;
  node->failed = true;
  busy_until_[node->side] = events_->WallNow() + kSimMonitorInterval / 10;
  // Recovered in place: no migration-threshold is set. What a lease holds out stays stopped.
  if (!IsHeld(*node, nodes_.at(dc_[node->side]))) Start(node);
  SoonEvaluate(absl::Milliseconds(20));
}

void SimCluster::Freeze(const std::string& name) {
  Node* node = &nodes_.at(name);
  if (node->unit != Unit::kActive) return;
  node->frozen = true;
  if (on_changed) on_changed();
}

void SimCluster::Thaw(const std::string& name) {
  Node* node = &nodes_.at(name);
  if (!node->frozen) return;
  node->frozen = false;
  // A stop that had to wait goes on.
  if (node->unit == Unit::kStopping) {
    const uint64_t generation = node->generation;
    events_->After(kSimStopTime, [this, node, generation] {
      if (node->powered && node->generation == generation && node->unit == Unit::kStopping) UnitEnded(node);
    });
  }
  if (on_changed) on_changed();
}

void SimCluster::DropPort(const std::string& name, bool drop) {
  nodes_.at(name).port_dropped = drop;
  if (on_changed) on_changed();
}

void SimCluster::CutOff(const std::string& name) {
  Node* node = &nodes_.at(name);
  if (node->cut_by_fault || !node->powered) return;
  node->cut_by_fault = true;
  MoveAway(node);
  TopologyChanged();
  SoonFence(node, kSimDetect);
  if (on_changed) on_changed();
}

void SimCluster::LetPeersIn(const std::string& name) {
  Node* node = &nodes_.at(name);
  if (!node->cut_by_fault) return;
  node->cut_by_fault = false;
  Merge(kSimFaultSide, node->cut ? kSimCutSide : kSimMainSide, cut_off_side_wins);
}

void SimCluster::KillDaemon(const std::string& name, v1::KillDaemon::Daemon daemon) {
  Node* node = &nodes_.at(name);
  if (!node->member) return;
  if (daemon != v1::KillDaemon::DAEMON_COROSYNC && chance_->Percent(kRecoversInPlace)) {
    if (chance_->Percent(kLeavesFailure)) node->failed = true;
    if (dc_[node->side] == name) return Elect(node->side);
    busy_until_[node->side] = events_->WallNow() + kProbeTime;
    if (on_changed) on_changed();
    return;
  }
  node->member = false;
  TopologyChanged();
  SoonFence(node, kSimDetect);
  if (on_changed) on_changed();
}

void SimCluster::SoonFence(Node* node, absl::Duration delay) {
  const int boots = node->boots;
  const auto is_lost = [this, node, boots] {
    const int side = QuorateSide();
    return node->powered && node->boots == boots && !(node->member && (side < 0 || node->side == side));
  };
  events_->After(delay, [this, node, is_lost] {
    node->unclean = is_lost();
    if (!node->unclean) return;
    events_->After(chance_->Between(kFenceAtLeast, kFenceAtMost), [this, node, is_lost] {
      node->unclean = is_lost();
      if (!node->unclean) return;
      if (QuorateSide() < 0 || (fencing_fails > 0 && chance_->Percent(fencing_fails))) {
        return SoonFence(node, kFenceAgain);
      }
      Crash(node->name, chance_->Between(kBootAtLeast, kBootAtMost));
    });
  });
}

void SimCluster::Fence(const std::string& name, std::function<void()> done) {
  events_->After(chance_->Between(kFenceAtLeast, kFenceAtMost), [this, name, done = std::move(done)] {
    NoteHit(name);
    Crash(name, chance_->Between(kBootAtLeast, kBootAtMost));
    done();
  });
}

void SimCluster::CleanUp(const std::string& by, const std::string& node) {
  nodes_.at(node).failed = false;
  busy_until_[nodes_.at(by).side] = events_->WallNow() + kProbeTime;
  SoonEvaluate(absl::Milliseconds(20));
}

bool SimCluster::HasFailures() const {
  return std::any_of(nodes_.begin(), nodes_.end(), [](const auto& entry) { return entry.second.failed; });
}

bool SimCluster::IsWellAgain(const Node& node) const {
  if (!node.powered || !node.member || node.cut_by_fault || node.believed_started) return false;
  if (Serves(node.name)) return true;
  const int running = std::count_if(nodes_.begin(), nodes_.end(), [](const auto& entry) {
    return entry.second.unit == Unit::kActive && entry.second.http;
  });
  return node.unit == Unit::kInactive && running >= clone_max_;
}

std::set<std::string> SimCluster::DownByOurHand() {
  std::erase_if(hit_, [this](const std::string& name) { return IsWellAgain(nodes_.at(name)); });
  std::set<std::string> down = Held();
  for (const auto& [name, node] : nodes_) {
    if (node.frozen || node.port_dropped || node.cut_by_fault || hit_.count(name) > 0) down.insert(name);
  }
  return down;
}

}  // namespace jettyfleet
