#include "agent/act/fault/fault_undo.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/act/fault/control_group.h"
#include "agent/act/fault/packet_filter.h"
#include "agent/act/fault/stand_still.h"
#include "agent/act/outcome.h"
#include "agent/act/timed_lease.h"

namespace jettyfleet {
namespace {

absl::Status LetUnitRun(const HostPaths& paths, const v1::LeaseRecord& record) {
  if (!IsServiceGroup(record.control_group())) {
    return absl::DataLossError(absl::StrCat("the record of lease ", record.lease().id(),
                                            " names no service's control group; see docs/runbook.md"));
  }
  return LetRun(ControlGroup(paths, record.control_group()), record.stopped_by_signal());
}

}  // namespace

Task<v1::ActionResult> UndoFaultLease(Tools& tools, LeaseStore& leases, HostPaths paths, v1::LeaseRecord record) {
  absl::Status undone;
  if (record.lease().kind() == kUnitFreezeLease) {
    undone = LetUnitRun(paths, record);
  } else {
    undone = co_await RemoveTable(tools, record.lease().id());
  }
  if (!undone.ok()) co_return ResultOf(undone);
  co_await EndTimedLease(tools, leases, record);
  co_return Done();
}

Task<v1::ActionResult> UndoFault(Tools& tools, LeaseStore& leases, HostPaths paths, std::string lease_id) {
  const v1::LeaseRecord* const found = leases.Find(lease_id);
  if (found == nullptr) co_return Done();
  if (!IsFaultLease(found->lease())) {
    co_return Refused(absl::StrCat("lease ", lease_id, " is no fault's: it is of kind ", found->lease().kind()));
  }
  co_return co_await UndoFaultLease(tools, leases, std::move(paths), *found);
}

Task<v1::ActionResult> TakeBack(Tools& tools, LeaseStore& leases, HostPaths paths, v1::LeaseRecord record,
                                absl::Status why) {
  const v1::ActionResult undone = co_await UndoFaultLease(tools, leases, std::move(paths), record);
  const bool back = undone.outcome() == v1::ActionResult::OUTCOME_DONE;
  const std::string what_of_it =
      back ? std::string("it was taken back")
           : absl::StrCat("it could not be taken back yet (", undone.message(), "), its timer will try again");
  co_return ResultOf(absl::Status(why.code(), absl::StrCat(why.message(), "; ", what_of_it)));
}

}  // namespace jettyfleet
