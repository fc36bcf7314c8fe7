#include "coordinator/runner/operation_runner.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/log.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

// A decision goes no further than what has to be durable first, so a long way takes several; a drill's longest is far
// below this.
constexpr int kMostDecisionsPerStep = 200;

// How often records that the journal did not take are offered to it again.
constexpr absl::Duration kJournalRetry = absl::Seconds(5);

// Undo records may use the journal's reserve, and so may all that an operation writes once it only restores.
RecordUse UseOf(const Operation& operation, const std::vector<v1::JournalRecord>& records) {
  const bool undoes = std::any_of(records.begin(), records.end(), [](const v1::JournalRecord& record) {
    return record.has_stop_requested() || (record.has_action_issued() && record.action_issued().undo());
  });
  return operation.stop.has_value() || undoes ? RecordUse::kUndo : RecordUse::kOrdinary;
}

}  // namespace

OperationRunner::OperationRunner(Journal& journal, Dispatcher& dispatcher, const Clock& clock, Decider decide)
    : journal_(journal), dispatcher_(dispatcher), clock_(clock), decide_(std::move(decide)) {}

absl::Status OperationRunner::Begin(v1::JournalRecord operation_began) {
  // Tried first on a copy: a record that cannot be applied must not become durable.
  Operation operation;
  absl::Status status = Apply(operation_began, &operation);
  if (!status.ok()) return status;
  std::vector<v1::JournalRecord> records = {std::move(operation_began)};
  status = journal_.Append(&records, RecordUse::kOrdinary);
  if (!status.ok()) return status;
  operation_ = std::move(operation);
  return absl::OkStatus();
}

absl::Status OperationRunner::Resume(const std::vector<v1::JournalRecord>& records, const std::string& coordinator_uuid,
                                     uint64_t epoch) {
  const absl::Status applied = ApplyAll(records);
  if (!applied.ok()) return applied;
  if (operation_.end.has_value()) return absl::OkStatus();
  v1::JournalRecord resumed;
  *resumed.mutable_at() = ToProto(clock_.WallNow());
  resumed.set_cluster(operation_.cluster);
  resumed.set_operation_id(operation_.id);
  resumed.set_who(absl::StrCat("coordinator ", coordinator_uuid));
  resumed.set_why("taken up again from the journal");
  resumed.mutable_operation_resumed()->set_coordinator(coordinator_uuid);
  resumed.mutable_operation_resumed()->set_epoch(epoch);
  std::vector<v1::JournalRecord> batch = {std::move(resumed)};
  if (!MakeDurable(&batch, RecordUse::kUndo)) unwritten_ = batch;
  return ApplyAll(batch);
}

absl::Status OperationRunner::Step(const ClusterView& view) {
  for (int i = 0; i < kMostDecisionsPerStep; ++i) {
    Decision decision = decide_(operation_, view, clock_.WallNow());
    const bool more = !decision.records.empty();
    bool only_undo = false;
    if (more) {
      const RecordUse use = UseOf(operation_, decision.records);
      const bool stopped = operation_.stop.has_value();
      if (!MakeDurable(&decision.records, use)) {
        const bool stops = std::any_of(decision.records.begin(), decision.records.end(),
                                       [](const v1::JournalRecord& record) { return record.has_stop_requested(); });
        if (!stopped && !stops) {
          // Without a record no act may leave, so this decision is dropped and the operation only restores from now on.
          const absl::Status status = StopForJournal(view, last_failure_);
          if (!status.ok()) return status;
          continue;
        }
        only_undo = true;
        unwritten_.insert(unwritten_.end(), decision.records.begin(), decision.records.end());
      }
      const absl::Status status = ApplyAll(decision.records);
      if (!status.ok()) return status;
    }
    SendOut(decision, only_undo);
    if (more) continue;
    if (!unwritten_.empty()) {
      std::vector<v1::JournalRecord> none;
      if (!MakeDurable(&none, RecordUse::kUndo)) {
        const absl::Time again = clock_.WallNow() + kJournalRetry;
        decision.wake_at = std::min(decision.wake_at.value_or(again), again);
      }
    }
    if (decision.wake_at.has_value()) dispatcher_.WakeAt(operation_.id, *decision.wake_at);
    return absl::OkStatus();
  }
  return absl::InternalError(
      absl::StrCat("operation ", operation_.id, " decided ", kMostDecisionsPerStep,
                   " times without coming to rest; this is a bug, its leases end by themselves"));
}

bool OperationRunner::MakeDurable(std::vector<v1::JournalRecord>* records, RecordUse use) {
  std::vector<v1::JournalRecord> batch = unwritten_;
  batch.insert(batch.end(), records->begin(), records->end());
  if (batch.empty()) return true;
  const bool took_the_last = last_failure_.ok();
  last_failure_ = journal_.Append(&batch, use);
  if (!last_failure_.ok()) {
    // Once, and not for every record that follows.
    if (took_the_last) {
      LogError(absl::StrCat("operation ", operation_.id, ": the journal takes no record: ", last_failure_.ToString()));
    }
    return false;
  }
  if (!took_the_last) LogInfo(absl::StrCat("operation ", operation_.id, ": the journal takes records again"));
  records->assign(batch.begin() + unwritten_.size(), batch.end());
  unwritten_.clear();
  return true;
}

absl::Status OperationRunner::ApplyAll(const std::vector<v1::JournalRecord>& records) {
  for (const v1::JournalRecord& record : records) {
    const absl::Status status = Apply(record, &operation_);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status OperationRunner::StopForJournal(const ClusterView& view, const absl::Status& failure) {
  v1::JournalRecord stop;
  *stop.mutable_at() = ToProto(clock_.WallNow());
  stop.set_cluster(operation_.cluster);
  stop.set_operation_id(operation_.id);
  stop.set_who(absl::StrCat("coordinator ", view.coordinator_uuid));
  const std::string reason =
      absl::StrCat("the journal takes no more records (", std::string(failure.message()), "); make room on its disk");
  stop.set_why(reason);
  stop.mutable_stop_requested()->set_cause(v1::StopRequested::CAUSE_ACTION_FAILED);
  stop.mutable_stop_requested()->set_reason(reason);
  std::vector<v1::JournalRecord> batch = {std::move(stop)};
  if (!MakeDurable(&batch, RecordUse::kUndo)) unwritten_.insert(unwritten_.end(), batch.begin(), batch.end());
  return ApplyAll(batch);
}

void OperationRunner::SendOut(const Decision& decision, bool only_undo) {
  for (const SendAction& action : decision.actions) {
    if (only_undo && !action.undo) continue;
    dispatcher_.Send(action);
  }
  for (const ObserveHost& observe : decision.observe) dispatcher_.Observe(observe);
  for (const TrafficCommand& command : decision.traffic) dispatcher_.Traffic(command);
}

absl::StatusOr<std::vector<std::vector<v1::JournalRecord>>> UnfinishedOperations(const Journal& journal) {
  std::map<std::string, std::vector<v1::JournalRecord>> unfinished;
  const absl::Status status = journal.Read(0, [&unfinished](const v1::JournalRecord& record) {
    if (record.operation_id().empty()) return true;
    if (record.has_operation_began()) {
      unfinished[record.operation_id()].push_back(record);
    } else if (record.has_operation_ended()) {
      unfinished.erase(record.operation_id());
    } else if (const auto found = unfinished.find(record.operation_id()); found != unfinished.end()) {
      found->second.push_back(record);
    }
    return true;
  });
  if (!status.ok()) return status;
  std::vector<std::vector<v1::JournalRecord>> operations;
  for (auto& [id, records] : unfinished) operations.push_back(std::move(records));
  return operations;
}

}  // namespace jettyfleet
