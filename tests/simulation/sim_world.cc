#include "tests/simulation/sim_world.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/proto_time.h"
#include "coordinator/rolling/scenario.h"
#include "coordinator/rolling/spec.h"

namespace jettyfleet {
namespace {

// An operation that nobody hinders any more is over long before: one lease, its tidying and a few steps for each node.
constexpr absl::Duration kLongestRun = absl::Minutes(60);
// After the end of an operation, or of all who could end it, everything of ours is over by then.
constexpr absl::Duration kAllLeasesOver = absl::Minutes(5);
// A disk that is full longer than this stays full.
constexpr absl::Duration kLongestFullDisk = absl::Seconds(30);

v1::ClusterDescription Describe(const SimCluster& cluster, int clone_max) {
  v1::ClusterDescription description;
  description.set_cluster(kSimCluster);
  v1::ResourceDescription* resource = description.add_resources();
  resource->set_name(kSimResource);
  resource->set_unit(kSimUnit);
  resource->set_clone_max(clone_max);
  resource->add_ports(kSimPort);
  resource->mutable_health()->set_port(kSimPort);
  resource->set_min_serving(1);
  v1::LoadBalancerDescription* balancer = description.add_load_balancers();
  balancer->set_host(kSimBalancer);
  balancer->set_resource(kSimResource);
  balancer->set_backend(kSimBackend);
  for (const auto& [name, node] : cluster.nodes()) (*balancer->mutable_servers())[name] = name;
  description.mutable_traffic()->set_url("http://lb-01/");
  description.mutable_traffic()->set_requests_per_second(4);  // SimCoordinator's
  return description;
}

v1::DrillSpec DrillOf(const SimSetup& setup, const v1::ClusterDescription& description) {
  v1::DrillSpec spec;
  spec.set_cluster(kSimCluster);
  spec.set_resource(kSimResource);
  spec.set_scenario(setup.scenario);
  spec.set_return_policy(setup.return_policy);
  spec.set_who("operator test");
  spec.set_why("rehearsal");
  spec.set_min_serving(1);
  *spec.mutable_lease() = ToProto(setup.lease);
  for (const std::string& target : setup.targets) spec.add_nodes(target);
  *spec.mutable_drain_deadline() = ToProto(absl::Seconds(5));
  spec.set_daemon(setup.daemon);
  spec.set_allow_fencing(TraitsOf(spec).may_fence);
  // A node that is fenced has to boot.
  *spec.mutable_step_deadline() = ToProto(absl::Seconds(TraitsOf(spec).may_fence ? 90 : 40));
  *spec.mutable_gate_deadline() = ToProto(absl::Seconds(20));
  *spec.mutable_baseline() = ToProto(absl::Seconds(2));
  FillDefaults(description, &spec);
  return spec;
}

}  // namespace

absl::Time SimWorld::Start() { return absl::FromUnixSeconds(1795392000); }  // 2026-11-23 00:00:00 UTC

SimWorld::SimWorld(const SimSetup& setup)
    : setup_(setup),
      events_(Start()),
      chance_(setup.seed),
      cluster_(&events_, &chance_, setup.nodes, setup.clone_max),
      balancer_(&events_, &chance_, &cluster_),
      description_(Describe(cluster_, setup.clone_max)),
      spec_(DrillOf(setup, description_)) {
  balancer_.clock.since = Start();
  for (const auto& [name, node] : cluster_.nodes()) {
    agents_[name] =
        std::make_unique<SimAgent>(&events_, &chance_, &history_, &cluster_, &balancer_, name, &setup_.trouble);
  }
  agents_[kSimBalancer] =
      std::make_unique<SimAgent>(&events_, &chance_, &history_, &cluster_, &balancer_, kSimBalancer, &setup_.trouble);
  cluster_.on_unit_changed = [this](const std::string& node) { agents_.at(node)->OnUnitChanged(); };
  cluster_.on_power = [this](const std::string& node, bool on) {
    history_.Add(events_.WallNow(), HistoryEvent::kFault, absl::StrCat(node, on ? " boots" : " loses its power"));
    on ? agents_.at(node)->PowerOn() : agents_.at(node)->PowerOff();
  };
  cluster_.on_changed = [this] { OnChanged(); };
  balancer_.on_changed = [this] { OnChanged(); };
  journal_.set_before_append([this]() -> absl::Status {
    if (coordinator().dead()) return absl::UnavailableError("this process is dead");
    if (death_.has_value() && death_->before && --death_->count <= 0) {
      coordinator().Die();
      return absl::UnavailableError("this process is dead");
    }
    return absl::OkStatus();
  });
  journal_.set_after_append([this](const std::vector<v1::JournalRecord>& records) { OnDurable(records); });
  OnChanged();
  StartCoordinator();
}

void SimWorld::OnDurable(const std::vector<v1::JournalRecord>& records) {
  for (const v1::JournalRecord& record : records) {
    history_.Add(events_.WallNow(), HistoryEvent::kDurable).record = record;
    if (!record.has_operation_ended()) continue;
    has_ended_ = true;
    ended_at_ = events_.WallNow();
    bool lock_given_up = false;
    for (const std::string& remark : record.operation_ended().remarks()) {
      lock_given_up = lock_given_up || remark.find("lock could not be released") != std::string::npos;
    }
    CheckLeftOver("when the operation ended", !lock_given_up);
    CheckNodesLeft("when the operation ended", /*records_too=*/false);
    if (record.operation_ended().state() == v1::OPERATION_STATE_PASSED && cluster_.HasFailures()) {
      history_.Add(events_.WallNow(), HistoryEvent::kLeft, "a failed action of ours when the operation had passed");
    }
  }
  if (death_.has_value() && !death_->before && --death_->count <= 0) coordinator().Die();
}

void SimWorld::CheckLeftOver(const std::string& when, bool lock_too) {
  // Nobody can have seen what another side's CIB brought back a moment ago: reading it and releasing the lock take
  // time.
  const absl::Time now = events_.WallNow();
  const bool just_healed = now - cluster_.healed_at() < absl::Seconds(6);
  // Nor can a lock be released on a side that is not heard, and it may come back from there; it ends by itself.
  lock_too = lock_too && !cluster_.IsSplit() &&
             (cluster_.healed_at() == absl::InfinitePast() || now - cluster_.healed_at() > kAllLeasesOver / 2);
  for (const v1::CibEntryFact& entry : cluster_.InForce()) {
    if (just_healed) break;
    if (!entry.operation_id().empty() && entry.operation_id() != kSimOperation) continue;  // another's lock
    if (entry.kind() == v1::CibEntryFact::KIND_LOCK && !lock_too) continue;
    history_.Add(events_.WallNow(), HistoryEvent::kLeft, absl::StrCat(entry.id(), " ", when));
  }
  for (const auto& [server, lease] : balancer_.leases()) {
    history_.Add(events_.WallNow(), HistoryEvent::kLeft, absl::StrCat(lease.id, " on ", server, " ", when));
  }
}

void SimWorld::CheckNodesLeft(const std::string& when, bool records_too) {
  const auto left = [&](const std::string& node, const std::string& what) {
    history_.Add(events_.WallNow(), HistoryEvent::kLeft, absl::StrCat(node, " ", what, " ", when));
  };
  for (const auto& [name, node] : cluster_.nodes()) {
    if (!balancer_.IsReady(name)) left(name, "is out of rotation");
    if (node.frozen) left(name, "is frozen");
    if (node.port_dropped) left(name, "drops packets to its port");
    if (node.cut_by_fault) left(name, "is cut off");
    if (records_too && agents_.at(name)->faults().HasRecords()) left(name, "holds a lease's record");
  }
}

void SimWorld::OnChanged() {
  const std::set<std::string> down = cluster_.DownByOurHand();
  if (down != down_) history_.Add(events_.WallNow(), HistoryEvent::kDown).nodes = down_ = down;
  std::set<std::string> whole;
  for (const auto& [name, node] : cluster_.nodes()) {
    if (node.unit == SimCluster::Unit::kActive && cluster_.Serves(name) && balancer_.InRotation(name))
      whole.insert(name);
  }
  if (whole != whole_) history_.Add(events_.WallNow(), HistoryEvent::kWhole).nodes = whole_ = whole;
}

void SimWorld::StartCoordinator() {
  coordinators_.push_back(std::make_unique<SimCoordinator>(&events_, &history_, &journal_, &agents_, &balancer_,
                                                           description_, ++epoch_, setup_.coordinator_node,
                                                           setup_.decide));
  coordinator().decision_time = setup_.decision_time;
  const absl::Status status = coordinator().Resume();
  if (!status.ok()) history_.Add(events_.WallNow(), HistoryEvent::kNotAtRest, std::string(status.message()));
  for (const auto& [name, agent] : agents_) agent->SetPeer(&coordinator());
}

void SimWorld::Bury(absl::Duration down) {
  burying_ = true;
  history_.Add(events_.WallNow(), HistoryEvent::kCrashed);
  for (const auto& [name, agent] : agents_) agent->SetPeer(nullptr);
  if (!setup_.coordinator_comes_back) return;
  events_.After(down, [this] {
    burying_ = false;
    history_.Add(events_.WallNow(), HistoryEvent::kRestarted);
    StartCoordinator();
  });
}

void SimWorld::KillCoordinator(absl::Duration down) {
  if (burying_) return;
  coordinator().Die();
  Bury(down);
}

void SimWorld::KillAtAppend(int count, bool before, absl::Duration down) { death_ = Death{count, before, down}; }

void SimWorld::CrashNode(const std::string& node, absl::Duration boot_after) {
  history_.Add(events_.WallNow(), HistoryEvent::kFault, absl::StrCat("crash ", node));
  cluster_.Crash(node, boot_after);
}

void SimWorld::FillDisk(MemoryJournal::Room room, absl::Duration how_long) {
  history_.Add(events_.WallNow(), HistoryEvent::kJournalFull);
  journal_.set_room(room);
  if (how_long == absl::InfiniteDuration()) return;
  events_.After(how_long, [this] {
    history_.Add(events_.WallNow(), HistoryEvent::kFault, "the disk has room again");
    journal_.set_room(MemoryJournal::Room::kPlenty);
  });
}

bool SimWorld::HasEndedUnwritten() {
  const OperationRunner* runner = coordinator().runner();
  return !coordinator().dead() && runner != nullptr && runner->operation().end.has_value() && !runner->ended();
}

v1::OperationState SimWorld::outcome() const {
  for (const HistoryEvent& event : history_.events()) {
    if (event.kind == HistoryEvent::kDurable && event.record.has_operation_ended()) {
      return event.record.operation_ended().state();
    }
  }
  return v1::OPERATION_STATE_RUNNING;
}

void SimWorld::Run() {
  events_.After(absl::Seconds(2), [this] {
    const absl::Status status = coordinator().Begin(kSimOperation, spec_);
    if (!status.ok() && !coordinator().dead()) {
      history_.Add(events_.WallNow(), HistoryEvent::kFault, std::string(status.message()));
      never_began_ = true;
    }
  });
  absl::Time unwritten_since = absl::InfiniteFuture();
  while (events_.RunNext(Start() + kLongestRun)) {
    if (coordinator().dead() && !burying_) {
      Bury(death_.has_value() ? death_->down : absl::Seconds(2));
      death_.reset();
    }
    // A disk that stays full takes no end; nothing of ours may be in force all the same.
    if (!HasEndedUnwritten()) {
      unwritten_since = absl::InfiniteFuture();
    } else if (unwritten_since == absl::InfiniteFuture()) {
      unwritten_since = events_.WallNow();
      CheckNodesLeft("when the operation ended", /*records_too=*/false);
    } else if (events_.WallNow() - unwritten_since > kLongestFullDisk) {
      history_.Add(events_.WallNow(), HistoryEvent::kEnded);
      break;
    }
    if (has_ended_ || never_began_ || (burying_ && !setup_.coordinator_comes_back)) break;
  }
  if (has_ended_ && !coordinator().dead() && coordinator().runner()->ended()) {
    history_.Add(events_.WallNow(), HistoryEvent::kReplayed, coordinator().DifferenceFromJournal());
  }
  // Whoever is still alive goes on; what ends by itself ends.
  const absl::Time quiet = events_.WallNow() + kAllLeasesOver;
  while (events_.RunNext(quiet)) {
  }
  CheckLeftOver("long after", /*lock_too=*/true);
  CheckNodesLeft("long after", /*records_too=*/true);
}

}  // namespace jettyfleet
