// `jettyfleet rollout` against a coordinator that answers what it is told to.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "client/cli.h"
#include "tests/client/fake_fleet_service.h"

namespace jettyfleet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr char kOld[] = "1111111111111111111111111111111111111111111111111111111111111111";
constexpr char kNew[] = "2222222222222222222222222222222222222222222222222222222222222222";

struct Outcome {
  int code;
  std::string out;
  std::string err;
};

class RolloutTest : public testing::Test {
 protected:
  Outcome Ask(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "rollout");
    arguments.push_back("--insecure");
    std::ostringstream out;
    std::ostringstream err;
    const Console console{out, err, /*terminal=*/false, /*colour=*/false};
    const int code = RunClient(arguments, {testing::TempDir() + "/rollout_test", coordinator_.address()}, console);
    return {code, out.str(), err.str()};
  }

  // A drill, then two rollouts; the list is in order of time.
  void HaveHistory() {
    v1::OperationReport* const drill = service().operations.add_operations();
    drill->set_id("d-1");
    drill->mutable_spec()->set_scenario(v1::SCENARIO_EVICT);
    AddRollout("ro-1", "1", 1795435200)->set_state(v1::OPERATION_STATE_FAILED);
    v1::OperationReport* const newest = AddRollout("ro-2", "2", 1795435260);
    newest->set_state(v1::OPERATION_STATE_PASSED);
    newest->mutable_nodes(0)->mutable_release()->set_before_sha256(kOld);
    newest->mutable_nodes(0)->mutable_release()->set_sha256(kNew);
  }

  v1::OperationReport* AddRollout(const std::string& id, const std::string& version, int64_t began_at) {
    v1::OperationReport* const rollout = service().operations.add_operations();
    rollout->set_id(id);
    rollout->mutable_began_at()->set_seconds(began_at);
    rollout->mutable_spec()->set_scenario(v1::SCENARIO_ROLLOUT);
    rollout->mutable_spec()->set_who("operator alice");
    rollout->mutable_spec()->set_why("ticket 7");
    rollout->mutable_spec()->mutable_rollout()->set_name("app");
    rollout->mutable_spec()->mutable_rollout()->set_version(version);
    for (const char* node : {"node-01", "node-02"}) rollout->add_nodes()->set_node(node);
    return rollout;
  }

  FakeFleetService& service() { return coordinator_.service; }

  FakeCoordinator coordinator_;
};

TEST_F(RolloutTest, WhatIsAskedFor) {
  const Outcome outcome = Ask({"start",        "blue",    "--archive", "app:1.4.2", "--target",          "/srv/app.war",
                               "--canary",     "node-02", "--bake",    "30s",       "--max-unavailable", "1",
                               "--on-failure", "stop",    "--rate",    "1000000",   "--budget-slower",   "80",
                               "--lease",      "3m",      "--why",     "ticket 7",  "--detach"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.out,
            "rollout ro-1 has begun\n  follow it: jettyfleet rollout watch ro-1\n"
            "  stop it:   jettyfleet rollout abort ro-1 --why REASON\n");
  const v1::DrillSpec& spec = service().started_rollout.spec();
  EXPECT_NE(service().started_rollout.request_id(), "");
  EXPECT_EQ(spec.cluster(), "blue");
  EXPECT_EQ(spec.why(), "ticket 7");
  EXPECT_EQ(spec.scenario(), v1::SCENARIO_ROLLOUT);
  EXPECT_EQ(spec.lease().seconds(), 180);
  EXPECT_EQ(spec.rollout().name(), "app");
  EXPECT_EQ(spec.rollout().version(), "1.4.2");
  EXPECT_EQ(spec.rollout().target(), "/srv/app.war");
  EXPECT_THAT(spec.rollout().canary_nodes(), ElementsAre("node-02"));
  EXPECT_EQ(spec.rollout().bake().seconds(), 30);
  EXPECT_EQ(spec.rollout().max_unavailable(), 1u);
  EXPECT_EQ(spec.rollout().on_failure(), v1::ON_FAILURE_STOP);
  EXPECT_EQ(spec.rollout().bytes_per_second(), 1000000u);
  EXPECT_EQ(spec.budget().slower_percent(), 80u);
  EXPECT_FALSE(spec.rollout().restart_only());
}

TEST_F(RolloutTest, ARestart) {
  EXPECT_EQ(Ask({"start", "--restart", "--detach"}).code, 0);
  EXPECT_TRUE(service().started_rollout.spec().rollout().restart_only());
  EXPECT_EQ(service().started_rollout.spec().rollout().name(), "");
}

TEST_F(RolloutTest, ADrillIsNoRollout) {
  std::ostringstream out;
  std::ostringstream err;
  const Console console{out, err, /*terminal=*/false, /*colour=*/false};
  EXPECT_EQ(RunClient({"drill", "start", "--scenario", "evict", "--detach", "--insecure"},
                      {testing::TempDir() + "/rollout_test", coordinator_.address()}, console),
            0);
  EXPECT_FALSE(service().started.spec().has_rollout());
}

TEST_F(RolloutTest, UsageErrorsAreOneLineAndTwo) {
  const std::vector<std::string> cases[] = {
      {},
      {"start"},
      {"plan"},
      {"start", "--archive", "app"},
      {"start", "--archive", ":1"},
      {"start", "--archive", "app:"},
      {"start", "--archive", "app:1", "--restart"},
      {"start", "--restart", "--target", "/srv/app.war"},
      {"start", "--archive", "app:1", "--bake", "10"},
      {"start", "--archive", "app:1", "--max-unavailable", "-1"},
      {"start", "--archive", "app:1", "--on-failure", "pray"},
      {"abort", "ro-1"},
  };
  for (const std::vector<std::string>& arguments : cases) {
    SCOPED_TRACE(testing::PrintToString(arguments));
    const Outcome outcome = Ask(arguments);
    EXPECT_EQ(outcome.code, 2);
    EXPECT_EQ(outcome.out, "");
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
  }
}

TEST_F(RolloutTest, ThePlan) {
  v1::PlanRolloutResponse& plan = service().rollout_plan;
  plan.mutable_spec()->set_cluster("blue");
  plan.mutable_spec()->set_resource("web");
  plan.mutable_spec()->mutable_rollout()->set_name("app");
  plan.mutable_spec()->mutable_rollout()->set_version("2");
  plan.mutable_spec()->mutable_rollout()->set_sha256(kNew);
  plan.mutable_spec()->mutable_rollout()->set_size(2048);
  plan.mutable_spec()->mutable_rollout()->set_target("/srv/app.war");
  for (const char* node : {"node-03", "node-01", "node-02"}) plan.add_visits()->set_node(node);
  plan.mutable_visits(0)->set_canary(true);
  plan.mutable_visits(0)->set_version("1");
  plan.mutable_visits(1)->set_version("1");
  plan.mutable_visits(2)->set_is_dc(true);
  const Outcome outcome = Ask({"plan", "--archive", "app:2"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.out,
            "app 2 on web of blue, one node at a time\n"
            "      NODE     ROLE    HAS      WILL HAVE\n"
            "  1.  node-03  canary  1        2\n"
            "  2.  node-01          1        2\n"
            "  3.  node-02  DC      unknown  2\n"
            "/srv/app.war becomes 2222222222222222, 2.0 KiB\n");
  EXPECT_EQ(service().planned_rollout.spec().rollout().version(), "2");
}

TEST_F(RolloutTest, TheHistory) {
  HaveHistory();
  const Outcome outcome = Ask({"history"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.out,
            "ID    BEGAN                 WHO             WHAT   STATE   NODE     FROM              TO                "
            "WHY\n"
            "ro-2  2026-11-23 12:01:00Z  operator alice  app 2  PASSED  node-01  1111111111111111  2222222222222222  "
            "ticket 7\n"
            "                                                           node-02\n"
            "ro-1  2026-11-23 12:00:00Z  operator alice  app 1  FAILED  node-01                                      "
            "ticket 7\n"
            "                                                           node-02\n");
}

TEST_F(RolloutTest, WithoutAnyItSaysHowToBegin) {
  for (const char* command : {"list", "history"}) EXPECT_THAT(Ask({command}).out, HasSubstr("no rollout yet"));
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"show"}, {"watch"}, {"abort", "--why", "enough"}}) {
    const Outcome outcome = Ask(command);
    EXPECT_EQ(outcome.code, 2);
    EXPECT_THAT(outcome.err, HasSubstr("there has been no rollout yet"));
  }
}

TEST_F(RolloutTest, TheNewestIsMeantWhereNoneIsNamed) {
  HaveHistory();
  EXPECT_EQ(Ask({"abort", "--why", "enough"}).code, 0);
  EXPECT_EQ(service().aborted.operation_id(), "ro-2");
  EXPECT_EQ(Ask({"abort", "ro-1", "--why", "enough"}).code, 0);
  EXPECT_EQ(service().aborted.operation_id(), "ro-1");
  EXPECT_THAT(Ask({"list"}).out, testing::AllOf(HasSubstr("ro-1"), HasSubstr("ro-2"), testing::Not(HasSubstr("d-1"))));
}

TEST_F(RolloutTest, TheCoordinatorsRefusal) {
  service().status = grpc::Status(grpc::NOT_FOUND, "there is no archive app 9");
  for (const char* command : {"plan", "start"}) {
    const Outcome outcome = Ask({command, "--archive", "app:9"});
    EXPECT_EQ(outcome.code, 2);
    EXPECT_THAT(outcome.err, HasSubstr("there is no archive app 9"));
  }
}

}  // namespace
}  // namespace jettyfleet
