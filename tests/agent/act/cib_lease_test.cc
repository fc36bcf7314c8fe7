#include "tests/agent/act/actor_fixture.h"

namespace jettyfleet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kLease[] = "jettyfleet-op-1-node-01";
constexpr char kRule[] =
    "//constraints/rsc_location[@id='jettyfleet-op-1-node-01'][@rsc='jetty-clone']/"
    "rule[@id='jettyfleet-op-1-node-01-rule']"
    "[@score='-INFINITY'][expression[@attribute='#uname'][@value='node-01']]"
    "[date_expression[@operation='lt'][@end='2025-11-23T12:14:21Z']]";
constexpr char kSet[] =
    "//nodes/node[@uname='node-01']/instance_attributes[@id='jettyfleet-op-1-node-01'][@score='INFINITY']"
    "[rule/date_expression[@operation='lt'][@end='2025-11-23T12:14:21Z']][nvpair[@name='standby'][@value='on']]";

// Evict and standby have the same promises; what differs stands in tests of their own below.
class CibLeaseTest : public ActorFixture, public testing::WithParamInterface<bool> {
 protected:
  bool evict() const { return GetParam(); }
  v1::Action Act(const std::string& lease = kLease, int seconds = 60) {
    return evict() ? Evict(lease, seconds) : Standby(lease, seconds);
  }
  std::string Program() const { return evict() ? "pcs" : "cibadmin --modify"; }
  const char* Element() const { return evict() ? kRule : kSet; }
  bool InCib() const { return cluster_.Has(absl::StrCat("//*[@id='", kLease, "']")); }
};

INSTANTIATE_TEST_SUITE_P(Kinds, CibLeaseTest, testing::Values(true, false),
                         [](const auto& info) { return info.param ? "Evict" : "Standby"; });

TEST_P(CibLeaseTest, ArmedRecordedAndUndone) {
  const v1::ActionResult result = Execute(Act());
  EXPECT_THAT(result, IsDone());
  EXPECT_EQ(FromProto(result.lease_ends_at()), absl::FromUnixSeconds(1763900061));
  EXPECT_TRUE(cluster_.Has(Element())) << cluster_.Cib();
  const std::vector<v1::LeaseFact> leases = actor_->Leases();
  ASSERT_EQ(leases.size(), 1u);
  EXPECT_EQ(leases[0].id(), kLease);
  EXPECT_EQ(leases[0].kind(), evict() ? "evict" : "standby");
  EXPECT_EQ(leases[0].target(), "node-01");
  EXPECT_EQ(leases[0].operation_id(), "op-1");
  EXPECT_EQ(leases[0].ends_at().seconds(), result.lease_ends_at().seconds());
  Restart();
  EXPECT_THAT(LeaseIds(), ElementsAre(kLease));

  EXPECT_THAT(Execute(RemoveLease()), IsDone());
  EXPECT_FALSE(InCib());
  EXPECT_THAT(LeaseIds(), IsEmpty());
  EXPECT_FALSE(std::filesystem::exists(LeasePath(kLease)));
  EXPECT_THAT(Execute(RemoveLease()), IsDone());
}

TEST_P(CibLeaseTest, RecordedBeforeTheAct) {
  bool recorded = false;
  cluster_.BeforeNext(Program(), [&] { recorded = std::filesystem::exists(LeasePath(kLease)); });
  EXPECT_THAT(Execute(Act()), IsDone());
  EXPECT_TRUE(recorded);
}

TEST_P(CibLeaseTest, QuorumIsAskedBothWaysRightBeforeTheAct) {
  EXPECT_THAT(Execute(Act()), IsDone());
  ASSERT_GE(cluster_.calls.size(), 4u);
  const std::size_t act = cluster_.calls.size() - 2;  // then the look
  EXPECT_EQ(cluster_.calls[act - 2], "crm_mon --one-shot --output-as xml");
  EXPECT_EQ(cluster_.calls[act - 1], "corosync-quorumtool -s");
}

TEST_P(CibLeaseTest, WithoutQuorumNeitherActNorUndo) {
  struct Case {
    std::function<void()> lose;
    const char* why;
  };
  const std::vector<Case> cases = {
      {[this] { cluster_.dc_has_quorum = false; }, "the partition of DC node-02"},
      {[this] { cluster_.dc_present = false; }, "no DC"},
      {[this] { cluster_.quorumtool_exit = 2; }, "no quorate partition"},
      {[this] { cluster_.quorumtool_exit = 1; }, "corosync-quorumtool: exit 1"},
      {[this] {
         cluster_.Next("crm_mon", FakeCluster::Exit(102, "", "crm_mon: Connection to cluster failed: Not connected\n"));
       },
       "Not connected"},
      {[this] { cluster_.Next("crm_mon", FakeCluster::Hang()); }, "did not end"},
      {[this] { cluster_.Next("crm_mon", FakeCluster::Exit(0, "CLUSTER OK")); }, "no XML"},
      {[this] { cluster_.Next("crm_mon", FakeCluster::Exit(0, "<a/>")); }, "no DC"},
      {[this] { cluster_.Next("corosync-quorumtool", FakeCluster::Hang()); }, "did not end"},
  };
  ASSERT_THAT(Execute(Act("jettyfleet-in-force")), IsDone());
  ASSERT_THAT(Execute(RemoveLease("jettyfleet-in-force")), IsDone());
  for (const Case& lost : cases) {
    cluster_.dc_has_quorum = cluster_.dc_present = true;
    cluster_.quorumtool_exit = 0;
    lost.lose();
    const std::string before = cluster_.Cib();
    EXPECT_THAT(Execute(Act()), IsRefused("no quorum")) << lost.why;
    EXPECT_EQ(cluster_.Cib(), before);
    EXPECT_THAT(LeaseIds(), IsEmpty()) << "nothing was armed, so nothing is recorded";
    lost.lose();
    EXPECT_THAT(Execute(RemoveLease()), IsRefused(lost.why));
  }
}

TEST_P(CibLeaseTest, WhatCannotBeRecordedIsNotDone) {
  std::filesystem::create_directories(LeasePath(kLease) + ".new");  // in the way of writing, also for root
  EXPECT_THAT(Execute(Act()), IsRefused("nothing was done"));
  EXPECT_FALSE(InCib());
  EXPECT_THAT(LeaseIds(), IsEmpty());
}

TEST_P(CibLeaseTest, AToolThatHangsIsTimedOutAndTheRecordStays) {
  cluster_.Next(Program(), FakeCluster::Hang());
  EXPECT_THAT(Execute(Act()), IsTimedOut("killed"));
  EXPECT_THAT(LeaseIds(), ElementsAre(kLease));
}

TEST_P(CibLeaseTest, AToolThatHangsAfterItsEffectIsSeenToHaveHadIt) {
  cluster_.Next(Program(), FakeCluster::Hang(), /*after_effect=*/true);
  EXPECT_THAT(Execute(Act()), IsDone());
}

TEST_P(CibLeaseTest, AToolThatFailsIsQuotedInOneLine) {
  cluster_.Next(Program(), FakeCluster::Exit(1, "", "Warning: something\nError: unable to get cib\n\n"));
  const v1::ActionResult result = Execute(Act());
  EXPECT_THAT(result, IsFailed("exit 1: Error: unable to get cib"));
  EXPECT_THAT(result.message(), testing::Not(HasSubstr("\n")));
  EXPECT_THAT(LeaseIds(), ElementsAre(kLease));
}

TEST_P(CibLeaseTest, AToolThatPrintsGarbageIsQuotedWithoutIt) {
  cluster_.Next(Program(), FakeCluster::Exit(1, "", "\x1b[31m\xff\xfe\x01 it broke\n"));
  const v1::ActionResult result = Execute(Act());
  EXPECT_THAT(result, IsFailed("it broke"));
  for (const char c : result.message()) EXPECT_TRUE(c >= ' ' && c <= '~');
}

TEST_P(CibLeaseTest, ASuccessWithoutEffectIsAFailure) {
  cluster_.Next(Program(), FakeCluster::Exit(0));
  EXPECT_THAT(Execute(Act()), IsFailed("the CIB does not hold"));
}

TEST_P(CibLeaseTest, ACibThatCannotBeReadIsARefusalBeforeAndAFailureAfter) {
  for (const CommandResult& bad : {FakeCluster::Exit(0, "<configuration"), FakeCluster::Exit(0, "<cib/>"),
                                   FakeCluster::Exit(102, "", "Call failed: Not connected\n"), FakeCluster::Hang()}) {
    cluster_.Next("cibadmin --query", bad);
    EXPECT_THAT(Execute(Act()), Is(v1::ActionResult::OUTCOME_REFUSED, "CIB"));
  }
  EXPECT_FALSE(InCib());
  cluster_.BeforeNext(Program(), [this] { cluster_.Next("cibadmin --query", FakeCluster::Exit(0, "garbage")); });
  EXPECT_THAT(Execute(Act()), IsFailed("cannot see"));
  EXPECT_THAT(LeaseIds(), ElementsAre(kLease));
}

TEST_P(CibLeaseTest, AnIdThatIsInForceAlreadyIsNotExtended) {
  const v1::ActionResult first = Execute(Act());
  ASSERT_THAT(first, IsDone());
  clock_.Advance(absl::Seconds(10));
  const v1::ActionResult again = Execute(Act());  // as after an agent that died before it could answer
  EXPECT_THAT(again, IsDone());
  EXPECT_EQ(again.lease_ends_at().seconds(), first.lease_ends_at().seconds());
  clock_.Advance(absl::Minutes(2));
  EXPECT_THAT(Execute(Act()), IsRefused("used already"));
}

TEST_P(CibLeaseTest, AnIdOfAnotherNodeIsRefused) {
  ASSERT_THAT(Execute(Act()), IsDone());
  v1::Action other = Act();
  (evict() ? other.mutable_evict_node()->mutable_node() : other.mutable_standby_node()->mutable_node())
      ->assign("node-03");
  EXPECT_THAT(Execute(other), IsRefused("used already"));
}

TEST_P(CibLeaseTest, AnUnknownNodeIsRefused) {
  v1::Action other = Act();
  (evict() ? other.mutable_evict_node()->mutable_node() : other.mutable_standby_node()->mutable_node())
      ->assign("node-09");
  EXPECT_THAT(Execute(other), IsRefused("no node node-09"));
}

TEST_P(CibLeaseTest, ADiskSoSlowThatTheEndHasPassedRefuses) {
  // Between the decision and the record.
  cluster_.BeforeNext("corosync-quorumtool", [this] { clock_.Advance(absl::Seconds(5)); });
  EXPECT_THAT(Execute(Act(kLease, 1)), IsRefused("too late"));
  EXPECT_FALSE(InCib());
  EXPECT_THAT(LeaseIds(), IsEmpty());
}

TEST_P(CibLeaseTest, ARemovalWithoutEffectIsAFailureAndTheRecordStays) {
  ASSERT_THAT(Execute(Act()), IsDone());
  cluster_.Next("cibadmin --delete", FakeCluster::Exit(0));
  EXPECT_THAT(Execute(RemoveLease()), IsFailed("still in the CIB"));
  cluster_.Next("cibadmin --delete", FakeCluster::Hang());
  EXPECT_THAT(Execute(RemoveLease()), IsTimedOut("still in the CIB"));
  EXPECT_THAT(LeaseIds(), ElementsAre(kLease));
  cluster_.Next("cibadmin --delete", FakeCluster::Exit(1, "", "Call failed: Timer expired\n"), /*after_effect=*/true);
  EXPECT_THAT(Execute(RemoveLease()), IsDone());
}

TEST_P(CibLeaseTest, RemovalTakesNothingElse) {
  ASSERT_THAT(Execute(Act()), IsDone());
  ASSERT_THAT(Execute(evict() ? Evict("jettyfleet-op-1-node-01-b") : Evict("jettyfleet-op-1-b")), IsDone());
  cluster_.Append("//constraints", R"(<rsc_location id="cli-ban-jetty-clone-on-node-01" rsc="jetty-clone"/>)");
  cluster_.Append(
      "//node[@id='1']",
      R"(<instance_attributes id="nodes-1"><nvpair id="n" name="standby" value="on"/></instance_attributes>)");
  EXPECT_THAT(Execute(RemoveLease()), IsDone());
  EXPECT_FALSE(InCib());
  EXPECT_TRUE(cluster_.Has("//rsc_location[@id='cli-ban-jetty-clone-on-node-01']"));
  EXPECT_TRUE(cluster_.Has("//instance_attributes[@id='nodes-1']"));
  EXPECT_TRUE(cluster_.Has("//rsc_location[starts-with(@id, 'jettyfleet-op-1-')]"));
}

using EvictTest = ActorFixture;

TEST_F(EvictTest, ARuleWithoutItsEndIsAFailure) {
  cluster_.pcs_drops_the_end = true;
  EXPECT_THAT(Execute(Evict()), IsFailed("something else"));
}

TEST_F(EvictTest, AnUnknownResourceIsRefused) {
  v1::Action action = Evict();
  action.mutable_evict_node()->set_clone("jetty2-clone");
  EXPECT_THAT(Execute(action), IsRefused("no resource jetty2-clone"));
}

TEST_F(EvictTest, AnIdOfAnotherResourceIsRefused) {
  ASSERT_THAT(Execute(Evict()), IsDone());
  v1::Action action = Evict();
  action.mutable_evict_node()->set_clone("jetty");
  EXPECT_THAT(Execute(action), IsRefused("another resource"));
}

using StandbyTest = ActorFixture;

TEST_F(StandbyTest, AnOperatorsStandbyIsLeftAlone) {
  cluster_.Append(
      "//node[@id='1']",
      R"(<instance_attributes id="nodes-1"><nvpair id="n" name="standby" value="on"/></instance_attributes>)");
  EXPECT_THAT(Execute(Standby()), IsRefused("operator's standby (set nodes-1)"));
  cluster_.Remove("//instance_attributes");
  cluster_.Append("//status",
                  R"(<node_state id="1" uname="node-01"><transient_attributes id="1"><instance_attributes id="status-1">
      <nvpair id="status-1-standby" name="standby" value="on"/></instance_attributes></transient_attributes></node_state>)");
  EXPECT_THAT(Execute(Standby()), IsRefused("until its reboot"));
}

TEST_F(StandbyTest, AStandbyThatIsOffIsNobodys) {
  cluster_.Append(
      "//node[@id='1']",
      R"(<instance_attributes id="nodes-1"><nvpair id="n" name="standby" value="off"/></instance_attributes>)");
  EXPECT_THAT(Execute(Standby()), IsDone());
}

TEST_F(StandbyTest, ASetOfThatIdThatComesMeanwhileIsNotChanged) {
  cluster_.BeforeNext("cibadmin --modify", [this] {
    cluster_.Append("//node[@id='1']", R"(<instance_attributes id="jettyfleet-op-1-node-01" score="1">
        <nvpair id="jettyfleet-op-1-node-01-standby" name="standby" value="off"/></instance_attributes>)");
  });
  EXPECT_THAT(Execute(Standby()), IsFailed("something else"));
  EXPECT_TRUE(cluster_.Has("//instance_attributes[@score='1']/nvpair[@value='off']"));
}

TEST_F(StandbyTest, OneStandbyOfOursAtATime) {
  ASSERT_THAT(Execute(Standby()), IsDone());
  EXPECT_THAT(Execute(Standby("jettyfleet-op-2-node-01")), IsRefused("in standby already"));
  clock_.Advance(absl::Minutes(2));
  EXPECT_THAT(Execute(Standby("jettyfleet-op-2-node-01")), IsDone());
}

}  // namespace
}  // namespace jettyfleet
