// Runs many seeds of trouble through the real runner, engine and registry, and has the checker read each history.
//   --schedules=N  how many seeds: millions, where there is time
//   --first=S      the first of them; 1 without it
//   --jobs=N       how many at a time; as many as there are processors without it
//   --seed=S       this seed only, with its transcript
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "coordinator/rolling/scenario.h"
#include "tests/simulation/checker.h"
#include "tests/simulation/transcript.h"
#include "tests/simulation/trouble.h"

namespace jettyfleet {
namespace {

// Sanitizers make each schedule ten to fifty times as slow.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr uint64_t kUsual = 2'000;
#elif !defined(NDEBUG)
constexpr uint64_t kUsual = 20'000;
#else  // --config=release
constexpr uint64_t kUsual = 100'000;
#endif

uint64_t schedules = kUsual;
uint64_t first_seed = 1;
uint64_t only_seed = 0;
unsigned jobs = std::max(1u, std::thread::hardware_concurrency());

std::vector<std::string> RunSeed(uint64_t seed, bool show, std::map<std::string, int>* outcomes) {
  const SimSetup setup = SetupOf(seed);
  SimWorld world(setup);
  const int faults = PlanFaults(&world);
  world.Run();
  if (show) std::cout << Transcript(world.history(), SimWorld::Start());
  ++(*outcomes)[v1::OperationState_Name(world.outcome())];
  std::vector<std::string> violations = CheckHistory(world.history(), setup.coordinator_comes_back);
  if (faults > 0 || !IsCalm(setup.trouble)) return violations;
  // Where nothing goes wrong the drill passes. Not where an instance has to come back from a spare, where a node cannot
  // be fenced, or where the coordinator would go with it.
  const ScenarioTraits traits = TraitsOf(world.spec());
  const bool held_out = !traits.without_warning;
  const bool stays_away = setup.clone_max < setup.nodes && setup.return_policy == v1::RETURN_POLICY_REQUIRE;
  if (traits.may_fence && (stays_away || !setup.coordinator_node.empty() || world.cluster().fencing_fails > 0)) {
    return violations;
  }
  const v1::OperationState due = held_out && stays_away ? v1::OPERATION_STATE_FAILED : v1::OPERATION_STATE_PASSED;
  if (world.outcome() != due) {
    violations.push_back(absl::StrCat("calm: the outcome is ", v1::OperationState_Name(world.outcome())));
  }
  return violations;
}

// Takes seeds until all are done or one has failed. Threads share nothing but this.
struct Shared {
  std::atomic<uint64_t> next{first_seed};
  std::atomic<bool> failed{false};
  std::mutex mutex;
  std::map<std::string, int> outcomes;
  std::vector<std::string> failures;
};

void RunSome(Shared* shared) {
  std::map<std::string, int> outcomes;
  while (!shared->failed) {
    const uint64_t seed = shared->next++;
    if (seed >= first_seed + schedules) break;
    const std::vector<std::string> violations = RunSeed(seed, /*show=*/false, &outcomes);
    if (violations.empty()) continue;
    const std::lock_guard<std::mutex> lock(shared->mutex);
    shared->failed = true;
    shared->failures.push_back(absl::StrCat("seed ", seed, ": ", absl::StrJoin(violations, "\n"), "\nreproduce: ",
                                            "bazel run //tests/simulation:simulation_test -- --seed=", seed));
  }
  const std::lock_guard<std::mutex> lock(shared->mutex);
  for (const auto& [outcome, count] : outcomes) shared->outcomes[outcome] += count;
}

TEST(Simulation, NoScheduleBreaksAnInvariant) {
  if (only_seed > 0) {
    std::map<std::string, int> outcomes;
    const std::vector<std::string> violations = RunSeed(only_seed, /*show=*/true, &outcomes);
    EXPECT_TRUE(violations.empty()) << absl::StrJoin(violations, "\n");
    return;
  }
  const absl::Time start = absl::Now();
  Shared shared;
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < jobs; ++i) threads.emplace_back(RunSome, &shared);
  for (std::thread& thread : threads) thread.join();
  ASSERT_TRUE(shared.failures.empty()) << absl::StrJoin(shared.failures, "\n");
  std::cout << schedules << " schedules in " << absl::Now() - start << ":";
  for (const auto& [outcome, count] : shared.outcomes) std::cout << " " << outcome << " " << count;
  std::cout << "\n";
  // A simulation in which hardly anything passes, or hardly anything fails, would show little.
  EXPECT_GT(shared.outcomes["OPERATION_STATE_PASSED"], static_cast<int>(schedules / 10));
  EXPECT_GT(shared.outcomes["OPERATION_STATE_FAILED"], static_cast<int>(schedules / 20));
}

}  // namespace
}  // namespace jettyfleet

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  for (int i = 1; i < argc; ++i) {
    absl::string_view argument = argv[i];
    if (absl::ConsumePrefix(&argument, "--schedules=") && absl::SimpleAtoi(argument, &jettyfleet::schedules)) continue;
    if (absl::ConsumePrefix(&argument, "--seed=") && absl::SimpleAtoi(argument, &jettyfleet::only_seed)) continue;
    if (absl::ConsumePrefix(&argument, "--first=") && absl::SimpleAtoi(argument, &jettyfleet::first_seed)) continue;
    if (absl::ConsumePrefix(&argument, "--jobs=") && absl::SimpleAtoi(argument, &jettyfleet::jobs)) continue;
    std::cerr << "unknown argument " << argv[i] << "; known are --schedules=N, --first=S, --jobs=N and --seed=S\n";
    return 2;
  }
  // What the runner logs of so many schedules is nobody's reading.
  if (jettyfleet::only_seed == 0 && std::freopen("/dev/null", "w", stderr) == nullptr) return 2;
  return RUN_ALL_TESTS();
}
