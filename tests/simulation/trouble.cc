#include "tests/simulation/trouble.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"

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
  Note(world, reserve_too ? "the disk is full, and the reserve is used up" : "the disk is full");
  world->history().Add(world->events().WallNow(), HistoryEvent::kJournalFull);
  world->journal().set_room(reserve_too ? MemoryJournal::Room::kNone : MemoryJournal::Room::kOnlyReserve);
  world->events().After(how_long, [world] {
    Note(world, "the disk has room again");
    world->journal().set_room(MemoryJournal::Room::kPlenty);
  });
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

}  // namespace

SimSetup SetupOf(uint64_t seed) {
  Chance chance(seed * 2 + 1);
  SimSetup setup;
  setup.seed = seed;
  setup.nodes = 3 + chance.Below(3);
  setup.clone_max = chance.Percent(30) ? setup.nodes - 1 : setup.nodes;
  setup.scenario = chance.Percent(50) ? v1::SCENARIO_EVICT : v1::SCENARIO_STANDBY;
  setup.return_policy =
      setup.clone_max < setup.nodes && chance.Percent(80) ? v1::RETURN_POLICY_STAY : v1::RETURN_POLICY_REQUIRE;
  if (chance.Percent(30)) setup.coordinator_node = "node-01";
  if (chance.Percent(60)) {
    setup.trouble.message_lost = chance.Below(4);
    setup.trouble.message_doubled = chance.Below(10);
    setup.trouble.message_late = chance.Below(5);
    setup.trouble.act_hangs = chance.Below(5);
    setup.trouble.act_fails = chance.Below(5);
  }
  setup.coordinator_comes_back = !chance.Percent(8);
  return setup;
}

int PlanFaults(SimWorld* world) {
  Chance& chance = world->chance();
  for (const auto& [name, node] : world->cluster().nodes()) {
    world->cluster().node(name).clock_offset = chance.Between(-absl::Seconds(1), absl::Seconds(1));
  }
  world->balancer().clock_offset = chance.Between(-absl::Seconds(1), absl::Seconds(1));
  const int faults = chance.Below(5);
  for (int i = 0; i < faults; ++i) {
    world->events().After(chance.Between(absl::Seconds(2), absl::Seconds(90)), [world] {
      if (!world->has_ended()) Strike(world);
    });
  }
  return faults;
}

bool IsCalm(const Trouble& trouble) {
  return trouble.message_lost + trouble.message_doubled + trouble.message_late + trouble.act_hangs +
             trouble.act_fails ==
         0;
}

}  // namespace jettyfleet
