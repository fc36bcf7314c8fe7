#include "coordinator/runner/operation_runner.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/proto_time.h"
#include "tests/coordinator/rolling/healthy_view.h"
#include "tests/testing/journal/memory_journal.h"

namespace jettyfleet {
namespace {

class FixedClock final : public Clock {
 public:
  absl::Time WallNow() const override { return now; }
  absl::Duration MonotonicNow() const override { return now - Noon(); }
  absl::Time now = Noon();
};

// Keeps what was sent, and whether its record was durable at that moment.
class RecordingDispatcher final : public Dispatcher {
 public:
  explicit RecordingDispatcher(const MemoryJournal& journal) : journal_(journal) {}

  void Send(const SendAction& action) override {
    sent.push_back(action.action.id());
    bool durable = false;
    for (const v1::JournalRecord& record : journal_.records()) {
      durable = durable || record.action_issued().action().id() == action.action.id();
    }
    all_were_durable = all_were_durable && durable;
  }
  void Observe(const ObserveHost& /*observe*/) override {}
  void Traffic(const TrafficCommand& /*command*/) override {}
  void WakeAt(const std::string& operation_id, absl::Time time) override {
    EXPECT_EQ(operation_id, kOperation);
    wake_at = time;
  }

  std::vector<std::string> sent;
  bool all_were_durable = true;
  absl::Time wake_at = absl::InfinitePast();

 private:
  const MemoryJournal& journal_;
};

v1::JournalRecord BeganRecord() {
  v1::JournalRecord record = Began();
  record.set_cluster("c");
  record.set_operation_id(kOperation);
  *record.mutable_at() = ToProto(Noon());
  return record;
}

class OperationRunnerTest : public testing::Test {
 protected:
  // As its agents would answer.
  void Answer(const std::string& id, v1::ActionResult::Outcome outcome) {
    v1::ActionResult result;
    result.set_action_id(id);
    result.set_outcome(outcome);
    *result.mutable_began_at() = ToProto(clock_.now);
    *result.mutable_ended_at() = ToProto(clock_.now);
    view_.results[id] = result;
  }
  // Time goes on, and everything is observed anew.
  void Pass(absl::Duration time) {
    clock_.now += time;
    const std::map<std::string, v1::ActionResult> results = view_.results;
    const v1::HostReport lb = view_.load_balancers["lb-01"].report;
    view_ = HealthyView(clock_.now);
    view_.results = results;
    view_.load_balancers["lb-01"].report = lb;
  }
  void Step(OperationRunner* runner) {
    const absl::Status status = runner->Step(view_);
    EXPECT_TRUE(status.ok()) << status;
  }
  // Brings a new operation to where node-01's server has been told to drain, and was seen to.
  void BringToDrain(OperationRunner* runner) {
    ASSERT_TRUE(runner->Begin(BeganRecord()).ok());
    Step(runner);
    Answer("d-1/lock/acquire/7.1", v1::ActionResult::OUTCOME_DONE);
    Step(runner);
    Pass(absl::Seconds(1));
    Step(runner);
    // What the audits compare with.
    for (const char* const node : {"node-01", "node-02", "node-03"}) {
      const std::string id = absl::StrCat("d-1/node-01/before-", node, "/7.1");
      Answer(id, v1::ActionResult::OUTCOME_DONE);
      *view_.results[id].mutable_leftovers() = NothingLeft();
    }
    Answer("d-1/node-01/predict/7.1", v1::ActionResult::OUTCOME_DONE);
    Pass(absl::Seconds(6));
    Step(runner);
    ASSERT_EQ(dispatcher_.sent.back(), "d-1/node-01/drain-lb/7.1");
    Answer("d-1/node-01/drain-lb/7.1", v1::ActionResult::OUTCOME_DONE);
    Server(&view_, "node-01")->set_admin_state(v1::LbServerFact::ADMIN_STATE_DRAIN);
    Server(&view_, "node-01")->set_current_sessions(1);
    Step(runner);
  }

  MemoryJournal journal_;
  RecordingDispatcher dispatcher_{journal_};
  FixedClock clock_;
  ClusterView view_ = HealthyView();
};

TEST_F(OperationRunnerTest, PersistsBeforeItSends) {
  OperationRunner runner(journal_, dispatcher_, clock_);
  BringToDrain(&runner);
  EXPECT_TRUE(dispatcher_.all_were_durable);
  EXPECT_EQ(dispatcher_.sent,
            (std::vector<std::string>{"d-1/lock/acquire/7.1", "d-1/node-01/before-node-01/7.1",
                                      "d-1/node-01/before-node-02/7.1", "d-1/node-01/before-node-03/7.1",
                                      "d-1/node-01/predict/7.1", "d-1/node-01/drain-lb/7.1"}));
  EXPECT_GT(dispatcher_.wake_at, clock_.now);
}

TEST_F(OperationRunnerTest, RefusesABeginningThatCannotBeApplied) {
  OperationRunner runner(journal_, dispatcher_, clock_);
  v1::JournalRecord record = BeganRecord();
  record.set_operation_id("not/an/id");
  EXPECT_EQ(runner.Begin(record).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(journal_.records().empty());
}

TEST_F(OperationRunnerTest, ABeginningWithoutARecordIsNone) {
  OperationRunner runner(journal_, dispatcher_, clock_);
  journal_.set_room(MemoryJournal::Room::kOnlyReserve);
  EXPECT_EQ(runner.Begin(BeganRecord()).code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(runner.operation().id.empty());
}

TEST_F(OperationRunnerTest, AFullDiskStopsAndUndoUsesTheReserve) {
  OperationRunner runner(journal_, dispatcher_, clock_);
  BringToDrain(&runner);
  journal_.set_room(MemoryJournal::Room::kOnlyReserve);
  // The next thing to record is that the drain is over.
  Pass(absl::Seconds(11));
  Step(&runner);
  ASSERT_TRUE(runner.operation().stop.has_value());
  EXPECT_NE(runner.operation().stop->reason().find("the disk is full"), std::string::npos);
  Pass(absl::Seconds(1));
  Step(&runner);
  Pass(absl::Seconds(1));
  Step(&runner);
  EXPECT_EQ(dispatcher_.sent.back(), "d-1/node-01/ready-lb/7.1");
  EXPECT_TRUE(dispatcher_.all_were_durable);
}

TEST_F(OperationRunnerTest, UndoNeedsNoRoomAtAll) {
  OperationRunner runner(journal_, dispatcher_, clock_);
  BringToDrain(&runner);
  const uint64_t durable = journal_.LastSequence();
  journal_.set_room(MemoryJournal::Room::kNone);
  Pass(absl::Seconds(11));
  for (int i = 0; i < 3; ++i) {
    Step(&runner);
    Pass(absl::Seconds(1));
  }
  EXPECT_EQ(dispatcher_.sent.back(), "d-1/node-01/ready-lb/7.1") << "the act's record authorises it";
  EXPECT_EQ(journal_.LastSequence(), durable);

  Answer("d-1/node-01/ready-lb/7.1", v1::ActionResult::OUTCOME_DONE);
  Server(&view_, "node-01")->set_admin_state(v1::LbServerFact::ADMIN_STATE_READY);
  // Nobody can be asked to look what is left, since that is no undo: the audit at the end loses its patience.
  for (int i = 0; i < 4; ++i) {
    Pass(absl::Seconds(i == 2 ? 31 : 1));
    Step(&runner);
  }
  EXPECT_EQ(dispatcher_.sent.back(), "d-1/lock/release/7.1");
  Answer("d-1/lock/release/7.1", v1::ActionResult::OUTCOME_DONE);
  Step(&runner);
  EXPECT_TRUE(runner.operation().end.has_value());
  EXPECT_FALSE(runner.ended()) << "what was applied is not written yet";

  journal_.set_room(MemoryJournal::Room::kPlenty);
  Step(&runner);
  EXPECT_TRUE(runner.ended());
  // What could not be written is, in order: the journal tells the whole story again.
  Operation replayed;
  for (const v1::JournalRecord& record : journal_.records()) ASSERT_TRUE(Apply(record, &replayed).ok());
  EXPECT_TRUE(replayed.end.has_value());
  EXPECT_EQ(replayed.end->state(), v1::OPERATION_STATE_FAILED);
}

TEST_F(OperationRunnerTest, NoActLeavesOnAFullDisk) {
  OperationRunner runner(journal_, dispatcher_, clock_);
  ASSERT_TRUE(runner.Begin(BeganRecord()).ok());
  journal_.set_room(MemoryJournal::Room::kNone);
  Step(&runner);
  EXPECT_TRUE(dispatcher_.sent.empty());
  EXPECT_TRUE(runner.operation().stop.has_value());
}

TEST_F(OperationRunnerTest, ResumesFromTheJournal) {
  {
    OperationRunner runner(journal_, dispatcher_, clock_);
    BringToDrain(&runner);
  }
  const auto unfinished = UnfinishedOperations(journal_);
  ASSERT_TRUE(unfinished.ok());
  ASSERT_EQ(unfinished->size(), 1u);
  OperationRunner runner(journal_, dispatcher_, clock_);
  ASSERT_TRUE(runner.Resume(unfinished->front(), "uuid-1", 8).ok());
  EXPECT_EQ(runner.operation().resumes, 1);
  EXPECT_TRUE(journal_.records().back().has_operation_resumed());
  EXPECT_EQ(runner.operation().Current()->step, v1::NODE_STEP_DRAIN);
}

TEST_F(OperationRunnerTest, ResumesOnAFullDiskToo) {
  {
    OperationRunner runner(journal_, dispatcher_, clock_);
    BringToDrain(&runner);
  }
  journal_.set_room(MemoryJournal::Room::kNone);
  OperationRunner runner(journal_, dispatcher_, clock_);
  ASSERT_TRUE(runner.Resume(UnfinishedOperations(journal_)->front(), "uuid-1", 8).ok());
  EXPECT_EQ(runner.operation().resumes, 1);
}

TEST_F(OperationRunnerTest, ResumingWhatDoesNotFollowSaysWhichRecord) {
  std::vector<v1::JournalRecord> records = {BeganRecord(), EndedWith("x/1", v1::ActionResult::OUTCOME_DONE)};
  records[1].set_operation_id(kOperation);
  records[1].set_sequence(42);
  OperationRunner runner(journal_, dispatcher_, clock_);
  const absl::Status status = runner.Resume(records, "uuid-1", 8);
  EXPECT_NE(std::string(status.message()).find("record 42"), std::string::npos) << status;
}

TEST(UnfinishedOperations, LeavesOutWhatHasEnded) {
  MemoryJournal journal;
  v1::JournalRecord ended;
  ended.set_operation_id(kOperation);
  ended.mutable_operation_ended();
  v1::JournalRecord other = BeganRecord();
  other.set_operation_id("d-2");
  v1::JournalRecord event;
  event.mutable_host_event();
  std::vector<v1::JournalRecord> records = {BeganRecord(), event, other, ended};
  ASSERT_TRUE(journal.Append(&records, RecordUse::kOrdinary).ok());
  const auto unfinished = UnfinishedOperations(journal);
  ASSERT_TRUE(unfinished.ok());
  ASSERT_EQ(unfinished->size(), 1u);
  EXPECT_EQ(unfinished->front().front().operation_id(), "d-2");
}

}  // namespace
}  // namespace jettyfleet
