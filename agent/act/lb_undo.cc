#include "agent/act/lb_undo.h"

#include "agent/act/lb_server.h"
#include "agent/act/lb_weight.h"

namespace jettyfleet {

Task<v1::ActionResult> UndoLbLease(Tools& tools, LeaseStore& leases, v1::LeaseRecord record) {
  if (record.lease().kind() == kLbWeightLease) co_return co_await UndoWeightLease(tools, leases, record);
  co_return co_await UndoServerLease(tools, leases, record);
}

}  // namespace jettyfleet
