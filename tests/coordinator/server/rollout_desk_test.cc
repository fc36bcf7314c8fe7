#include "coordinator/server/rollout_desk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "common/proto_time.h"
#include "tests/coordinator/archive/archive_store.h"
#include "tests/coordinator/rolling/ended_rollout.h"
#include "tests/coordinator/rolling/healthy_view.h"
#include "tests/testing/journal/memory_history_store.h"
#include "tests/testing/journal/memory_journal.h"

namespace jettyfleet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

// A coordinator's core with one described cluster, "c", and one archive, app 2.
class RolloutDeskTest : public testing::Test {
 protected:
  RolloutDeskTest() {
    EXPECT_TRUE(store_.Push(HeaderOf("2", zip_), zip_).ok());
    operations_.set_follower([this](const Operation& operation) { rollouts_.OnOperation(operation); });
    ClusterView view = HealthyView(clock_.WallNow());
    view.description.mutable_resources(0)->mutable_identity()->add_archives("/srv/app.war");
    registry_.Expect("c");
    *registry_.Find("c") = view;
    thread_ = std::thread([this] { core_.Run(); });
  }
  ~RolloutDeskTest() override {
    core_.Stop();
    thread_.join();
  }

  void OnCore(std::function<void()> call) {
    std::promise<void> done;
    core_.Post([&] {
      call();
      done.set_value();
    });
    done.get_future().get();
  }
  grpc::Status Await(std::function<void(RolloutDesk::Done)> call) {
    std::promise<grpc::Status> result;
    core_.Post([&] { call([&result](grpc::Status status) { result.set_value(std::move(status)); }); });
    return result.get_future().get();
  }

  static v1::DrillSpec App(const std::string& version) {
    v1::DrillSpec spec;
    spec.set_cluster("c");
    spec.set_who("operator alice");
    spec.mutable_rollout()->set_name("app");
    spec.mutable_rollout()->set_version(version);
    return spec;
  }
  grpc::Status Plan(const v1::DrillSpec& spec) {
    return Await([&](RolloutDesk::Done done) { rollouts_.Plan(spec, &plan_, std::move(done)); });
  }
  grpc::Status Start(const v1::DrillSpec& spec) {
    return Await([&](RolloutDesk::Done done) { rollouts_.Start(spec, "q-1", &started_, std::move(done)); });
  }
  // An operation that hears nobody asks for nothing, and ends as soon as it is told to.
  void LoseAgents() {
    OnCore([this] {
      for (auto& [name, host] : registry_.Find("c")->nodes) host.connected = false;
    });
  }
  void JournalAll(std::vector<v1::JournalRecord> records, absl::Time at, const std::string& id = "d-1") {
    for (v1::JournalRecord& record : records) {
      *record.mutable_at() = ToProto(at);
      record.set_operation_id(id);
      record.set_cluster("c");
    }
    EXPECT_TRUE(journal_.Append(&records, RecordUse::kOrdinary).ok());
  }
  void JournalFailedRollout(absl::Time at) { JournalAll(FailedRollout(), at); }
  std::string RemovalProblem() { return std::string(store_.Remove("app", "2").status().message()); }

  const TemporaryDirectory directory_;
  RunningStore store_{directory_.path(), StoreLimits(),
                      [](const std::string&) -> absl::StatusOr<uint64_t> { return uint64_t{100} << 30; },
                      SystemWrite()};
  const std::string zip_ = SmallZip();
  const FakeClock clock_;
  CoreLoop core_{clock_};
  Registry registry_{"uuid-1", 7, "elsewhere"};
  MemoryJournal journal_;
  AgentDesk agents_{core_, registry_, clock_, "fleet", "uuid-1", 7, {}};
  MemoryHistoryStore history_;
  OperationDesk operations_{
      core_, registry_, agents_, journal_, history_, clock_, [](const std::string&) { return ""; }, nullptr};
  RolloutDesk rollouts_{core_, registry_, operations_, store_.desk(), clock_};
  std::thread thread_;
  v1::PlanRolloutResponse plan_;
  v1::StartRolloutResponse started_;
};

TEST_F(RolloutDeskTest, ThePlanIsTheOrderWithTheArchivesOwnDigest) {
  v1::DrillSpec spec = App("2");
  spec.mutable_rollout()->add_canary_nodes("node-03");
  // What a client says of the content counts for nothing.
  spec.mutable_rollout()->set_sha256("another");
  spec.mutable_rollout()->set_size(1);
  const grpc::Status status = Plan(spec);
  ASSERT_TRUE(status.ok()) << status.error_message();
  std::vector<std::string> order;
  for (const v1::PlannedVisit& visit : plan_.visits()) order.push_back(visit.node());
  EXPECT_THAT(order, ElementsAre("node-03", "node-01", "node-02"));
  EXPECT_TRUE(plan_.visits(0).canary());
  EXPECT_TRUE(plan_.visits(2).is_dc());
  EXPECT_EQ(plan_.spec().rollout().sha256(), Sha256Of(zip_));
  EXPECT_EQ(plan_.spec().rollout().size(), zip_.size());
  EXPECT_EQ(plan_.spec().rollout().target(), "/srv/app.war");
  EXPECT_EQ(RemovalProblem(), "");
}

TEST_F(RolloutDeskTest, WhatCannotBeIsRefusedAndNothingBegins) {
  const struct {
    const char* name;
    std::function<void(v1::DrillSpec*)> bend;
    grpc::StatusCode code;
    const char* says;
  } cases[] = {
      {"unknown version", [](v1::DrillSpec* s) { s->mutable_rollout()->set_version("9"); }, grpc::StatusCode::NOT_FOUND,
       "there is no archive app 9"},
      {"no name", [](v1::DrillSpec* s) { s->mutable_rollout()->clear_name(); }, grpc::StatusCode::INVALID_ARGUMENT,
       "the archive's name '' is not"},
      {"a target elsewhere", [](v1::DrillSpec* s) { s->mutable_rollout()->set_target("/etc/passwd"); },
       grpc::StatusCode::INVALID_ARGUMENT, "is not where an archive is deployed"},
      {"two at once", [](v1::DrillSpec* s) { s->mutable_rollout()->set_max_unavailable(2); },
       grpc::StatusCode::INVALID_ARGUMENT, "max_unavailable is 2"},
  };
  for (const auto& one : cases) {
    SCOPED_TRACE(one.name);
    v1::DrillSpec spec = App("2");
    one.bend(&spec);
    for (const grpc::Status& status : {Plan(spec), Start(spec)}) {
      EXPECT_EQ(status.error_code(), one.code) << status.error_message();
      EXPECT_THAT(status.error_message(), HasSubstr(one.says));
    }
  }
  OnCore([this] { EXPECT_EQ(operations_.RunningOn("c"), ""); });
  EXPECT_EQ(RemovalProblem(), "");
}

TEST_F(RolloutDeskTest, APlanNeedsToHearTheCluster) {
  LoseAgents();
  const grpc::Status status = Plan(App("2"));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_THAT(status.error_message(), HasSubstr("no DC with quorum is heard"));
}

TEST_F(RolloutDeskTest, ARolloutThatFailedIsTakenBackByItself) {
  OnCore([this] {
    rollouts_.OnOperation(OperationFrom(FailedRollout(), clock_.WallNow()));
    EXPECT_EQ(operations_.RunningOn("c"), "d-1-back");
  });
  const v1::JournalRecord began = journal_.RecordsOf("d-1-back").at(0);
  EXPECT_EQ(began.who(), "operator alice");
  EXPECT_EQ(began.why(), "rollout d-1 failed: it did not answer");
  EXPECT_THAT(began.operation_began().spec().nodes(), ElementsAre("node-02", "node-01"));
}

TEST_F(RolloutDeskTest, ARollbackThatWasDueWhenTheCoordinatorDiedBegins) {
  OnCore([this] {
    JournalFailedRollout(clock_.WallNow() - absl::Minutes(1));
    EXPECT_TRUE(rollouts_.Resume().ok());
    EXPECT_EQ(operations_.RunningOn("c"), "d-1-back");
  });
}

TEST_F(RolloutDeskTest, ButNotLongAfterwards) {
  OnCore([this] {
    JournalFailedRollout(clock_.WallNow() - absl::Minutes(11));
    EXPECT_TRUE(rollouts_.Resume().ok());
    EXPECT_EQ(operations_.RunningOn("c"), "");
  });
}

TEST_F(RolloutDeskTest, ARollbackThatIsAskedFor) {
  v1::RollbackRolloutRequest request;
  request.set_operation_id("d-1");
  request.set_why("ticket 8");
  std::string id;
  OnCore([&] {
    const grpc::Status unknown = rollouts_.Rollback(request, "operator bob", &id);
    EXPECT_EQ(unknown.error_code(), grpc::StatusCode::NOT_FOUND);
    JournalFailedRollout(clock_.WallNow());
    const grpc::Status status = rollouts_.Rollback(request, "operator bob", &id);
    EXPECT_TRUE(status.ok()) << status.error_message();
    EXPECT_EQ(operations_.RunningOn("c"), id);
    const grpc::Status second = rollouts_.Rollback(request, "operator bob", &id);
    EXPECT_EQ(second.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
    EXPECT_THAT(second.error_message(), HasSubstr("of operator bob holds cluster c"));
  });
}

TEST_F(RolloutDeskTest, APauseIsKeptAndTold) {
  LoseAgents();
  ASSERT_TRUE(Start(App("2")).ok());
  const std::string& id = started_.operation_id();
  const auto report = [&] {
    v1::OperationReport told;
    EXPECT_TRUE(operations_.Get("c", id, &told).ok());
    return told;
  };
  OnCore([&] {
    EXPECT_EQ(operations_.SetPause("ro-9", true, "operator bob", "").error_code(), grpc::StatusCode::NOT_FOUND);
    EXPECT_TRUE(operations_.SetPause(id, true, "operator bob", "lunch").ok());
  });
  OnCore([&] {
    EXPECT_EQ(report().state(), v1::OPERATION_STATE_PAUSED);
    EXPECT_EQ(report().reason(), "paused by operator bob: lunch");
    EXPECT_EQ(journal_.RecordsOf(id).back().operation_paused().by(), "operator bob: lunch");
    EXPECT_TRUE(operations_.SetPause(id, false, "operator alice", "").ok());
  });
  OnCore([&] {
    EXPECT_EQ(report().state(), v1::OPERATION_STATE_RUNNING);
    EXPECT_EQ(report().reason(), "");
  });
}

TEST_F(RolloutDeskTest, NothingToGoBackTo) {
  v1::RollbackRolloutRequest request;
  request.set_operation_id("d-1");
  OnCore([&] {
    std::vector<v1::JournalRecord> records = FailedRollout();
    // Nothing was staged, and nothing switched.
    records.erase(records.begin() + 2, records.end() - 1);
    JournalAll(std::move(records), clock_.WallNow());
    std::string id;
    const grpc::Status status = rollouts_.Rollback(request, "operator bob", &id);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
    EXPECT_THAT(status.error_message(), HasSubstr("there is nothing to go back to"));
    EXPECT_EQ(operations_.RunningOn("c"), "");
  });
}

TEST_F(RolloutDeskTest, WhatHasBeenTakenBackIsNotTakenBackAgain) {
  v1::RollbackRolloutRequest request;
  request.set_operation_id("d-1");
  OnCore([&] {
    JournalFailedRollout(clock_.WallNow());
    v1::JournalRecord began = Began();
    v1::DrillSpec* const spec = began.mutable_operation_began()->mutable_spec();
    spec->set_cluster("c");
    spec->set_scenario(v1::SCENARIO_ROLLOUT);
    spec->mutable_rollout()->set_rolls_back("d-1");
    v1::JournalRecord ended;
    ended.mutable_operation_ended()->set_state(v1::OPERATION_STATE_PASSED);
    JournalAll({began, ended}, clock_.WallNow(), "d-2");
    std::string id;
    const grpc::Status status = rollouts_.Rollback(request, "operator bob", &id);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
    EXPECT_EQ(status.error_message(), "there is nothing to go back to: d-1 has been taken back by d-2");
    EXPECT_EQ(operations_.RunningOn("c"), "");
  });
}

TEST_F(RolloutDeskTest, WhatIsTakenBackIsTheCoordinatorsToSay) {
  v1::DrillSpec spec = App("2");
  spec.mutable_rollout()->set_rolls_back("ro-1");
  spec.mutable_rollout()->add_back_to()->set_node("node-01");
  const grpc::Status status = Plan(spec);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(plan_.spec().rollout().rolls_back(), "");
  EXPECT_EQ(plan_.spec().rollout().back_to_size(), 0);
}

TEST_F(RolloutDeskTest, ItsArchiveIsKeptUntilItHasEnded) {
  LoseAgents();
  const grpc::Status status = Start(App("2"));
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_THAT(started_.operation_id(), StartsWith("ro-"));
  EXPECT_THAT(RemovalProblem(), HasSubstr(started_.operation_id() + " needs it"));
  const grpc::Status second = Start(App("2"));
  EXPECT_EQ(second.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_THAT(second.error_message(), HasSubstr("holds cluster c"));
  OnCore([this] {
    std::string aborted;
    EXPECT_TRUE(operations_.Abort("c", started_.operation_id(), "operator bob", "enough", &aborted).ok());
  });
  OnCore([this] { EXPECT_EQ(operations_.RunningOn("c"), ""); });
  EXPECT_EQ(RemovalProblem(), "");
}

}  // namespace
}  // namespace jettyfleet
