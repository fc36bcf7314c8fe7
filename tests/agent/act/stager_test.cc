#include "agent/act/stager.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/agent/act/actor_fixture.h"
#include "tests/testing/agent/scripted_runner.h"

namespace jettyfleet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr char kProgram[] = "jettyfleet-stager";
const std::string kDigest(64, 'a');

// An actor whose only program is the stager.
class StagerTest : public testing::Test {
 protected:
  StagerTest() {
    char name[] = "/tmp/stager_test_XXXXXX";
    directory_ = mkdtemp(name);
    Actor::Options options{.node = "node-02",
                           .state_dir = directory_ + "/state",
                           .haproxy_socket = "",
                           .self_path = "/usr/bin/jettyfleet-agent",
                           .stager = {.program = kProgram, .coordinators = {"one:7411", "two:7411"}, .pki = "/etc/pki"}};
    actor_ = std::make_unique<Actor>(*loop_, runner_, clock_, options, [] {});
    EXPECT_TRUE(actor_->Open().ok());
  }
  ~StagerTest() override {
    actor_.reset();
    std::filesystem::remove_all(directory_);
  }

  static v1::Action New(const std::string& id) {
    v1::Action action;
    action.set_id(id);
    action.set_epoch(1);
    action.mutable_timeout()->set_seconds(30);
    return action;
  }
  static v1::Action Stage(const std::string& id = "a-1") {
    v1::Action action = New(id);
    action.mutable_stage_archive()->set_target("/srv/app.war");
    action.mutable_stage_archive()->set_sha256(kDigest);
    action.mutable_stage_archive()->set_size(1000);
    action.mutable_stage_archive()->set_bytes_per_second(5);
    action.mutable_stage_archive()->set_keep(2);
    return action;
  }
  static v1::Action Switch(const std::string& id = "a-2") {
    v1::Action action = New(id);
    action.mutable_switch_archive()->set_target("/srv/app.war");
    action.mutable_switch_archive()->set_sha256(kDigest);
    action.mutable_switch_archive()->set_unit("jetty9");
    action.mutable_switch_archive()->mutable_before()->set_seconds(1795435200);
    action.mutable_switch_archive()->mutable_before()->set_nanos(5000);
    return action;
  }
  static v1::Action Drop(const std::string& id = "a-3") {
    v1::Action action = New(id);
    action.mutable_drop_staged()->set_target("/srv/app.war");
    action.mutable_drop_staged()->set_sha256(kDigest);
    return action;
  }

  v1::ActionResult Execute(const v1::Action& action) {
    std::optional<v1::ActionResult> got;
    actor_->Execute(action, [&got](v1::ActionResult result) { got = std::move(result); });
    while (!got.has_value()) sd_event_run(loop_->event(), UINT64_MAX);
    EXPECT_EQ(got->action_id(), action.id());
    return *got;
  }

  std::unique_ptr<Loop> loop_ = *Loop::Create();
  FakeClock clock_;
  ScriptedRunner runner_{*loop_};
  std::string directory_;
  std::unique_ptr<Actor> actor_;
};

TEST_F(StagerTest, TheCommands) {
  runner_.answers[kProgram] = ScriptedRunner::Exit(
      0, R"({"outcome":"OUTCOME_DONE","archive":{"inPlaceSha256":"bb","previousSha256":"cc","movedBytes":"7"}})");
  EXPECT_THAT(Execute(Stage()), IsDone());
  const v1::ActionResult switched = Execute(Switch());
  EXPECT_THAT(switched, IsDone());
  EXPECT_EQ(switched.archive().in_place_sha256(), "bb");
  EXPECT_EQ(switched.archive().previous_sha256(), "cc");
  EXPECT_EQ(switched.archive().moved_bytes(), 7u);
  EXPECT_THAT(Execute(Drop()), IsDone());
  const std::string place = "--target=/srv/app.war --sha256=" + kDigest;
  EXPECT_THAT(runner_.calls,
              ElementsAre("jettyfleet-stager stage " + place +
                              " --size=1000 --bytes-per-second=5 --keep=2 --pki=/etc/pki --coordinator=one:7411 "
                              "--coordinator=two:7411",
                          "jettyfleet-stager switch " + place + " --unit=jetty9 --before-us=1795435200000005",
                          "jettyfleet-stager drop " + place));
}

TEST_F(StagerTest, ItsRefusalIsTheActs) {
  runner_.answers[kProgram] = ScriptedRunner::Exit(
      0, R"({"outcome":"OUTCOME_REFUSED","message":"jetty9 is active","archive":{"inPlaceSha256":"bb"}})");
  const v1::ActionResult refused = Execute(Switch());
  EXPECT_THAT(refused, IsRefused("jetty9 is active"));
  EXPECT_EQ(refused.archive().in_place_sha256(), "bb");
}

TEST_F(StagerTest, WhatCannotBeUnderstoodHasFailed) {
  const struct {
    CommandResult ran;
    v1::ActionResult::Outcome outcome;
    std::string part;
  } cases[] = {
      {ScriptedRunner::Exit(0, ""), v1::ActionResult::OUTCOME_FAILED, "jettyfleet-stager"},
      {ScriptedRunner::Exit(0, "{}"), v1::ActionResult::OUTCOME_FAILED, "jettyfleet-stager"},
      {ScriptedRunner::Exit(0, R"({"colour":1})"), v1::ActionResult::OUTCOME_FAILED, "jettyfleet-stager"},
      {ScriptedRunner::Exit(106, R"({"outcome":"OUTCOME_DONE"})", "--size is required"),
       v1::ActionResult::OUTCOME_FAILED, "--size is required"},
      {ScriptedRunner::Ended(absl::DeadlineExceededError("30 s")), v1::ActionResult::OUTCOME_TIMED_OUT, "30 s"},
      {ScriptedRunner::Ended(absl::UnavailableError("no such program")), v1::ActionResult::OUTCOME_FAILED,
       "no such program"},
  };
  int number = 0;
  for (const auto& one : cases) {
    runner_.answers[kProgram] = one.ran;
    EXPECT_THAT(Execute(Switch(absl::StrCat("s-", ++number))), Is(one.outcome, one.part));
  }
}

// Fetching takes long, and a lease does not wait for it.
TEST_F(StagerTest, StagingHoldsUpNoAct) {
  runner_.answers[kProgram] = ScriptedRunner::Exit(0, R"({"outcome":"OUTCOME_DONE"})");
  runner_.held = true;
  bool staged = false;
  actor_->Execute(Stage(), [&staged](v1::ActionResult) { staged = true; });
  runner_.held = false;
  EXPECT_THAT(Execute(Drop()), IsDone());
  EXPECT_FALSE(staged);
  runner_.Release();
  while (!staged) sd_event_run(loop_->event(), UINT64_MAX);
}

TEST_F(StagerTest, Fields) {
  const struct {
    const char* part;
    void (*spoil)(v1::Action*);
    v1::Action action;
  } cases[] = {
      {"field target", [](v1::Action* a) { a->mutable_stage_archive()->set_target("/etc/passwd"); }, Stage()},
      {"field sha256", [](v1::Action* a) { a->mutable_stage_archive()->set_sha256("../x"); }, Stage()},
      {"field size", [](v1::Action* a) { a->mutable_stage_archive()->set_size(0); }, Stage()},
      {"field keep", [](v1::Action* a) { a->mutable_stage_archive()->set_keep(101); }, Stage()},
      {"field target", [](v1::Action* a) { a->mutable_drop_staged()->set_target("app.war"); }, Drop()},
      {"field sha256", [](v1::Action* a) { a->mutable_switch_archive()->set_sha256(""); }, Switch()},
      {"field unit", [](v1::Action* a) { a->mutable_switch_archive()->set_unit("--now"); }, Switch()},
      {"field before", [](v1::Action* a) { a->mutable_switch_archive()->clear_before(); }, Switch()},
      {"holds an act on archives",
       [](v1::Action* a) {
         const v1::Action held = *a;
         *a->mutable_predict_actions()->add_actions() = held;
       },
       Switch()},
  };
  for (const auto& one : cases) {
    v1::Action action = one.action;
    one.spoil(&action);
    EXPECT_THAT(Execute(action), IsRefused(one.part));
  }
  EXPECT_THAT(runner_.calls, testing::IsEmpty());
}

}  // namespace
}  // namespace jettyfleet
