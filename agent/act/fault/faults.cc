#include "agent/act/fault/faults.h"

#include "agent/act/fault/blackhole.h"
#include "agent/act/fault/cluster_daemon.h"
#include "agent/act/fault/fence_node.h"
#include "agent/act/fault/freeze.h"
#include "agent/act/fault/partition.h"
#include "agent/act/fault/unit_fault.h"
#include "agent/act/outcome.h"

namespace jettyfleet {

Task<v1::ActionResult> CarryFault(FaultHands& hands, v1::Action action) {
  switch (action.kind_case()) {
    case v1::Action::kStopUnit:
      co_return co_await StopUnit(hands, action.stop_unit());
    case v1::Action::kKillUnit:
      co_return co_await KillUnit(hands, action.kill_unit());
    case v1::Action::kFreezeUnit:
      co_return co_await FreezeUnit(hands, action.freeze_unit());
    case v1::Action::kBlackholePort:
      co_return co_await BlackholePort(hands, action.blackhole_port());
    case v1::Action::kPartitionNode:
      co_return co_await PartitionNode(hands, action.partition_node());
    case v1::Action::kKillDaemon:
      co_return co_await KillDaemon(hands, action.kill_daemon());
    case v1::Action::kFenceNode:
      co_return co_await FenceNode(hands, action.fence_node());
    default:
      break;
  }
  co_return Failed("an action that is no fault");
}

}  // namespace jettyfleet
