#include "common/drill/scenarios.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace jettyfleet {
namespace {

TEST(ScenariosTest, EachOfTheProtocolIsDefinedOnce) {
  const auto* const values = v1::Scenario_descriptor();
  std::set<std::string> names;
  for (int i = 0; i < values->value_count(); ++i) {
    const auto scenario = static_cast<v1::Scenario>(values->value(i)->number());
    // A rollout visits nodes as a drill does, and is none.
    if (scenario == v1::SCENARIO_UNSPECIFIED || scenario == v1::SCENARIO_ROLLOUT) continue;
    const ScenarioDefinition* const definition = FindScenario(scenario);
    ASSERT_NE(definition, nullptr) << values->value(i)->name();
    EXPECT_TRUE(names.insert(definition->name).second) << definition->name;
    for (const char* const text :
         {definition->happens, definition->never, definition->ended_by, definition->expected}) {
      EXPECT_FALSE(std::string(text).empty()) << definition->name;
    }
  }
  EXPECT_EQ(Scenarios().size(), names.size());
}

TEST(ScenariosTest, EachDaemonHasAName) {
  const auto* const values = v1::KillDaemon::Daemon_descriptor();
  for (int i = 0; i < values->value_count(); ++i) {
    const auto daemon = static_cast<v1::KillDaemon::Daemon>(values->value(i)->number());
    EXPECT_EQ(std::string(DaemonName(daemon)).empty(), daemon == v1::KillDaemon::DAEMON_UNSPECIFIED);
  }
}

}  // namespace
}  // namespace jettyfleet
