#include "coordinator/server/rollout_desk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/coordinator/archive/archive_store.h"
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
  OperationDesk operations_{core_,  registry_, agents_, journal_, history_, clock_,
                            [](const std::string&) { return ""; }, nullptr};
  RolloutDesk rollouts_{core_, registry_, operations_, store_.desk()};
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
