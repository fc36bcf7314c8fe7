// Whole drills, record by record, against transcripts that a person has read. `golden_test --update` run from the
// repository's root writes them anew; read the difference before committing it.
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <functional>
#include <iostream>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/simulation/checker.h"
#include "tests/simulation/sim_world.h"
#include "tests/simulation/transcript.h"

namespace jettyfleet {
namespace {

bool update = false;

struct GoldenCase {
  const char* name;
  SimSetup setup;
  std::function<void(SimWorld*)> plan;
  v1::OperationState outcome;
  bool must_end = true;
};

void PrintTo(const GoldenCase& golden, std::ostream* out) { *out << golden.name; }

SimSetup With(v1::Scenario scenario) {
  SimSetup setup;
  setup.scenario = scenario;
  return setup;
}

SimSetup WithSpare() {
  SimSetup setup;
  setup.clone_max = 2;
  setup.return_policy = v1::RETURN_POLICY_STAY;
  return setup;
}

void At(SimWorld* world, double seconds, std::function<void()> call) {
  world->events().After(absl::Seconds(seconds), std::move(call));
}

// As soon as the cluster holds a node out.
void WhenHeld(SimWorld* world, std::function<void()> call) {
  world->events().After(absl::Milliseconds(50), [world, call = std::move(call)] {
    if (world->cluster().Held().empty()) return WhenHeld(world, call);
    call();
  });
}

std::vector<GoldenCase> Cases() {
  return {
      {"evict_passes", With(v1::SCENARIO_EVICT), [](SimWorld*) {}, v1::OPERATION_STATE_PASSED},
      {"standby_passes", With(v1::SCENARIO_STANDBY), [](SimWorld*) {}, v1::OPERATION_STATE_PASSED},
      {"instance_stays_on_the_spare", WithSpare(), [](SimWorld*) {}, v1::OPERATION_STATE_PASSED},
      {"operator_aborts", With(v1::SCENARIO_EVICT),
       [](SimWorld* world) {
         WhenHeld(world, [world] { world->coordinator().Abort("operator alice: the phone rings"); });
       },
       v1::OPERATION_STATE_ABORTED},
      {"lock_is_held_by_another", With(v1::SCENARIO_EVICT),
       [](SimWorld* world) {
         v1::CibEntryFact lock;
         lock.set_kind(v1::CibEntryFact::KIND_LOCK);
         lock.set_id("jettyfleet-lock");
         lock.set_holder("another-coordinator");
         lock.set_operation_id("d-20261122-230000-ffff");
         lock.mutable_ends_at()->set_seconds(absl::ToUnixSeconds(SimWorld::Start()) + 90);
         world->cluster().PutEntry("node-01", lock);
       },
       v1::OPERATION_STATE_REFUSED},
      {"a_node_is_down", With(v1::SCENARIO_STANDBY),
       [](SimWorld* world) { world->CrashNode("node-03", absl::Minutes(10)); }, v1::OPERATION_STATE_REFUSED},
      {"dc_moves_between_nodes", With(v1::SCENARIO_STANDBY),
       [](SimWorld* world) { At(world, 19, [world] { world->cluster().MoveDc(); }); }, v1::OPERATION_STATE_PASSED},
      {"dc_crashes_mid_drill", With(v1::SCENARIO_EVICT),
       [](SimWorld* world) { WhenHeld(world, [world] { world->CrashNode("node-02", absl::Seconds(30)); }); },
       v1::OPERATION_STATE_FAILED},
      {"partition_mid_drill", With(v1::SCENARIO_EVICT),
       [](SimWorld* world) {
         WhenHeld(world, [world] { world->cluster().Partition({"node-03"}); });
         At(world, 60, [world] { world->cluster().Heal(false); });
       },
       v1::OPERATION_STATE_FAILED},
      {"coordinator_restarts_while_a_node_is_out", With(v1::SCENARIO_EVICT),
       [](SimWorld* world) { WhenHeld(world, [world] { world->KillCoordinator(absl::Seconds(3)); }); },
       v1::OPERATION_STATE_PASSED},
      {"journal_fills_up_while_a_node_is_out", With(v1::SCENARIO_EVICT),
       [](SimWorld* world) {
         WhenHeld(world, [world] {
           world->history().Add(world->events().WallNow(), HistoryEvent::kJournalFull);
           world->journal().set_room(MemoryJournal::Room::kNone);
         });
         At(world, 60, [world] { world->journal().set_room(MemoryJournal::Room::kPlenty); });
       },
       v1::OPERATION_STATE_FAILED},
      {"coordinator_is_gone_for_good",
       [] {
         SimSetup setup;
         setup.coordinator_comes_back = false;
         return setup;
       }(),
       [](SimWorld* world) { WhenHeld(world, [world] { world->KillCoordinator(absl::ZeroDuration()); }); },
       v1::OPERATION_STATE_RUNNING, /*must_end=*/false},
  };
}

// The first lines that differ; empty when none do.
std::string FirstDifference(const std::string& expected, const std::string& actual) {
  std::istringstream expected_lines(expected);
  std::istringstream actual_lines(actual);
  std::string expected_line;
  std::string actual_line;
  for (int line = 1;; ++line) {
    const bool more_expected = static_cast<bool>(std::getline(expected_lines, expected_line));
    const bool more_actual = static_cast<bool>(std::getline(actual_lines, actual_line));
    if (!more_expected && !more_actual) return "";
    if (more_expected != more_actual || expected_line != actual_line) {
      return absl::StrCat("line ", line, "\n  expected: ", more_expected ? expected_line : "(the end)",
                          "\n  is:       ", more_actual ? actual_line : "(the end)");
    }
  }
}

class Golden : public testing::TestWithParam<GoldenCase> {};

TEST_P(Golden, MatchesItsTranscript) {
  SimWorld world(GetParam().setup);
  GetParam().plan(&world);
  world.Run();
  const std::string transcript = Transcript(world.history(), SimWorld::Start());
  EXPECT_EQ(world.outcome(), GetParam().outcome) << transcript;
  const std::vector<std::string> violations = CheckHistory(world.history(), GetParam().must_end);
  EXPECT_TRUE(violations.empty()) << absl::StrJoin(violations, "\n");
  const std::string path = absl::StrCat("tests/coordinator/rolling/testdata/", GetParam().name, ".txt");
  if (update) {
    std::ofstream(path) << transcript;
    return;
  }
  std::ifstream file(path);
  std::stringstream expected;
  expected << file.rdbuf();
  EXPECT_EQ(FirstDifference(expected.str(), transcript), "")
      << "run golden_test --update from the repository's root and read the change";
}

INSTANTIATE_TEST_SUITE_P(Drills, Golden, testing::ValuesIn(Cases()),
                         [](const testing::TestParamInfo<GoldenCase>& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace jettyfleet

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  jettyfleet::update = argc > 1 && std::strcmp(argv[1], "--update") == 0;
  return RUN_ALL_TESTS();
}
