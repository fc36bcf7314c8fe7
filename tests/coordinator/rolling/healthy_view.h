// A view in which a drill may go on: three nodes, DC node-02, one load balancer, everything observed just now. Tests
// bend it where they want it bent.
#ifndef JETTYFLEET_TESTS_COORDINATOR_ROLLING_HEALTHY_VIEW_H_
#define JETTYFLEET_TESTS_COORDINATOR_ROLLING_HEALTHY_VIEW_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "coordinator/fleet/view.h"
#include "coordinator/rolling/operation.h"

namespace jettyfleet {

inline constexpr char kOperation[] = "d-1";

absl::Time Noon();

ClusterView HealthyView(absl::Time now = Noon());

v1::DrillSpec EvictSpec();

// Applies the records to an operation, giving them its name and a time each: `at` and a second more for each next one.
// A test that makes impossible records fails here.
Operation OperationFrom(std::vector<v1::JournalRecord> records, absl::Time at);

// Records to make operations of.
v1::JournalRecord Began();
v1::JournalRecord Planned(const std::vector<std::string>& nodes);
v1::JournalRecord Entered(const std::string& node, v1::NodeStep step);
v1::JournalRecord Reached(const std::string& node, v1::NodeStep step);
v1::JournalRecord Issued(const std::string& id, const std::string& host, const std::string& node, v1::Action action,
                         bool undo, absl::Time at);
v1::JournalRecord EndedWith(const std::string& id, v1::ActionResult::Outcome outcome);
v1::JournalRecord Unanswered(const std::string& id);
v1::JournalRecord Stopped(v1::StopRequested::Cause cause);
v1::JournalRecord Paused(const std::string& by);
v1::JournalRecord Continued(const std::string& by);

// Actions as the engine makes them.
v1::Action LockAction();
v1::Action EvictAction(const std::string& node, absl::Duration hold);
v1::Action ServerAction(const std::string& node, v1::LbServerFact::AdminState state);

// What a node says that has nothing of ours left.
v1::Leftovers NothingLeft();

// Makes the lock of `kOperation` stand in every CIB of the view.
void PutLock(ClusterView* view);
v1::LbServerFact* Server(ClusterView* view, const std::string& node);
v1::ClusterFact* Dc(ClusterView* view);
// The same change in what every node sees.
template <typename Change>
void InEveryView(ClusterView* view, Change change) {
  for (auto& [name, host] : view->nodes) change(host.report.mutable_cluster());
}

}  // namespace jettyfleet

#endif  // JETTYFLEET_TESTS_COORDINATOR_ROLLING_HEALTHY_VIEW_H_
