#include "tests/simulation/checker.h"

#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

// What a node may be in force beyond its lease: the timer's accuracy, an undo that had to be tried again.
constexpr absl::Duration kLongestAfterLease = absl::Seconds(5);
// A fault that the node feels at all it feels by then: load balancers' checks have failed, the cluster has fenced it.
constexpr absl::Duration kFeltWithin = absl::Seconds(12);

bool IsFault(const v1::Action& action) {
  return action.kind_case() >= v1::Action::kStopUnit && action.kind_case() <= v1::Action::kFenceNode;
}

// Takes a node out of service, one way or another.
bool HitsNode(const v1::Action& action) {
  return action.has_evict_node() || action.has_standby_node() || IsFault(action);
}

std::string NodeHit(const v1::Action& action, const std::string& host) {
  if (action.has_evict_node()) return action.evict_node().node();
  if (action.has_standby_node()) return action.standby_node().node();
  return action.has_fence_node() ? action.fence_node().node() : host;
}

// What an act makes and its undo takes back.
std::string Target(const v1::Action& action) {
  if (action.has_evict_node()) return action.evict_node().lease_id();
  if (action.has_standby_node()) return action.standby_node().lease_id();
  if (action.has_remove_cib_lease()) return action.remove_cib_lease().lease_id();
  if (action.has_set_lb_server()) return action.set_lb_server().server();
  if (action.has_freeze_unit()) return action.freeze_unit().lease_id();
  if (action.has_blackhole_port()) return action.blackhole_port().lease_id();
  if (action.has_partition_node()) return action.partition_node().lease_id();
  if (action.has_undo_fault()) return action.undo_fault().lease_id();
  if (IsFault(action) || action.has_cleanup_resource() || action.has_look_at_fault_means()) return action.id();
  return "lock";
}

class Checker {
 public:
  explicit Checker(const History& history) : history_(history) {}

  std::vector<std::string> Check(bool must_end) {
    for (const HistoryEvent& event : history_.events()) {
      at_ = event.at;
      Take(event);
    }
    for (const auto& [lease, over_by] : in_force_) {
      if (at_ > over_by + kLongestAfterLease) Violated("outlived", lease.second + " on " + lease.first);
    }
    if (must_end && began_ && !ended_) Violated("ends", "the operation never ended");
    return std::move(violations_);
  }

 private:
  void Violated(const std::string& invariant, const std::string& what) {
    violations_.push_back(
        absl::StrCat(invariant, ": ", what, " at ", absl::FormatTime("%H:%M:%E3S", at_, absl::UTCTimeZone())));
  }

  void Take(const HistoryEvent& event) {
    switch (event.kind) {
      case HistoryEvent::kDurable:
        return TakeRecord(event.record);
      case HistoryEvent::kSent:
        return TakeSent(event);
      case HistoryEvent::kBegun:
        return TakeBegun(event);
      case HistoryEvent::kJournalFull:
        journal_was_full_ = true;
        return;
      case HistoryEvent::kInForce:
        return TakeInForce(event);
      case HistoryEvent::kLifted:
        return TakeLifted(event);
      case HistoryEvent::kEnded:
        ended_ = true;
        return;
      case HistoryEvent::kDown:
        if (event.nodes.size() > 1) Violated("one-down", absl::StrJoin(event.nodes, " and "));
        return;
      case HistoryEvent::kWhole:
        return TakeWhole(event);
      case HistoryEvent::kReplayed:
        if (!event.text.empty()) Violated("replay", event.text);
        return;
      case HistoryEvent::kLeft:
        Violated("left-over", event.text);
        return;
      case HistoryEvent::kNotAtRest:
        Violated("at-rest", event.text);
        return;
      case HistoryEvent::kCrashed:
      case HistoryEvent::kRestarted:
      case HistoryEvent::kFault:
        return;
    }
  }

  void TakeRecord(const v1::JournalRecord& record) {
    if (record.has_operation_began()) began_ = true;
    if (record.has_stop_requested()) stopped_ = true;
    if (record.has_nodes_planned()) {
      planned_.insert(record.nodes_planned().nodes().begin(), record.nodes_planned().nodes().end());
    }
    if (record.has_milestone_reached()) {
      const v1::MilestoneReached& reached = record.milestone_reached();
      if (reached.step() == v1::NODE_STEP_LEAVE) left_.insert(reached.node());
      if (!reached.instance_went_to().empty()) stays_away_.insert(reached.node());
    }
    if (record.has_action_issued()) {
      const v1::ActionIssued& issued = record.action_issued();
      recorded_.insert(issued.action().id());
      if (!issued.undo()) {
        // What only looks is no act, and an audit at the end looks after a stop as well.
        if (issued.action().has_look_at_leftovers() || issued.action().has_predict_transition()) return;
        recorded_acts_.insert(Target(issued.action()));
        // A cleanup restores: it makes the cluster forget what a fault of ours has left.
        const bool restores = issued.action().has_renew_lock() || issued.action().has_cleanup_resource();
        if (stopped_ && !restores) Violated("no-act-after-stop", issued.action().id());
      }
    }
    if (record.has_operation_ended()) {
      ended_ = true;
      if (record.operation_ended().state() == v1::OPERATION_STATE_PASSED) TakeSuccess();
    }
  }

  void TakeSuccess() {
    for (const std::string& node : planned_) {
      if (left_.count(node) == 0) Violated("true-success", absl::StrCat(node, " never left"));
      if (stays_away_.count(node) > 0) continue;
      if (!IsWholeAgain(node)) Violated("true-success", absl::StrCat(node, " is not whole again"));
    }
  }

  void TakeSent(const HistoryEvent& event) {
    if (recorded_.count(event.action.id()) > 0) return;
    // A full journal does not block an undo: the record of the act authorises it.
    if (event.undo && journal_was_full_ && recorded_acts_.count(Target(event.action)) > 0) return;
    Violated("record-first", absl::StrCat(event.action.id(), " to ", event.host));
  }

  void TakeBegun(const HistoryEvent& event) {
    const v1::Action& action = event.action;
    if (action.epoch() < event.highest_epoch) {
      Violated("stale-epoch", absl::StrCat(action.id(), " of epoch ", action.epoch(), " on ", event.host));
    }
    if (action.has_not_after() && event.local > FromProto(action.not_after())) {
      Violated("too-late", absl::StrCat(action.id(), " on ", event.host));
    }
    if (!HitsNode(action)) return;
    if (!event.locked) Violated("locked", absl::StrCat(action.id(), " on ", event.host));
    const std::string node = NodeHit(action, event.host);
    for (const auto& [other, at] : acted_on_) {
      if (other == node || stays_away_.count(other) > 0) continue;
      if (!IsWholeAgain(other)) {
        Violated("whole-first", absl::StrCat(node, " was acted on and ", other, " was not whole since"));
      }
    }
    acted_on_[node] = event.at;
    whole_since_acted_.erase(node);
  }

  void TakeWhole(const HistoryEvent& event) {
    // What recovers in place is never anything else than whole, until much later something else befalls it.
    for (const std::string& node : whole_) {
      const auto acted_at = acted_on_.find(node);
      if (acted_at != acted_on_.end() && event.at - acted_at->second > kFeltWithin) whole_since_acted_.insert(node);
    }
    whole_ = event.nodes;
    whole_since_acted_.insert(whole_.begin(), whole_.end());
  }

  void TakeInForce(const HistoryEvent& event) {
    const std::string what = absl::StrCat(event.text, " on ", event.host);
    if (!event.armed) Violated("armed-first", what);
    if (event.armed && event.local >= event.ends) Violated("lease-over", what);
    in_force_[{event.host, event.text}] = event.over_by;
  }

  void TakeLifted(const HistoryEvent& event) {
    const auto lease = in_force_.find({event.host, event.text});
    if (lease == in_force_.end()) return;
    if (event.at > lease->second + kLongestAfterLease)
      Violated("outlived", absl::StrCat(event.text, " on ", event.host));
    in_force_.erase(lease);
  }

  // Not every fault makes a node anything else than whole.
  bool IsWholeAgain(const std::string& node) const {
    return whole_since_acted_.count(node) > 0 || whole_.count(node) > 0;
  }

  const History& history_;
  absl::Time at_;
  bool began_ = false;
  bool stopped_ = false;
  bool ended_ = false;
  bool journal_was_full_ = false;
  std::set<std::string> planned_;
  std::set<std::string> left_;
  std::set<std::string> stays_away_;
  std::set<std::string> recorded_;
  std::set<std::string> recorded_acts_;
  std::map<std::string, absl::Time> acted_on_;  // node to when it was last
  std::set<std::string> whole_;
  std::set<std::string> whole_since_acted_;
  std::map<std::pair<std::string, std::string>, absl::Time> in_force_;  // host and lease: over by then
  std::vector<std::string> violations_;
};

}  // namespace

std::vector<std::string> CheckHistory(const History& history, bool must_end) {
  return Checker(history).Check(must_end);
}

}  // namespace jettyfleet
