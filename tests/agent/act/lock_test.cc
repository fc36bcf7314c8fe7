#include "tests/agent/act/actor_fixture.h"

namespace jettyfleet {
namespace {

class LockTest : public ActorFixture {
 protected:
  v1::Action Acquire(const std::string& holder = "uuid-a", int seconds = 60) {
    v1::Action action = NewAction();
    action.mutable_acquire_lock()->set_holder(holder);
    action.mutable_acquire_lock()->mutable_duration()->set_seconds(seconds);
    return action;
  }
  v1::Action Renew(const std::string& holder = "uuid-a", int seconds = 120) {
    v1::Action action = NewAction();
    action.mutable_renew_lock()->set_holder(holder);
    action.mutable_renew_lock()->mutable_duration()->set_seconds(seconds);
    return action;
  }
  v1::Action Release(const std::string& holder = "uuid-a") {
    v1::Action action = NewAction();
    action.mutable_release_lock()->set_holder(holder);
    return action;
  }
  bool HeldBy(const std::string& holder) const {
    return cluster_.Has(
        absl::StrCat("//cluster_property_set[@id='jettyfleet-lock']/nvpair[@name='jettyfleet-holder']"
                     "[@value='",
                     holder, "']"));
  }
};

TEST_F(LockTest, AcquiredWithItsWholeContent) {
  const v1::ActionResult result = Execute(Acquire());
  EXPECT_THAT(result, IsDone());
  EXPECT_EQ(FromProto(result.lease_ends_at()), absl::FromUnixSeconds(1763900061));
  EXPECT_TRUE(cluster_.Has(
      "//crm_config/cluster_property_set[@id='jettyfleet-lock'][nvpair[@id='jettyfleet-lock-holder'][@value='uuid-a']]"
      "[nvpair[@id='jettyfleet-lock-epoch'][@name='jettyfleet-epoch'][@value='1']]"
      "[nvpair[@id='jettyfleet-lock-operation'][@name='jettyfleet-operation'][@value='op-1']]"
      "[nvpair[@id='jettyfleet-lock-ends'][@name='jettyfleet-ends'][@value='2025-11-23T12:14:21Z']]"))
      << cluster_.Cib();
}

TEST_F(LockTest, AgainByTheSameOperationIsDoneWithTheEndThatStands) {
  ASSERT_THAT(Execute(Acquire()), IsDone());
  clock_.Advance(absl::Seconds(10));
  const v1::ActionResult again = Execute(Acquire());
  EXPECT_THAT(again, IsDone());
  EXPECT_EQ(FromProto(again.lease_ends_at()), absl::FromUnixSeconds(1763900061));
}

TEST_F(LockTest, HeldByAnotherIsRefusedAndSaysByWhomUntilWhen) {
  ASSERT_THAT(Execute(Acquire()), IsDone());
  v1::Action other = Acquire("uuid-b");
  other.set_operation_id("op-2");
  const v1::ActionResult result = Execute(other);
  EXPECT_THAT(result, IsRefused("operation 'op-1', held by uuid-a until 2025-11-23T12:14:21Z"));
  EXPECT_EQ(result.lock().holder(), "uuid-a");
  EXPECT_EQ(result.lock().operation_id(), "op-1");
  EXPECT_EQ(result.lock().epoch(), 1u);
  EXPECT_TRUE(HeldBy("uuid-a"));
  v1::Action second_operation = Acquire();
  second_operation.set_operation_id("op-2");
  EXPECT_THAT(Execute(second_operation), IsRefused("another operation"));
}

TEST_F(LockTest, AnExpiredLockIsReplaced) {
  ASSERT_THAT(Execute(Acquire()), IsDone());
  v1::Action other = Acquire("uuid-b");
  other.set_operation_id("op-2");
  clock_.Advance(absl::Milliseconds(60500));
  EXPECT_THAT(Execute(other), IsRefused("uuid-a")) << "its end is rounded up to a whole second";
  clock_.Advance(absl::Milliseconds(500));
  other.set_id("another-id");
  EXPECT_THAT(Execute(other), IsDone());
  EXPECT_TRUE(HeldBy("uuid-b"));
}

TEST_F(LockTest, AnExpiredLockThatIsRenewedMeanwhileIsKept) {
  ASSERT_THAT(Execute(Acquire()), IsDone());
  clock_.Advance(absl::Minutes(2));
  v1::Action other = Acquire("uuid-b");
  other.set_operation_id("op-2");
  // Between the look and the delete.
  cluster_.BeforeNext("cibadmin --delete", [this] {
    cluster_.Remove("//nvpair[@id='jettyfleet-lock-ends']");
    cluster_.Append("//cluster_property_set[@id='jettyfleet-lock']",
                    R"(<nvpair id="jettyfleet-lock-ends" name="jettyfleet-ends" value="2025-11-23T13:00:00Z"/>)");
  });
  EXPECT_THAT(Execute(other), IsRefused("until 2025-11-23T13:00:00Z"));
  EXPECT_TRUE(HeldBy("uuid-a"));
}

TEST_F(LockTest, OfTwoWhoSeeNoLockOneGetsIt) {
  cluster_.BeforeNext("cibadmin --create", [this] {
    cluster_.Append("//crm_config", R"(<cluster_property_set id="jettyfleet-lock">
        <nvpair id="jettyfleet-lock-holder" name="jettyfleet-holder" value="uuid-b"/>
        <nvpair id="jettyfleet-lock-ends" name="jettyfleet-ends" value="2025-11-23T13:00:00Z"/></cluster_property_set>)");
  });
  EXPECT_THAT(Execute(Acquire()), IsRefused("held by uuid-b"));
  EXPECT_FALSE(HeldBy("uuid-a"));
}

TEST_F(LockTest, AHeldLockIsNotEvenTried) {
  ASSERT_THAT(Execute(Acquire()), IsDone());
  cluster_.calls.clear();
  v1::Action other = Acquire("uuid-b");
  ASSERT_THAT(Execute(other), IsRefused("uuid-a"));
  EXPECT_THAT(cluster_.calls, testing::Not(testing::Contains(testing::StartsWith("cibadmin --create"))));
}

TEST_F(LockTest, ALockWithoutAReadableEndIsNeverOver) {
  cluster_.Append("//crm_config", R"(<cluster_property_set id="jettyfleet-lock">
      <nvpair id="jettyfleet-lock-holder" name="jettyfleet-holder" value="x"/>
      <nvpair id="jettyfleet-lock-ends" name="jettyfleet-ends" value="soon"/></cluster_property_set>)");
  EXPECT_THAT(Execute(Acquire()), IsRefused("without a readable end"));
  EXPECT_TRUE(HeldBy("x"));
}

TEST_F(LockTest, AForeignExpiredLockWithAQuoteInItIsNotPutIntoAnXpath) {
  cluster_.Append("//crm_config", R"(<cluster_property_set id="jettyfleet-lock">
      <nvpair id="jettyfleet-lock-holder" name="jettyfleet-holder" value="'] | //node["/>
      <nvpair id="jettyfleet-lock-ends" name="jettyfleet-ends" value="2020-01-01T00:00:00Z"/></cluster_property_set>)");
  EXPECT_THAT(Execute(Acquire()), IsRefused("another operation"));
  EXPECT_TRUE(cluster_.Has("//nodes/node"));
}

TEST_F(LockTest, RenewedOnlyByItsHolderAndOperation) {
  ASSERT_THAT(Execute(Acquire()), IsDone());
  clock_.Advance(absl::Seconds(30));
  const v1::ActionResult renewed = Execute(Renew());
  EXPECT_THAT(renewed, IsDone());
  EXPECT_EQ(FromProto(renewed.lease_ends_at()), absl::FromUnixSeconds(1763900151));
  EXPECT_TRUE(cluster_.Has("//nvpair[@id='jettyfleet-lock-ends'][@value='2025-11-23T12:15:51Z']"));
  EXPECT_THAT(Execute(Renew("uuid-b")), IsRefused("held by uuid-a"));
  v1::Action other = Renew();
  other.set_operation_id("op-2");
  EXPECT_THAT(Execute(other), IsRefused("op-1"));
  EXPECT_TRUE(cluster_.Has("//nvpair[@id='jettyfleet-lock-ends'][@value='2025-11-23T12:15:51Z']"));
}

TEST_F(LockTest, ALockThatIsGoneCannotBeRenewed) { EXPECT_THAT(Execute(Renew()), IsRefused("the lock is gone")); }

TEST_F(LockTest, ReleasedOnlyByItsHolder) {
  ASSERT_THAT(Execute(Acquire()), IsDone());
  EXPECT_THAT(Execute(Release("uuid-b")), IsDone());
  EXPECT_TRUE(HeldBy("uuid-a"));
  EXPECT_THAT(Execute(Release()), IsDone());
  EXPECT_FALSE(HeldBy("uuid-a"));
  EXPECT_THAT(Execute(Release()), IsDone());
}

TEST_F(LockTest, ALateReleaseLeavesTheNextOperationsLock) {
  v1::Action next = Acquire();
  next.set_operation_id("op-2");
  ASSERT_THAT(Execute(next), IsDone());
  EXPECT_THAT(Execute(Release()), IsDone());
  EXPECT_TRUE(HeldBy("uuid-a"));
  v1::Action any = Release();
  any.clear_operation_id();
  EXPECT_THAT(Execute(any), IsDone());
  EXPECT_FALSE(HeldBy("uuid-a"));
}

TEST_F(LockTest, WithoutQuorumTheLockIsLeftAlone) {
  ASSERT_THAT(Execute(Acquire()), IsDone());
  const std::string before = cluster_.Cib();
  cluster_.quorumtool_exit = 2;
  v1::Action other = Acquire("uuid-b");
  for (const v1::Action& action : {other, Renew(), Release()}) {
    EXPECT_THAT(Execute(action), IsRefused("no quorum"));
  }
  EXPECT_EQ(cluster_.Cib(), before);
}

TEST_F(LockTest, WhatCibadminSaysIsNotBelievedWithoutALook) {
  cluster_.Next("cibadmin --create", FakeCluster::Exit(0));
  EXPECT_THAT(Execute(Acquire()), IsFailed("not created"));
  cluster_.Next("cibadmin --create", FakeCluster::Exit(1, "", "Call failed: Timer expired\n"), /*after_effect=*/true);
  EXPECT_THAT(Execute(Acquire()), IsDone());
  cluster_.Next("cibadmin --modify", FakeCluster::Exit(0));
  EXPECT_THAT(Execute(Renew()), IsFailed("not renewed"));
  cluster_.Next("cibadmin --modify", FakeCluster::Hang());
  EXPECT_THAT(Execute(Renew()), IsTimedOut("not renewed"));
  cluster_.Next("cibadmin --delete", FakeCluster::Exit(0));
  EXPECT_THAT(Execute(Release()), IsFailed("not released"));
  cluster_.Next("cibadmin --create", FakeCluster::Hang());
  cluster_.Remove("//cluster_property_set[@id='jettyfleet-lock']");
  EXPECT_THAT(Execute(Acquire()), IsTimedOut("not created"));
}

TEST_F(LockTest, NobodyActsUnderAnothersLock) {
  v1::Action other = Acquire("uuid-b");
  other.set_operation_id("op-2");
  ASSERT_THAT(Execute(other), IsDone());
  v1::Action create = NewAction();
  create.mutable_create_resource()->set_name("shop");
  create.mutable_create_resource()->set_unit("jetty9");
  create.mutable_create_resource()->mutable_monitor_interval()->set_seconds(30);
  v1::Action clone = NewAction();
  clone.mutable_clone_resource()->set_name("jetty");
  for (const v1::Action& action : {Evict(), Standby(), create, clone}) {
    const v1::ActionResult result = Execute(action);
    EXPECT_THAT(result, IsRefused("op-2"));
    EXPECT_EQ(result.lock().holder(), "uuid-b");
  }
  // Undo is never in the way.
  EXPECT_THAT(Execute(RemoveLease()), IsDone());
}

}  // namespace
}  // namespace jettyfleet
