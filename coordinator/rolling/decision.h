// What the rolling engine wants done next, as plain data.
#ifndef JETTYFLEET_COORDINATOR_ROLLING_DECISION_H_
#define JETTYFLEET_COORDINATOR_ROLLING_DECISION_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "proto/action.pb.h"
#include "proto/journal.pb.h"

namespace jettyfleet {

// Its ActionIssued record stands before it in the same decision's `records`, except in a restoration (restore.h).
struct SendAction {
  std::string host;
  v1::Action action;
  bool undo = false;
};

// Read these again on that host. Needs no record; the dispatcher drops it while one at least as wide is in flight.
struct ObserveHost {
  std::string host;
  bool cluster = false;
  bool cib = false;
  bool units = false;
  bool http = false;
  bool lb_servers = false;
};

struct TrafficCommand {
  enum Kind { kStart, kWindow, kStop };
  Kind kind = kStart;
  std::string window;  // kWindow only; empty ends the current window
};

struct Decision {
  std::vector<v1::JournalRecord> records;  // durable before any action leaves
  std::vector<SendAction> actions;
  std::vector<ObserveHost> observe;
  std::vector<TrafficCommand> traffic;
  // Decide again then at the latest, even if nothing changed.
  std::optional<absl::Time> wake_at;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_ROLLING_DECISION_H_
