#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/str_split.h"
#include "tests/agent/act/actor_fixture.h"
#include "tests/testing/files/fixture.h"

namespace jettyfleet {
namespace {

using testing::Contains;
using testing::Each;
using testing::HasSubstr;
using testing::Not;

class PredictTest : public ActorFixture {
 protected:
  // Another monitor interval, then another clone-max.
  v1::Action Predict() {
    v1::Action action = NewAction();
    v1::SetOperation* const operation = action.mutable_predict_actions()->add_actions()->mutable_set_operation();
    operation->set_resource("jetty");
    operation->set_operation("monitor");
    operation->mutable_interval()->set_seconds(10);
    v1::SetMeta* const meta = action.mutable_predict_actions()->add_actions()->mutable_set_meta();
    meta->set_target("jetty-clone");
    meta->add_meta()->set_name("clone-max");
    meta->mutable_meta(0)->set_value("3");
    return action;
  }
  void PcsAndSimulationWork(int times) {
    for (int i = 0; i < times; ++i) {
      cluster_.Next("pcs", FakeCluster::Exit(0));
      cluster_.BeforeNext("crm_simulate", [this] { SaveOutput(); });
      cluster_.Next("crm_simulate", FakeCluster::Exit(0, ClusterFixture("crm_simulate-clone-max-2.xml")));
    }
  }
  // As `crm_simulate --xml-file IN --save-output OUT`, where nothing changes. An XML file keeps its mode.
  void SaveOutput() {
    const std::vector<std::string> words = absl::StrSplit(cluster_.calls.back(), ' ');
    const std::string& in = words[4];
    const std::string& out = words[6];
    EXPECT_EQ(std::filesystem::status(out).permissions(),
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    std::ostringstream xml;
    xml << std::ifstream(in).rdbuf();
    std::ofstream(out) << xml.str();
  }
  bool AnyCopyLeft() const {
    for (const auto& file : std::filesystem::directory_iterator(options_.state_dir)) {
      if (file.path().string().find("look-") != std::string::npos) return true;
    }
    return false;
  }
};

TEST_F(PredictTest, TriesEachOnTheCopyAndBuildsOnIt) {
  PcsAndSimulationWork(2);
  const std::string before = cluster_.Cib();
  const v1::ActionResult result = Execute(Predict());
  EXPECT_THAT(result, IsDone());
  ASSERT_EQ(result.predictions_size(), 2);
  EXPECT_EQ(result.predictions(0).predicted(), v1::ANSWER_YES);
  EXPECT_EQ(result.predictions(1).operations(0).task(), "stop");
  const std::string first = options_.state_dir + "/look-1-cib.xml";
  const std::string second = options_.state_dir + "/look-1-next.xml";
  EXPECT_THAT(cluster_.calls, Contains("pcs -f " + first + " resource update jetty op monitor interval=10s"));
  EXPECT_THAT(cluster_.calls,
              Contains("crm_simulate --simulate --output-as=xml --xml-file " + first + " --save-output " + second));
  EXPECT_THAT(cluster_.calls, Contains("pcs -f " + second + " resource meta jetty-clone clone-max=3"));
  EXPECT_EQ(cluster_.Cib(), before);
  EXPECT_FALSE(AnyCopyLeft());
}

TEST_F(PredictTest, WhatIsThereAlreadyNeedsNoTrying) {
  v1::Action action = Predict();
  action.mutable_predict_actions()->mutable_actions(0)->mutable_set_operation()->mutable_interval()->set_seconds(30);
  PcsAndSimulationWork(1);
  const v1::ActionResult result = Execute(action);
  EXPECT_THAT(result, IsDone());
  EXPECT_EQ(result.predictions(0).predicted(), v1::ANSWER_YES);
  EXPECT_EQ(result.predictions(0).operations_size(), 0);
  EXPECT_EQ(result.predictions(1).operations(0).task(), "stop");
  EXPECT_THAT(cluster_.calls, Not(Contains(HasSubstr("resource update"))));
}

TEST_F(PredictTest, NeedsNoQuorumAndNoLock) {
  cluster_.quorumtool_exit = 2;
  PcsAndSimulationWork(2);
  EXPECT_THAT(Execute(Predict()), IsDone());
}

TEST_F(PredictTest, WhatFollowsSomethingThatCouldNotBeTriedIsUnknown) {
  cluster_.Next("pcs", FakeCluster::Exit(1, "", "Error: no such thing\n"));
  const v1::ActionResult result = Execute(Predict());
  EXPECT_THAT(result, IsDone());
  EXPECT_EQ(result.predictions(0).predicted(), v1::ANSWER_UNSPECIFIED);
  EXPECT_THAT(result.predictions(0).error(), HasSubstr("no such thing"));
  EXPECT_THAT(result.predictions(1).error(), HasSubstr("it follows what could not be tried"));
  EXPECT_FALSE(AnyCopyLeft());

  PcsAndSimulationWork(1);
  cluster_.Next("pcs", FakeCluster::Exit(0));
  cluster_.Uninstall("crm_simulate");
  const v1::ActionResult without = Execute(Predict());
  EXPECT_THAT(without.predictions(0).error(), HasSubstr("crm_simulate"));
}

TEST_F(PredictTest, ACleanupCannotBeTriedAndADisabledUnitStopsNothing) {
  v1::Action action = NewAction();
  action.mutable_predict_actions()->add_actions()->mutable_cleanup_resource()->set_resource("jetty");
  action.mutable_predict_actions()->add_actions()->mutable_disable_unit()->set_unit("jetty9");
  const v1::ActionResult result = Execute(action);
  EXPECT_THAT(result, IsDone());
  EXPECT_THAT(result.predictions(0).error(), HasSubstr("cannot be tried on a copy"));
  EXPECT_EQ(result.predictions(1).predicted(), v1::ANSWER_YES);
  EXPECT_THAT(cluster_.calls, Each(Not(HasSubstr("pcs"))));
}

TEST_F(PredictTest, WithoutACibItIsRefusedAndWithoutSpaceItFails) {
  {
    v1::Action action = Predict();
    ASSERT_THAT(Execute(RemoveLease()).outcome(), testing::Ne(v1::ActionResult::OUTCOME_FAILED)) << "its epoch is kept";
    const FullDisk full;
    EXPECT_EQ(Execute(action).outcome(), v1::ActionResult::OUTCOME_FAILED);
  }
  cluster_.Next("cibadmin", FakeCluster::Exit(102, "", "cibadmin: not connected\n"));
  EXPECT_THAT(Execute(Predict()), IsRefused("cannot read the CIB"));
}

TEST_F(PredictTest, ItWaitsForNoActAndNoActWaitsForIt) {
  std::vector<std::string> ended;
  const auto begin = [this, &ended](const std::string& what, const v1::Action& action) {
    actor_->Execute(action, [&ended, what](const v1::ActionResult&) { ended.push_back(what); });
  };
  v1::Action lock = NewAction();
  lock.mutable_acquire_lock()->set_holder("uuid-1");
  lock.mutable_acquire_lock()->mutable_duration()->set_seconds(60);
  v1::Action long_one = Predict();
  for (int i = 0; i < 20; ++i) *long_one.mutable_predict_actions()->add_actions() = long_one.predict_actions().actions(1);
  PcsAndSimulationWork(22);
  begin("long prediction", long_one);
  begin("act", lock);
  while (ended.size() < 2) Turn();
  EXPECT_EQ(ended.front(), "act");

  ended.clear();
  PcsAndSimulationWork(2);
  for (int i = 0; i < 10; ++i) {
    lock.set_id(absl::StrCat("act-", i));
    begin("act", lock);
  }
  begin("prediction", Predict());
  while (ended.size() < 11) Turn();
  EXPECT_EQ(ended.back(), "act");
}

TEST_F(PredictTest, NoMoreThanAFewAtOnce) {
  PcsAndSimulationWork(8);
  int done = 0;
  for (int i = 0; i < 4; ++i) actor_->Execute(Predict(), [&done](const v1::ActionResult&) { ++done; });
  EXPECT_THAT(Execute(Predict()), IsRefused("this agent looks at 4 things already; try again"));
  while (done < 4) Turn();
  PcsAndSimulationWork(2);
  EXPECT_THAT(Execute(Predict()), IsDone());
}

TEST_F(PredictTest, FieldsInsideAreCheckedToo) {
  v1::Action nested = NewAction();
  nested.mutable_predict_actions()->add_actions()->mutable_predict_actions();
  EXPECT_THAT(Execute(nested), IsRefused("holds what only looks"));
  v1::Action spoiled = Predict();
  spoiled.mutable_predict_actions()->mutable_actions(1)->mutable_set_meta()->set_target("--all");
  EXPECT_THAT(Execute(spoiled), IsRefused("field target"));
}

TEST_F(PredictTest, WhatWouldBeRefusedIsUnknown) {
  cluster_.Append("//primitive[@id='jetty']/operations", "<op name='monitor' interval='60s'/>");
  const v1::ActionResult result = Execute(Predict());
  EXPECT_THAT(result, IsDone());
  EXPECT_THAT(result.predictions(0).error(), HasSubstr("jetty has 2 operations named monitor"));
  EXPECT_THAT(cluster_.calls, Each(Not(HasSubstr("pcs"))));

  v1::Action lease = NewAction();
  *lease.mutable_predict_actions()->add_actions() = Standby();
  EXPECT_THAT(Execute(lease).predictions(0).error(), HasSubstr("no change of the configuration"));
}

class DisableUnitTest : public ActorFixture {
 protected:
  v1::Action Disable() {
    v1::Action action = NewAction();
    action.mutable_disable_unit()->set_unit("jetty9");
    return action;
  }
  void Timers(const char* triggered_by) { cluster_.Next("systemctl show", FakeCluster::Exit(0, triggered_by)); }
  void Enabled(const char* words) {
    cluster_.Next("systemctl is-enabled", FakeCluster::Exit(std::string(words) == "disabled\n" ? 1 : 0, words));
  }
};

TEST_F(DisableUnitTest, TheUnitAndTheTimersThatStartIt) {
  Timers("jetty9.timer jetty9.socket\n");
  Enabled("enabled\nenabled\n");
  Enabled("disabled\ndisabled\n");
  cluster_.Next("systemctl disable", FakeCluster::Exit(0));
  EXPECT_THAT(Execute(Disable()), IsDone());
  EXPECT_THAT(cluster_.calls, Contains("systemctl disable jetty9.service jetty9.timer"));
}

TEST_F(DisableUnitTest, OnlyATimerWasEnabled) {
  Timers("jetty9.timer\n");
  Enabled("disabled\nenabled\n");
  Enabled("disabled\ndisabled\n");
  cluster_.Next("systemctl disable", FakeCluster::Exit(0));
  EXPECT_THAT(Execute(Disable()), IsDone());
  EXPECT_THAT(cluster_.calls, Contains("systemctl disable jetty9.timer"));
}

TEST_F(DisableUnitTest, NothingToDo) {
  // What is enabled until the next boot only is not started by one.
  for (const char* const word : {"disabled\n", "static\n", "masked\n", "enabled-runtime\n"}) {
    Timers("\n");
    Enabled(word);
    EXPECT_THAT(Execute(Disable()), IsDone()) << word;
  }
  EXPECT_THAT(cluster_.calls, Each(Not(HasSubstr("systemctl disable"))));
}

TEST_F(DisableUnitTest, WhatStaysEnabledIsNamed) {
  Timers("jetty9.timer\n");
  Enabled("enabled\nenabled\n");
  Enabled("disabled\nenabled\n");
  cluster_.Next("systemctl disable", FakeCluster::Exit(1, "", "Failed to disable unit: Read-only file system\n"));
  EXPECT_THAT(Execute(Disable()), IsFailed("jetty9.timer still enabled: systemctl: exit 1: Failed to disable unit"));
}

TEST_F(DisableUnitTest, AnUnknownUnitIsRefused) {
  Timers("\n");
  cluster_.Next(
      "systemctl is-enabled",
      FakeCluster::Exit(1, "", "Failed to get unit file state for jetty9.service: No such file or directory\n"));
  EXPECT_THAT(Execute(Disable()), IsRefused("No such file or directory"));
}

}  // namespace
}  // namespace jettyfleet
