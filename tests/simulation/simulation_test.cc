// Runs many seeds of trouble through the real runner, engine and registry, and has the checker read each history.
//   --schedules=N  how many seeds; without it, as many as fit into a quarter of a minute
//   --seed=S       this seed only, with its transcript
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <map>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "tests/simulation/checker.h"
#include "tests/simulation/transcript.h"
#include "tests/simulation/trouble.h"

namespace jettyfleet {
namespace {

constexpr absl::Duration kUsualTime = absl::Seconds(15);
constexpr uint64_t kFewest = 50;

uint64_t schedules = 0;
uint64_t only_seed = 0;

std::vector<std::string> RunSeed(uint64_t seed, bool show, std::map<std::string, int>* outcomes) {
  const SimSetup setup = SetupOf(seed);
  SimWorld world(setup);
  const int faults = PlanFaults(&world);
  world.Run();
  if (show) std::cout << Transcript(world.history(), SimWorld::Start());
  ++(*outcomes)[v1::OperationState_Name(world.outcome())];
  std::vector<std::string> violations = CheckHistory(world.history(), setup.coordinator_comes_back);
  // Where nothing goes wrong the drill passes; its budget is no failed request at all. Only an instance that has to
  // come back from a spare does not.
  const bool stays_away = setup.clone_max < setup.nodes && setup.return_policy == v1::RETURN_POLICY_REQUIRE;
  const v1::OperationState due = stays_away ? v1::OPERATION_STATE_FAILED : v1::OPERATION_STATE_PASSED;
  if (faults == 0 && IsCalm(setup.trouble) && world.outcome() != due) {
    violations.push_back(absl::StrCat("calm: the outcome is ", v1::OperationState_Name(world.outcome())));
  }
  return violations;
}

TEST(Simulation, NoScheduleBreaksAnInvariant) {
  std::map<std::string, int> outcomes;
  if (only_seed > 0) {
    const std::vector<std::string> violations = RunSeed(only_seed, /*show=*/true, &outcomes);
    EXPECT_TRUE(violations.empty()) << absl::StrJoin(violations, "\n");
    return;
  }
  const absl::Time start = absl::Now();
  uint64_t seed = 0;
  while (schedules > 0 ? seed < schedules : seed < kFewest || absl::Now() - start < kUsualTime) {
    ++seed;
    const std::vector<std::string> violations = RunSeed(seed, /*show=*/false, &outcomes);
    ASSERT_TRUE(violations.empty()) << "seed " << seed << ": " << absl::StrJoin(violations, "\n")
                                    << "\nreproduce: simulation_test --seed=" << seed;
  }
  std::cout << seed << " schedules in " << absl::Now() - start << ":";
  for (const auto& [outcome, count] : outcomes) std::cout << " " << outcome << " " << count;
  std::cout << "\n";
  // A simulation in which hardly anything passes, or hardly anything fails, would show little.
  EXPECT_GT(outcomes["OPERATION_STATE_PASSED"], static_cast<int>(seed / 10));
  EXPECT_GT(outcomes["OPERATION_STATE_FAILED"], static_cast<int>(seed / 20));
}

}  // namespace
}  // namespace jettyfleet

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  for (int i = 1; i < argc; ++i) {
    absl::string_view argument = argv[i];
    if (absl::ConsumePrefix(&argument, "--schedules=") && absl::SimpleAtoi(argument, &jettyfleet::schedules)) continue;
    if (absl::ConsumePrefix(&argument, "--seed=") && absl::SimpleAtoi(argument, &jettyfleet::only_seed)) continue;
    std::cerr << "unknown argument " << argv[i] << "; known are --schedules=N and --seed=S\n";
    return 2;
  }
  return RUN_ALL_TESTS();
}
