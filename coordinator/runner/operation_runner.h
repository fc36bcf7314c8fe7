// Carries out one operation: decides, makes the records durable, applies them, and only then lets the effects out. The
// order is the point: no action leaves before its record is on disk.
#ifndef JETTYFLEET_COORDINATOR_RUNNER_OPERATION_RUNNER_H_
#define JETTYFLEET_COORDINATOR_RUNNER_OPERATION_RUNNER_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/clock.h"
#include "coordinator/fleet/view.h"
#include "coordinator/journal/journal.h"
#include "coordinator/rolling/decide.h"
#include "coordinator/rolling/decision.h"
#include "coordinator/rolling/operation.h"
#include "coordinator/runner/dispatcher.h"

namespace jettyfleet {

// Core thread only; owned by whoever runs the cluster's operation, one for each operation. Borrows its constructor's
// arguments. It decides nothing itself, with one exception: when a record cannot be made durable it stops the
// operation, and undo goes on without the journal, on the strength of the act's own record.
class OperationRunner {
 public:
  using Decider = std::function<Decision(const Operation&, const ClusterView&, absl::Time)>;

  // `decide` is the engine (rolling/decide.h); a test may put another before it.
  OperationRunner(Journal& journal, Dispatcher& dispatcher, const Clock& clock, Decider decide = Decide);
  OperationRunner(const OperationRunner&) = delete;
  OperationRunner& operator=(const OperationRunner&) = delete;

  // Appends and applies the operation's first record. On error nothing has begun.
  absl::Status Begin(v1::JournalRecord operation_began);

  // Rebuilds the operation from its records, ascending, and takes it up: it is recorded that a coordinator did, and
  // nothing is sent before hosts have been observed anew. An error names the record that cannot be applied; one in
  // recording the resumption itself does not keep it from undoing what is in force.
  absl::Status Resume(const std::vector<v1::JournalRecord>& records, const std::string& coordinator_uuid,
                      uint64_t epoch);

  // Call after Begin or Resume, when the view changed, and at the time asked for by Dispatcher::WakeAt. Internal: the
  // engine does not come to rest; the operation is then left as it is.
  absl::Status Step(const ClusterView& view);

  const Operation& operation() const { return operation_; }
  bool ended() const { return operation_.end.has_value() && unwritten_.empty(); }

 private:
  // False: nothing of `decision` may go out but its undo actions.
  bool MakeDurable(std::vector<v1::JournalRecord>* records, RecordUse use);
  absl::Status ApplyAll(const std::vector<v1::JournalRecord>& records);
  absl::Status StopForJournal(const ClusterView& view, const absl::Status& failure);
  void SendOut(const Decision& decision, bool only_undo);

  Journal& journal_;
  Dispatcher& dispatcher_;
  const Clock& clock_;
  const Decider decide_;
  Operation operation_;
  // Applied, but not on disk: the journal had no room even for undo. Written in order as soon as it has.
  std::vector<v1::JournalRecord> unwritten_;
  absl::Status last_failure_;
};

// The records of every operation that has begun and not ended, by operation id. For a coordinator's start.
absl::StatusOr<std::vector<std::vector<v1::JournalRecord>>> UnfinishedOperations(const Journal& journal);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_RUNNER_OPERATION_RUNNER_H_
