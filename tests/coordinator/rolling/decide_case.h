// What the tests of single decisions share: a table's row, operations at a given step, a decision as text.
#ifndef JETTYFLEET_TESTS_COORDINATOR_ROLLING_DECIDE_CASE_H_
#define JETTYFLEET_TESTS_COORDINATOR_ROLLING_DECIDE_CASE_H_

#include <gtest/gtest.h>

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "coordinator/fleet/view.h"
#include "coordinator/rolling/decision.h"
#include "tests/coordinator/rolling/healthy_view.h"

namespace jettyfleet {

inline constexpr absl::Duration kNow = absl::Seconds(20);
inline constexpr char kLock[] = "d-1/lock/acquire/7.1";
inline constexpr char kAct[] = "d-1/node-01/act/7.1";
inline constexpr char kDrain[] = "d-1/node-01/drain-lb/7.1";
inline constexpr char kMaint[] = "d-1/node-01/maint-lb/7.1";

struct DecideCase {
  const char* name;
  std::vector<v1::JournalRecord> records;
  std::function<void(ClusterView*)> bend;  // what differs from a healthy view that was observed at `now`
  absl::Duration now;                      // after noon
  std::string decides;
};

inline void PrintTo(const DecideCase& decide, std::ostream* out) { *out << decide.name; }

// Decides, and expects what the case says; also what holds for every decision.
void ExpectDecision(const DecideCase& decide);

// What a decision amounts to, as text: records, then traffic.
std::string Show(const Decision& decision);

v1::JournalRecord LockIssued();
// An operation that has its lock and visits node-01, at `step` (LEAVE at most).
std::vector<v1::JournalRecord> Visiting(v1::NodeStep step);

// What the audits of node-01 compare with: a healthy view.
v1::JournalRecord BaselineTaken();

// What crm_simulate said of evicting node-01: its instance stops.
v1::JournalRecord PredictionTaken();

// Node-01's server is in `state` and holds so many sessions.
void Put(ClusterView* view, v1::LbServerFact::AdminState state, int sessions);
// Node-01 is out of rotation and its instance is gone.
void Leave(ClusterView* view);

}  // namespace jettyfleet

#endif  // JETTYFLEET_TESTS_COORDINATOR_ROLLING_DECIDE_CASE_H_
