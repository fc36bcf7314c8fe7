#include "agent/act/host_undo.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/act/fault/fault_undo.h"
#include "agent/act/lb_server.h"
#include "agent/act/lb_weight.h"

namespace jettyfleet {

Task<v1::ActionResult> UndoHostLease(Tools& tools, LeaseStore& leases, HostPaths paths, v1::LeaseRecord record) {
  if (IsFaultLease(record.lease())) co_return co_await UndoFaultLease(tools, leases, std::move(paths), record);
  if (record.lease().kind() == kLbWeightLease) co_return co_await UndoWeightLease(tools, leases, record);
  co_return co_await UndoServerLease(tools, leases, record);
}

std::string DescribeHostLease(const v1::LeaseFact& lease) {
  if (lease.kind() == kUnitFreezeLease) return absl::StrCat("frozen unit ", lease.target());
  if (lease.kind() == kPortBlackholeLease) return absl::StrCat("blackhole of ", lease.target());
  if (lease.kind() == kPeerPartitionLease) return absl::StrCat("partition from ", lease.target());
  return absl::StrCat("server ", lease.target());
}

}  // namespace jettyfleet
