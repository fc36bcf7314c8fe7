// What is told of operations that have ended.
#include "coordinator/server/operation_desk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/testing/agent/fake_clock.h"
#include "tests/testing/journal/memory_history_store.h"
#include "tests/testing/journal/memory_journal.h"

namespace jettyfleet {
namespace {

class OperationDeskTest : public testing::Test {
 protected:
  OperationDeskTest() {
    Append(100, [](auto* record) { record->mutable_operation_began()->mutable_spec()->set_cluster("blue"); });
    Append(101, [](auto* record) { record->mutable_nodes_planned()->add_nodes("node-01"); });
    Append(102, [](auto* record) {
      record->mutable_step_entered()->set_node("node-01");
      record->mutable_step_entered()->set_step(v1::NODE_STEP_GATE);
    });
    Append(103, [](auto* record) { record->mutable_stop_requested()->set_reason("enough"); });
    Append(103, [](auto* record) { record->mutable_node_ended()->mutable_report()->set_node("node-01"); });
    Append(104, [](auto* record) { record->mutable_operation_ended()->set_state(v1::OPERATION_STATE_ABORTED); });
    history_.seconds["d-1"].resize(2);
    history_.seconds["d-1"][1].set_requests(7);
  }

  template <typename Fill>
  void Append(int64_t at, Fill fill) {
    std::vector<v1::JournalRecord> records(1);
    records[0].set_cluster("blue");
    records[0].set_operation_id("d-1");
    records[0].mutable_at()->set_seconds(at);
    fill(&records[0]);
    ASSERT_TRUE(journal_.Append(&records, RecordUse::kOrdinary).ok());
  }

  FakeClock clock_;
  CoreLoop core_{clock_};
  Registry registry_{"uuid-1", 7, "elsewhere"};
  MemoryJournal journal_;
  MemoryHistoryStore history_;
  AgentDesk agents_{core_, registry_, clock_, "fleet", "uuid-1", 7, {}};
  OperationDesk desk_{core_,  registry_, agents_, journal_, history_, clock_, [](const std::string&) { return ""; },
                      nullptr};
  v1::OperationReport report_;
};

TEST_F(OperationDeskTest, SecondsAndMarksOnlyWhereTheyAreAskedFor) {
  ASSERT_TRUE(desk_.Get("", "d-1", &report_).ok());
  EXPECT_EQ(report_.state(), v1::OPERATION_STATE_ABORTED);
  EXPECT_FALSE(report_.has_seconds());
  // The newest of its cluster.
  ASSERT_TRUE(desk_.GetWithSeconds("blue", "", &report_).ok());
  EXPECT_EQ(report_.id(), "d-1");
  ASSERT_EQ(report_.seconds().rows_size(), 2);
  EXPECT_EQ(report_.seconds().rows(1).requests(), 7u);
  ASSERT_EQ(report_.seconds().marks_size(), 1);
  EXPECT_EQ(report_.seconds().marks(0).node(), "node-01");
  EXPECT_EQ(report_.seconds().marks(0).at().seconds(), 102);
}

TEST_F(OperationDeskTest, NoneWereKept) {
  history_.seconds.clear();
  ASSERT_TRUE(desk_.GetWithSeconds("", "d-1", &report_).ok());
  EXPECT_TRUE(report_.has_seconds());
  EXPECT_EQ(report_.seconds().rows_size(), 0);
}

TEST_F(OperationDeskTest, DamagedSecondsAreAnErrorOnlyWhereTheyAreAskedFor) {
  history_.failure = absl::DataLossError("damaged: ask without it");
  EXPECT_TRUE(desk_.Get("", "d-1", &report_).ok());
  const grpc::Status status = desk_.GetWithSeconds("", "d-1", &report_);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::DATA_LOSS);
  EXPECT_EQ(status.error_message(), "damaged: ask without it");
}

TEST_F(OperationDeskTest, NoSuchOperation) {
  for (const auto& [cluster, id] : {std::pair{"", "d-2"}, {"red", "d-1"}}) {
    EXPECT_EQ(desk_.Get(cluster, id, &report_).error_code(), grpc::StatusCode::NOT_FOUND) << cluster << id;
    EXPECT_EQ(desk_.GetWithSeconds(cluster, id, &report_).error_code(), grpc::StatusCode::NOT_FOUND) << cluster << id;
  }
}

}  // namespace
}  // namespace jettyfleet
