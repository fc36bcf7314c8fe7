#include "agent/observe/cluster_observer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/testing/agent/loop_until.h"
#include "tests/testing/agent/scripted_runner.h"
#include "tests/testing/files/fixture.h"

namespace jettyfleet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class ClusterObserverTest : public testing::Test {
 protected:
  ClusterObserverTest()
      : loop_(*Loop::Create()),
        runner_(*loop_),
        observer_(*loop_, runner_, [this](v1::HostChange change) { changes_.push_back(std::move(change)); }) {
    runner_.answers["crm_mon"] = ScriptedRunner::Exit(0, ClusterFixture("crm_mon-healthy.xml"));
    runner_.answers["corosync-quorumtool"] = ScriptedRunner::Exit(0, ClusterFixture("quorumtool-quorate.txt"));
    runner_.answers["crmadmin"] = ScriptedRunner::Exit(0, ClusterFixture("crmadmin-status-idle.xml"));
    runner_.answers["cibadmin"] = ScriptedRunner::Exit(0, ClusterFixture("cibadmin-healthy.xml"));
  }

  const v1::ClusterFact& ReadCluster() {
    bool done = false;
    observer_.ReadCluster([&done] { done = true; });
    EXPECT_TRUE(LoopUntil(*loop_, [&done] { return done; }));
    EXPECT_TRUE(observer_.cluster().has_observed_at());
    return observer_.cluster();
  }
  const v1::CibFact& ReadCib() {
    bool done = false;
    observer_.ReadCib([&done] { done = true; });
    EXPECT_TRUE(LoopUntil(*loop_, [&done] { return done; }));
    EXPECT_TRUE(observer_.cib().has_observed_at());
    return observer_.cib();
  }

  std::unique_ptr<Loop> loop_;
  ScriptedRunner runner_;
  std::vector<v1::HostChange> changes_;
  ClusterObserver observer_;
};

TEST_F(ClusterObserverTest, AsksThreeToolsWithTheirSafeForms) {
  const v1::ClusterFact& fact = ReadCluster();
  EXPECT_THAT(runner_.calls, ElementsAre("crm_mon --one-shot --inactive --output-as xml", "corosync-quorumtool -s",
                                         "crmadmin --status=node-03 --output-as=xml"));
  EXPECT_EQ(fact.connected(), v1::ANSWER_YES);
  EXPECT_EQ(fact.quorum().quorate(), v1::ANSWER_YES);
  EXPECT_EQ(fact.idle(), v1::ANSWER_YES);
  EXPECT_EQ(fact.dc_state(), "S_IDLE");
  EXPECT_EQ(fact.error(), "");
  ASSERT_THAT(changes_, SizeIs(1));
  EXPECT_EQ(changes_[0].cluster().SerializeAsString(), fact.SerializeAsString());
}

TEST_F(ClusterObserverTest, ATransitionIsNotIdle) {
  runner_.answers["crmadmin"] = ScriptedRunner::Exit(0, ClusterFixture("crmadmin-status-transition.xml"));
  EXPECT_EQ(ReadCluster().idle(), v1::ANSWER_NO);
  EXPECT_EQ(observer_.cluster().dc_state(), "S_TRANSITION_ENGINE");
}

TEST_F(ClusterObserverTest, WhatCouldNotBeFoundOutIsUnknownAndNeverOffline) {
  const absl::Status hung = absl::DeadlineExceededError("killed after 5s");
  const std::string healthy = ClusterFixture("crm_mon-healthy.xml");
  const struct {
    const char* name;
    CommandResult result;
  } kCases[] = {
      {"hangs", ScriptedRunner::Ended(hung)},
      {"not installed", ScriptedRunner::Ended(absl::UnavailableError("no such file"))},
      {"prints without end", ScriptedRunner::Ended(absl::ResourceExhaustedError("more output than 4194304 bytes"))},
      {"garbage", ScriptedRunner::Exit(0, "\x01\x02 oops")},
      {"nothing", ScriptedRunner::Exit(1, "", "crm_mon: something is wrong\n")},
      {"cut short", ScriptedRunner::Exit(0, healthy.substr(0, 900))},
  };
  for (const auto& one : kCases) {
    SCOPED_TRACE(one.name);
    runner_.answers["crm_mon"] = one.result;
    const v1::ClusterFact& fact = ReadCluster();
    EXPECT_EQ(fact.connected(), v1::ANSWER_UNSPECIFIED);
    EXPECT_EQ(fact.dc_present(), v1::ANSWER_UNSPECIFIED);
    EXPECT_EQ(fact.quorum().quorate(), v1::ANSWER_UNSPECIFIED);
    EXPECT_EQ(fact.idle(), v1::ANSWER_UNSPECIFIED);
    EXPECT_THAT(fact.nodes(), IsEmpty());
    EXPECT_THAT(fact.error(), HasSubstr("crm_mon"));
  }
}

TEST_F(ClusterObserverTest, AnEarlierGoodReadingDoesNotOutliveAFailedOne) {
  ReadCluster();
  runner_.answers["crm_mon"] = ScriptedRunner::Ended(absl::DeadlineExceededError("killed after 5s"));
  EXPECT_THAT(ReadCluster().nodes(), IsEmpty());
  EXPECT_EQ(ReadCluster().quorum().quorate(), v1::ANSWER_UNSPECIFIED);
}

TEST_F(ClusterObserverTest, NotConnectedIsNo) {
  runner_.answers["crm_mon"] = ScriptedRunner::Exit(102, ClusterFixture("crm_mon-not-connected.xml"));
  EXPECT_EQ(ReadCluster().connected(), v1::ANSWER_NO);
  EXPECT_EQ(observer_.cluster().quorum().quorate(), v1::ANSWER_UNSPECIFIED);
}

TEST_F(ClusterObserverTest, AQuorumToolThatFailsLeavesTheRest) {
  runner_.answers["corosync-quorumtool"] = ScriptedRunner::Ended(absl::DeadlineExceededError("killed after 5s"));
  const v1::ClusterFact& fact = ReadCluster();
  EXPECT_EQ(fact.connected(), v1::ANSWER_YES);
  EXPECT_EQ(fact.quorum().quorate(), v1::ANSWER_UNSPECIFIED);
  EXPECT_THAT(fact.quorum().error(), HasSubstr("corosync-quorumtool: killed"));
  EXPECT_EQ(fact.idle(), v1::ANSWER_YES);
}

TEST_F(ClusterObserverTest, WithoutQuorumTheToolsExitCodeIsTheAnswer) {
  runner_.answers["corosync-quorumtool"] = ScriptedRunner::Exit(2, ClusterFixture("quorumtool-not-quorate.txt"));
  EXPECT_EQ(ReadCluster().quorum().quorate(), v1::ANSWER_NO);
}

TEST_F(ClusterObserverTest, AControllerThatDoesNotAnswerIsNeitherIdleNorBusy) {
  const struct {
    const char* name;
    CommandResult result;
  } kCases[] = {
      {"hangs", ScriptedRunner::Ended(absl::DeadlineExceededError("killed after 3s"))},
      {"times out", ScriptedRunner::Exit(124, ClusterFixture("crmadmin-status-timeout.xml"))},
      {"garbage", ScriptedRunner::Exit(0, "S_IDLE")},
  };
  for (const auto& one : kCases) {
    runner_.answers["crmadmin"] = one.result;
    EXPECT_EQ(ReadCluster().idle(), v1::ANSWER_UNSPECIFIED) << one.name;
    EXPECT_EQ(observer_.cluster().connected(), v1::ANSWER_YES) << one.name;
  }
}

TEST_F(ClusterObserverTest, WithoutADcNobodyIsAskedWhetherItIsIdle) {
  runner_.answers["crm_mon"] = ScriptedRunner::Exit(0, ClusterFixture("crm_mon-no-dc.xml"));
  EXPECT_EQ(ReadCluster().idle(), v1::ANSWER_UNSPECIFIED);
  EXPECT_THAT(runner_.calls, SizeIs(2));
}

TEST_F(ClusterObserverTest, RequestsThatComeTogetherShareAReadingThatBeganAfterThem) {
  runner_.held = true;
  int done = 0;
  for (int i = 0; i < 4; ++i) observer_.ReadCluster([&done] { ++done; });
  runner_.Release();
  ASSERT_TRUE(LoopUntil(*loop_, [&done] { return done == 4; }));
  EXPECT_THAT(changes_, SizeIs(2));  // the first one's own, and one for the three that came while it was under way
}

TEST_F(ClusterObserverTest, ReadsByItselfAtItsInterval) {
  observer_.SetInterval(absl::Seconds(1));
  EXPECT_TRUE(LoopUntil(*loop_, [this] { return changes_.size() == 2; }));
}

TEST_F(ClusterObserverTest, TheCib) {
  const v1::CibFact& fact = ReadCib();
  EXPECT_THAT(runner_.calls, ElementsAre("cibadmin --query"));
  EXPECT_THAT(fact.primitives(), SizeIs(1));
  EXPECT_EQ(fact.error(), "");
  ASSERT_THAT(changes_, SizeIs(1));
  EXPECT_TRUE(changes_[0].has_cib());
}

TEST_F(ClusterObserverTest, ACibThatCouldNotBeReadSaysSoAndHoldsNothing) {
  const struct {
    const char* name;
    CommandResult result;
    const char* error;
  } kCases[] = {
      {"not connected", ScriptedRunner::Exit(102, "", "cibadmin: Could not connect\nmore\n"),
       "cibadmin exited with 102: cibadmin: Could not connect"},
      {"hangs", ScriptedRunner::Ended(absl::DeadlineExceededError("killed after 5s")), "cibadmin: killed after 5s"},
      {"garbage", ScriptedRunner::Exit(0, "<cib"), "no XML"},
  };
  for (const auto& one : kCases) {
    SCOPED_TRACE(one.name);
    runner_.answers["cibadmin"] = ScriptedRunner::Exit(0, ClusterFixture("cibadmin-lock.xml"));
    ASSERT_THAT(ReadCib().ours(), SizeIs(1));
    runner_.answers["cibadmin"] = one.result;
    const v1::CibFact& fact = ReadCib();
    EXPECT_THAT(fact.error(), HasSubstr(one.error));
    EXPECT_THAT(fact.error(), testing::Not(HasSubstr("more")));
    EXPECT_THAT(fact.ours(), IsEmpty());
    EXPECT_THAT(fact.primitives(), IsEmpty());
  }
}

}  // namespace
}  // namespace jettyfleet
