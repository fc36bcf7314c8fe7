#include "coordinator/rolling/scenario.h"

namespace jettyfleet {

ScenarioTraits TraitsOf(const v1::DrillSpec& spec) {
  switch (spec.scenario()) {
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
    case v1::SCENARIO_PEER_PARTITION:
      return {.known = true, .without_warning = true, .leased_on_node = true, .may_fence = true, .takes_node = true};
    case v1::SCENARIO_NODE_CRASH:
      return {.known = true, .without_warning = true, .may_fence = true, .takes_node = true};
    case v1::SCENARIO_DAEMON_KILL:
    case v1::SCENARIO_DC_LOSS: {
      const bool by_crash = spec.daemon() == v1::KillDaemon::DAEMON_UNSPECIFIED;
      return {.known = true,
              .without_warning = true,
              .may_fence = true,
              .takes_node = by_crash || spec.daemon() == v1::KillDaemon::DAEMON_COROSYNC,
              .aimed_at_dc = spec.scenario() == v1::SCENARIO_DC_LOSS};
    }
    default:
      return {};
  }
}

}  // namespace jettyfleet
