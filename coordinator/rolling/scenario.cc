#include "coordinator/rolling/scenario.h"

namespace jettyfleet {

ScenarioTraits TraitsOf(v1::Scenario scenario) {
  switch (scenario) {
    case v1::SCENARIO_EVICT:
    case v1::SCENARIO_STANDBY:
    case v1::SCENARIO_ROLLOUT:
      return {.known = true};
    case v1::SCENARIO_UNIT_STOP:
    case v1::SCENARIO_UNIT_KILL:
      return {.known = true, .without_warning = true, .leaves_failure = true};
    case v1::SCENARIO_UNIT_FREEZE:
    case v1::SCENARIO_PORT_BLACKHOLE:
      return {.known = true, .without_warning = true, .leased_on_node = true};
    default:
      return {};
  }
}

}  // namespace jettyfleet
