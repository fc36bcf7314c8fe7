#include "agent/act/fault/means.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "agent/act/cib.h"
#include "agent/act/fault/control_group.h"
#include "agent/act/fault/fencing.h"
#include "agent/act/fault/packet_filter.h"
#include "agent/act/fault/peers.h"
#include "agent/act/fault/unit_state.h"
#include "agent/act/outcome.h"

namespace jettyfleet {
namespace {

void Set(v1::Answer available, absl::string_view why, v1::FaultMean* mean) {
  mean->set_available(available);
  mean->set_why(OneLine(why));
}

// FailedPrecondition is a no; any other error is not knowing.
void Set(const absl::Status& status, v1::FaultMean* mean) {
  if (status.ok()) return Set(v1::ANSWER_YES, "", mean);
  Set(absl::IsFailedPrecondition(status) ? v1::ANSWER_NO : v1::ANSWER_UNSPECIFIED, status.message(), mean);
}

}  // namespace

Task<v1::ActionResult> LookAtFaultMeans(Tools& tools, HostPaths paths, std::string node, v1::LookAtFaultMeans act) {
  v1::ActionResult result = Done();
  v1::FaultMeans& means = *result.mutable_fault_means();
  const absl::Status filter = co_await CheckPacketFilter(tools);
  // A program that cannot be started is not there.
  Set(absl::IsUnavailable(filter) ? absl::FailedPreconditionError(filter.message()) : filter,
      means.mutable_packet_filter());
  const absl::StatusOr<UnitState> unit = co_await ReadRunningUnit(tools, act.unit());
  if (!unit.ok()) {
    Set(v1::ANSWER_UNSPECIFIED, unit.status().message(), means.mutable_freezer());
  } else if (ControlGroup(paths, unit->control_group).HasFreezer()) {
    Set(v1::ANSWER_YES, "", means.mutable_freezer());
  } else {
    Set(v1::ANSWER_NO, absl::StrCat(unit->control_group, " has no cgroup.freeze: its processes would be sent SIGSTOP"),
        means.mutable_freezer());
  }
  const absl::StatusOr<std::vector<std::string>> peers = co_await ReadPeers(tools);
  if (peers.ok()) {
    means.mutable_peers()->Assign(peers->begin(), peers->end());
  } else {
    means.set_peers_error(OneLine(absl::string_view(peers.status().message())));
  }
  const absl::Status starts = co_await CheckStartsAtBoot(tools);
  Set(starts, means.mutable_starts_at_boot());
  Cib cib(tools);
  const absl::StatusOr<CibDocument> document = co_await cib.Read();
  if (!document.ok()) {
    Set(v1::ANSWER_UNSPECIFIED, document.status().message(), means.mutable_fencing());
    co_return result;
  }
  const absl::Status fencing = co_await CheckFencing(tools, *document, node);
  Set(fencing, means.mutable_fencing());
  co_return result;
}

}  // namespace jettyfleet
