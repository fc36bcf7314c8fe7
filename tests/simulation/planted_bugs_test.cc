// Each invariant of the checker is seen to fire: on a bug planted in the simulated world, or before the engine. The
// same run without the bug breaks none.
#include <gtest/gtest.h>

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/proto_time.h"
#include "tests/simulation/checker.h"
#include "tests/simulation/sim_world.h"
#include "tests/simulation/transcript.h"

namespace jettyfleet {
namespace {

constexpr char kFirst[] = "node-01";  // the first to be visited: node-02 is the DC

struct PlantedBug {
  std::string name;
  std::string invariant;
  v1::Scenario scenario = v1::SCENARIO_EVICT;
  // Happens in both runs.
  std::function<void(SimWorld*)> trouble = [](SimWorld*) {};
  // Happens in the run with the bug only.
  std::function<void(SimWorld*)> plant = [](SimWorld*) {};
  OperationRunner::Decider decide = Decide;
  bool coordinator_comes_back = true;
};

std::function<void(SimWorld*)> At(double seconds, std::function<void(SimWorld*)> what) {
  return [seconds, what](SimWorld* world) {
    world->events().After(absl::Seconds(seconds), [world, what] { what(world); });
  };
}

void ForEveryNode(SimWorld* world, const std::function<void(SimAgent*)>& call) {
  for (const auto& [name, agent] : world->agents()) call(agent.get());
}

void Tell(SimWorld* world, const std::string& node, v1::Action action) {
  v1::CoordinatorMessage message;
  *message.mutable_action() = std::move(action);
  world->agent(node).Receive(message);
}

v1::Action Something(const std::string& id) {
  v1::Action action;
  action.set_id(id);
  action.set_epoch(1);
  *action.mutable_timeout() = ToProto(absl::Seconds(20));
  action.mutable_release_lock()->set_holder("nobody");
  return action;
}

// The action that put the first fault in force, as another one.
v1::Action FaultAgain(const SimWorld& world) {
  v1::Action again;
  for (const HistoryEvent& event : world.history().events()) {
    if (event.kind == HistoryEvent::kSent && event.action.has_blackhole_port() && again.id().empty()) {
      again = event.action;
    }
  }
  again.set_id("again");
  again.clear_not_after();
  return again;
}

// An engine that takes every node for healthy.
Decision TrustsEverything(const Operation& operation, const ClusterView& view, absl::Time now) {
  ClusterView healthy = view;
  for (auto& [name, host] : healthy.nodes) {
    for (v1::HttpFact& fact : *host.report.mutable_http()) fact.set_healthy(v1::ANSWER_YES);
  }
  for (auto& [name, host] : healthy.load_balancers) {
    for (v1::LbServerFact& fact : *host.report.mutable_lb_servers()) {
      if (fact.admin_state() != v1::LbServerFact::ADMIN_STATE_READY) continue;
      fact.set_status("UP");
      fact.set_check_status("L7OK");
    }
  }
  return Decide(operation, healthy, now);
}

// One that never looks whether its lock still stands.
Decision BelievesInItsLock(const Operation& operation, const ClusterView& view, absl::Time now) {
  ClusterView locked = view;
  for (auto& [name, host] : locked.nodes) {
    bool has_lock = false;
    for (const v1::CibEntryFact& entry : host.report.cib().ours()) {
      has_lock = has_lock || entry.kind() == v1::CibEntryFact::KIND_LOCK;
    }
    if (has_lock) continue;
    v1::CibEntryFact* lock = host.report.mutable_cib()->add_ours();
    lock->set_kind(v1::CibEntryFact::KIND_LOCK);
    lock->set_id("jettyfleet-lock");
    lock->set_holder(view.coordinator_uuid);
    lock->set_operation_id(operation.id);
    *lock->mutable_ends_at() = ToProto(now + absl::Minutes(2));
  }
  return Decide(operation, locked, now);
}

// One that goes on although it was told to stop.
Decision NeverStops(const Operation& operation, const ClusterView& view, absl::Time now) {
  if (!operation.stop.has_value()) return Decide(operation, view, now);
  Operation running = operation;
  running.stop.reset();
  ClusterView quiet = view;
  quiet.abort_requests.clear();
  return Decide(running, quiet, now);
}

// One that writes the same again and again.
Decision NeverRests(const Operation& operation, const ClusterView& view, absl::Time now) {
  Decision decision = Decide(operation, view, now);
  if (!decision.records.empty() || operation.Current() == nullptr || now > SimWorld::Start() + absl::Seconds(5)) {
    return decision;
  }
  v1::JournalRecord& record = decision.records.emplace_back();
  *record.mutable_at() = ToProto(now);
  record.set_operation_id(operation.id);
  record.mutable_step_entered()->set_node(operation.Current()->node);
  record.mutable_step_entered()->set_step(operation.Current()->step);
  return decision;
}

// One that waits for something for ever.
Decision NeverFinishes(const Operation& operation, const ClusterView& view, absl::Time now) {
  return operation.AllVisited() ? Decision{} : Decide(operation, view, now);
}

std::vector<PlantedBug> Bugs() {
  const auto dies_for_good = At(8, [](SimWorld* world) { world->KillCoordinator(absl::ZeroDuration()); });
  return {
      {.name = "TwoNodesFrozen",
       .invariant = "one-down",
       .scenario = v1::SCENARIO_UNIT_FREEZE,
       .plant = At(6, [](SimWorld* world) { world->cluster().Freeze("node-03"); })},
      {.name = "TwoNodesKilled",
       .invariant = "one-down",
       .scenario = v1::SCENARIO_UNIT_KILL,
       .plant = At(6,
                   [](SimWorld* world) {
                     v1::Action kill = Something("kill");
                     kill.mutable_kill_unit()->set_unit(kSimUnit);
                     kill.set_operation_id(kSimOperation);
                     Tell(world, "node-03", kill);
                     Tell(world, "node-02", [&] {
                       kill.set_id("kill-too");
                       return kill;
                     }());
                   })},
      {.name = "ActsWithoutARecord",
       .invariant = "record-first",
       .scenario = v1::SCENARIO_UNIT_STOP,
       .plant = [](SimWorld* world) { world->coordinator().sends_unrecorded = true; }},
      {.name = "RecordsNoLeaseBeforeItsFault",
       .invariant = "armed-first",
       .scenario = v1::SCENARIO_PORT_BLACKHOLE,
       .plant =
           [](SimWorld* world) {
             ForEveryNode(world, [](SimAgent* agent) { agent->faults().acts_before_record = true; });
           }},
      {.name = "BreaksAfterItsLeasesEnd",
       .invariant = "lease-over",
       .scenario = v1::SCENARIO_PORT_BLACKHOLE,
       .trouble =
           [](SimWorld* world) {
             world->trouble().undo_fails = 100;
             *world->spec().mutable_lease() = ToProto(absl::Seconds(60));
             At(66, [](SimWorld* later) { Tell(later, kFirst, FaultAgain(*later)); })(world);
             At(68, [](SimWorld* later) { later->trouble().undo_fails = 0; })(world);
           },
       .plant = [](SimWorld* world) { world->agent(kFirst).faults().ignores_lease_end = true; }},
      {.name = "ArmsNoTimerAndDies",
       .invariant = "outlived",
       .scenario = v1::SCENARIO_UNIT_FREEZE,
       .trouble =
           [](SimWorld* world) {
             At(6, [](SimWorld* later) {
               later->KillCoordinator(absl::ZeroDuration());
               later->agent(kFirst).Restart(absl::Minutes(10));
             })(world);
           },
       .plant = [](SimWorld* world) { world->agent(kFirst).faults().forgets_timer = true; },
       .coordinator_comes_back = false},
      {.name = "UndoesOnlyTheRecord",
       .invariant = "left-over",
       .scenario = v1::SCENARIO_PORT_BLACKHOLE,
       .plant = [](SimWorld* world) { world->agent(kFirst).faults().undo_only_forgets = true; }},
      {.name = "LeavesFailedActions",
       .invariant = "left-over",
       .scenario = v1::SCENARIO_UNIT_KILL,
       .plant = [](SimWorld* world) { world->cluster().hides_failures = true; }},
      {.name = "LeavesAServerDrained",
       .invariant = "left-over",
       .trouble = dies_for_good,
       .plant = [](SimWorld* world) { world->balancer().leases_never_end = true; },
       .coordinator_comes_back = false},
      {.name = "ObeysAnOldCoordinator",
       .invariant = "stale-epoch",
       .scenario = v1::SCENARIO_UNIT_STOP,
       .trouble =
           [](SimWorld* world) {
             world->KillAtAppend(1, /*before=*/false, absl::Seconds(2));
             At(40, [](SimWorld* later) { Tell(later, kFirst, Something("old")); })(world);
           },
       .plant = [](SimWorld* world) { world->agent(kFirst).ignores_epoch = true; }},
      {.name = "ActsTooLate",
       .invariant = "too-late",
       .trouble = At(10,
                     [](SimWorld* world) {
                       v1::Action late = Something("late");
                       *late.mutable_not_after() = ToProto(SimWorld::Start());
                       Tell(world, "node-02", late);
                     }),
       .plant = [](SimWorld* world) { world->agent("node-02").ignores_not_after = true; }},
      {.name = "ActsWithoutItsLock",
       .invariant = "locked",
       .trouble = At(4, [](SimWorld* world) { world->cluster().RemoveEntry(kFirst, "jettyfleet-lock"); }),
       .decide = BelievesInItsLock},
      {.name = "GoesOnBeforeTheLastIsWhole",
       .invariant = "whole-first",
       .scenario = v1::SCENARIO_UNIT_STOP,
       .trouble = At(16.5, [](SimWorld* world) { world->cluster().BreakHttp(kFirst, absl::Seconds(300)); }),
       .decide = TrustsEverything},
      {.name = "CallsItASuccessTooEarly",
       .invariant = "true-success",
       .scenario = v1::SCENARIO_UNIT_STOP,
       .trouble =
           [](SimWorld* world) {
             world->spec().add_nodes(kFirst);
             At(16.5, [](SimWorld* later) { later->cluster().BreakHttp(kFirst, absl::Seconds(300)); })(world);
           },
       .decide = TrustsEverything},
      {.name = "ForgetsARecord",
       .invariant = "replay",
       .plant = At(20, [](SimWorld* world) { world->journal().ForgetLast(); })},
      {.name = "GoesOnAfterAnAbort",
       .invariant = "no-act-after-stop",
       .trouble = At(8, [](SimWorld* world) { world->coordinator().Abort("operator test: enough"); }),
       .decide = NeverStops},
      {.name = "NeverComesToRest", .invariant = "at-rest", .decide = NeverRests},
      {.name = "NeverEnds", .invariant = "ends", .decide = NeverFinishes},
  };
}

std::vector<std::string> RunWith(const PlantedBug& bug, bool planted, std::string* transcript) {
  SimSetup setup;
  setup.scenario = bug.scenario;
  setup.coordinator_comes_back = bug.coordinator_comes_back;
  if (planted) setup.decide = bug.decide;
  SimWorld world(setup);
  bug.trouble(&world);
  if (planted) bug.plant(&world);
  world.Run();
  *transcript = Transcript(world.history(), SimWorld::Start());
  return CheckHistory(world.history(), bug.coordinator_comes_back);
}

void PrintTo(const PlantedBug& bug, std::ostream* out) { *out << bug.name; }

class PlantedBugs : public testing::TestWithParam<PlantedBug> {};

TEST_P(PlantedBugs, Fires) {
  std::string transcript;
  const std::vector<std::string> violations = RunWith(GetParam(), /*planted=*/true, &transcript);
  bool fires = false;
  for (const std::string& violation : violations) {
    fires = fires || absl::StartsWith(violation, absl::StrCat(GetParam().invariant, ":"));
  }
  EXPECT_TRUE(fires) << absl::StrJoin(violations, "\n") << "\n" << transcript;
}

TEST_P(PlantedBugs, IsSilentWithoutIt) {
  std::string transcript;
  const std::vector<std::string> violations = RunWith(GetParam(), /*planted=*/false, &transcript);
  EXPECT_TRUE(violations.empty()) << absl::StrJoin(violations, "\n") << "\n" << transcript;
}

INSTANTIATE_TEST_SUITE_P(All, PlantedBugs, testing::ValuesIn(Bugs()),
                         [](const testing::TestParamInfo<PlantedBug>& bug) { return bug.param.name; });

}  // namespace
}  // namespace jettyfleet
