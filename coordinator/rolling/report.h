// What operators are told about an operation, built from its records and, while it runs, from the view's traffic. Pure.
#ifndef JETTYFLEET_COORDINATOR_ROLLING_REPORT_H_
#define JETTYFLEET_COORDINATOR_ROLLING_REPORT_H_

#include <string>
#include <vector>

#include "coordinator/fleet/view.h"
#include "coordinator/rolling/operation.h"
#include "proto/operation.pb.h"

namespace jettyfleet {

v1::OperationReport Report(const Operation& operation, const ClusterView& view);

// One visit, as far as it has come. `ended_at` and `problem` are the caller's to say.
v1::NodeReport BuildNodeReport(const Operation& operation, const NodeVisit& visit, const ClusterView& view);

// How an operation that is over came out.
v1::OperationState Outcome(const Operation& operation);

// What the numbers do not say: sessions in memory, a restarted coordinator, traffic that was not measured.
std::vector<std::string> Remarks(const Operation& operation, const ClusterView& view,
                                 const v1::TrafficSummary& traffic);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_ROLLING_REPORT_H_
