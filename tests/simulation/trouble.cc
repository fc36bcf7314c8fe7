#include "tests/simulation/trouble.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "coordinator/rolling/scenario.h"

namespace jettyfleet {
namespace {

std::string AnyNode(SimWorld* world) {
  auto node = world->cluster().nodes().begin();
  std::advance(node, world->chance().Below(world->cluster().nodes().size()));
  return node->first;
}

std::string AnyHost(SimWorld* world) {
  return world->chance().Percent(40) ? std::string(kSimBalancer) : AnyNode(world);
}

void Note(SimWorld* world, const std::string& text) {
  world->history().Add(world->events().WallNow(), HistoryEvent::kFault, text);
}

void Split(SimWorld* world, absl::Duration how_long) {
  std::set<std::string> away = {AnyNode(world)};
  for (const std::string& node : away) Note(world, absl::StrCat("partition: ", node, " is cut off"));
  world->cluster().Partition(away);
  // Cut off from the cluster, but not always from the coordinator.
  if (world->chance().Percent(50)) {
    for (const std::string& node : away) world->agent(node).BreakStream(how_long);
  }
  // Most clusters fence the minority.
  if (how_long > absl::Seconds(9) && world->chance().Percent(70)) {
    world->events().After(absl::Seconds(9), [world, away] {
      for (const std::string& node : away) world->CrashNode(node, absl::Seconds(10));
    });
  }
  const bool away_side_wins = world->chance().Percent(30);
  world->events().After(how_long, [world, away_side_wins] {
    Note(world, away_side_wins ? "heals, the cut-off side's CIB wins" : "heals");
    world->cluster().Heal(away_side_wins);
  });
}

void FillDisk(SimWorld* world, absl::Duration how_long) {
  const bool reserve_too = world->chance().Percent(50);
  const bool for_ever = world->chance().Percent(15);
  Note(world, absl::StrCat("the disk is full", reserve_too ? ", and the reserve is used up" : "",
                           for_ever ? ", for ever" : ""));
  world->FillDisk(reserve_too ? MemoryJournal::Room::kNone : MemoryJournal::Room::kOnlyReserve,
                  for_ever ? absl::InfiniteDuration() : how_long);
}

void Strike(SimWorld* world) {
  Chance& chance = world->chance();
  const absl::Duration down = chance.Between(absl::Milliseconds(100), absl::Seconds(20));
  switch (chance.Below(12)) {
    case 0:
      return world->KillCoordinator(down);
    case 1:
      return world->KillAtAppend(1 + chance.Below(4), /*before=*/true, down);
    case 2:
      return world->KillAtAppend(1 + chance.Below(4), /*before=*/false, down);
    case 3:
      world->coordinator().dies_after_sends = 1 + chance.Below(3);
      return;
    case 4: {
      const std::string host = AnyHost(world);
      Note(world, absl::StrCat("the agent on ", host, " is restarted"));
      return world->agent(host).Restart(std::min(down, absl::Duration(absl::Seconds(8))));
    }
    case 5: {
      const std::string host = AnyHost(world);
      Note(world, absl::StrCat("the stream of ", host, " breaks"));
      return world->agent(host).BreakStream(down);
    }
    case 6:
      Note(world, "the DC moves");
      return world->cluster().MoveDc();
    case 7:
      return world->CrashNode(AnyNode(world), absl::Seconds(10) + down);
    case 8:
      return Split(world, down);
    case 9:
      Note(world, "the operator aborts");
      return world->coordinator().Abort("operator test: enough");
    case 10: {
      const std::string node = AnyNode(world);
      Note(world, absl::StrCat("HTTP on ", node, " fails"));
      return world->cluster().BreakHttp(node, down);
    }
    case 11:
      return FillDisk(world, down);
  }
}

// Those that the engine knows, all of them as often as the others.
v1::Scenario AnyScenario(Chance* chance) {
  static const std::vector<v1::Scenario>* const known = [] {
    auto* scenarios = new std::vector<v1::Scenario>;
    for (int number = 0; number < v1::Scenario_ARRAYSIZE; ++number) {
      v1::DrillSpec spec;
      if (v1::Scenario_IsValid(number)) spec.set_scenario(static_cast<v1::Scenario>(number));
      if (TraitsOf(spec).known) scenarios->push_back(spec.scenario());
    }
    return scenarios;
  }();
  return (*known)[chance->Below(known->size())];
}

v1::KillDaemon::Daemon AnyDaemon(Chance* chance) {
  return static_cast<v1::KillDaemon::Daemon>(1 + chance->Below(v1::KillDaemon::Daemon_MAX));
}

v1::KillDaemon::Daemon DaemonFor(v1::Scenario scenario, Chance* chance) {
  const bool kills = scenario == v1::SCENARIO_DAEMON_KILL || (scenario == v1::SCENARIO_DC_LOSS && chance->Percent(50));
  return kills ? AnyDaemon(chance) : v1::KillDaemon::DAEMON_UNSPECIFIED;
}

// All nodes, or one or two of those that hold an instance at first.
std::vector<std::string> AnyTargets(int holders, Chance* chance) {
  if (chance->Percent(20)) return {};
  std::set<std::string> targets;
  const int wanted = chance->Percent(60) ? 1 : 2;
  for (int i = 0; i < wanted; ++i) targets.insert(absl::StrCat("node-0", 1 + chance->Below(holders)));
  return std::vector<std::string>(targets.begin(), targets.end());
}

SimClock AnyClock(Chance* chance) {
  SimClock clock;
  clock.since = SimWorld::Start();
  clock.offset = chance->Between(-absl::Seconds(1), absl::Seconds(1));
  // Up to 0.2 s in the longest drill of ten minutes: what a free-running crystal does when it is bad.
  clock.drift = (static_cast<int>(chance->Below(601)) - 300) * 1e-6;
  return clock;
}

}  // namespace

SimSetup SetupOf(uint64_t seed) {
  Chance chance(seed * 2 + 1);
  SimSetup setup;
  setup.seed = seed;
  setup.nodes = 3 + chance.Below(3);
  setup.clone_max = chance.Percent(30) ? setup.nodes - 1 : setup.nodes;
  setup.targets = AnyTargets(setup.clone_max, &chance);
  // Idle, it takes each message by itself; under load, many at once.
  setup.decision_time =
      chance.Percent(10) ? absl::ZeroDuration() : chance.Between(absl::Milliseconds(5), absl::Milliseconds(60));
  setup.scenario = AnyScenario(&chance);
  setup.daemon = DaemonFor(setup.scenario, &chance);
  if (chance.Percent(30)) setup.lease = chance.Between(absl::Seconds(40), absl::Seconds(120));
  setup.return_policy =
      setup.clone_max < setup.nodes && chance.Percent(80) ? v1::RETURN_POLICY_STAY : v1::RETURN_POLICY_REQUIRE;
  if (chance.Percent(setup.scenario >= v1::SCENARIO_PEER_PARTITION ? 5 : 30)) setup.coordinator_node = "node-01";
  if (chance.Percent(60)) {
    setup.trouble.message_lost = chance.Below(4);
    setup.trouble.message_doubled = chance.Below(10);
    setup.trouble.message_late = chance.Below(5);
    setup.trouble.act_hangs = chance.Below(5);
    setup.trouble.act_fails = chance.Below(5);
    setup.trouble.agent_dies = chance.Below(3);
    setup.trouble.undo_fails = chance.Below(5);
  }
  setup.coordinator_comes_back = !chance.Percent(8);
  return setup;
}

int PlanFaults(SimWorld* world) {
  Chance& chance = world->chance();
  for (const auto& [name, node] : world->cluster().nodes()) world->cluster().node(name).clock = AnyClock(&chance);
  world->balancer().clock = AnyClock(&chance);
  world->cluster().cut_off_side_wins = chance.Percent(30);
  if (chance.Percent(20)) world->cluster().fencing_fails = chance.Below(60);
  const int faults = chance.Below(5);
  for (int i = 0; i < faults; ++i) {
    world->events().After(chance.Between(absl::Seconds(2), absl::Seconds(chance.Percent(70) ? 60 : 240)), [world] {
      if (!world->has_ended()) Strike(world);
    });
  }
  return faults;
}

bool IsCalm(const Trouble& trouble) {
  return trouble.message_lost + trouble.message_doubled + trouble.message_late + trouble.act_hangs + trouble.act_fails +
             trouble.agent_dies + trouble.undo_fails ==
         0;
}

}  // namespace jettyfleet
