// Drain, restore and apply against two scripted load balancers, an act at a time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "coordinator/route/drain_run.h"
#include "coordinator/route/reconcile_run.h"
#include "coordinator/route/restore_run.h"
#include "coordinator/route/servers.h"
#include "tests/coordinator/route/routed_view.h"

namespace jettyfleet {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class NoJournal final : public Journal {
 public:
  absl::Status Append(std::vector<v1::JournalRecord>* records, RecordUse) override {
    if (full) return absl::ResourceExhaustedError("disk full");
    for (const v1::JournalRecord& record : *records) kept.push_back(record);
    return absl::OkStatus();
  }
  absl::Status Read(uint64_t, const std::function<bool(const v1::JournalRecord&)>&) const override {
    return absl::OkStatus();
  }
  absl::Status ReadOperation(const std::string&, const std::function<bool(const v1::JournalRecord&)>&) const override {
    return absl::OkStatus();
  }
  uint64_t LastSequence() const override { return kept.size(); }

  bool full = false;
  std::vector<v1::JournalRecord> kept;
};

class RouteRunTest : public testing::Test {
 protected:
  RouteRunTest() {
    hands_.id = "rt-1";
    hands_.flight = &flight_;
    hands_.observe = [this](const std::string& host, const v1::Observe& observe) { Look(host, observe); };
    hands_.progress = [this](const v1::RouteProgress& line) {
      said_.push_back(absl::StrCat(line.step(), " ", v1::RouteProgress::State_Name(line.state())));
    };
  }

  // What the agents do with an action; the answer is there at once.
  bool Send(const std::string& host, const v1::Action& action) {
    if (unreachable_ == host) return false;
    v1::ActionResult& result = view_.results[action.id()];
    result.set_action_id(action.id());
    result.set_outcome(v1::ActionResult::OUTCOME_DONE);
    if (refusing_ == host) {
      result.set_outcome(v1::ActionResult::OUTCOME_REFUSED);
      result.set_message("an operator has set it");
      return true;
    }
    if (action.has_set_lb_server()) {
      const v1::SetLbServer& set = action.set_lb_server();
      acts_.push_back(absl::StrCat(host, " ", set.server(), " ", AdminWord(set.state())));
      v1::LbServerFact& fact = ServerOn(&view_, host, set.server());
      fact.set_admin_state(set.state());
      const bool ready = set.state() == v1::LbServerFact::ADMIN_STATE_READY;
      fact.set_status(ready ? "UP" : "MAINT");
      if (set.state() == v1::LbServerFact::ADMIN_STATE_MAINT) fact.clear_check_status();
      if (ready && check_passes_) fact.set_check_status("L7OK");
      auto& leases = *view_.load_balancers.at(host).report.mutable_leases();
      for (int i = leases.size() - 1; i >= 0; --i) {
        if (leases[i].id() == set.lease_id()) leases.DeleteSubrange(i, 1);
      }
      if (!ready) {
        v1::LeaseFact& lease = *leases.Add();
        lease.set_id(set.lease_id());
        lease.set_kind("lb-server");
        lease.set_target(absl::StrCat(set.backend(), "/", set.server()));
        *lease.mutable_ends_at() = ToProto(now_ + FromProto(set.duration()));
      }
    } else if (action.has_set_lb_weight()) {
      acts_.push_back(absl::StrCat(host, " ", action.set_lb_weight().server(), " configured weight"));
      if (!ignores_) ServerOn(&view_, host, action.set_lb_weight().server()).set_weight(100);
    }
    return true;
  }

  void Look(const std::string& host, const v1::Observe& observe) {
    if (observe.lb_servers()) view_.load_balancers.at(host).fresh.lb_servers = now_;
    if (observe.http()) view_.nodes.at(host).fresh.http = now_;
  }

  // Until it ends, at most two minutes.
  absl::Status Run(RouteRun& run) {
    for (int i = 0; i < 1200; ++i) {
      if (during_) during_();
      const std::optional<absl::Status> ended = run.Step(view_, now_);
      if (ended.has_value()) return *ended;
      now_ += absl::Milliseconds(100);
    }
    return absl::DeadlineExceededError("it never ended");
  }
  absl::Status Drain(const std::string& node = "node-01") {
    DrainRun run({node, absl::Minutes(5), absl::Seconds(10)}, hands_, now_);
    return Run(run);
  }
  absl::Status Restore() {
    RestoreRun run("node-01", hands_, now_);
    return Run(run);
  }
  absl::Status Apply(bool take_over = false) {
    ReconcileRun run(take_over, hands_, now_);
    return Run(run);
  }
  // A new look at everything, as before each change.
  void LookEverywhere() {
    for (auto& [name, host] : view_.nodes) host.fresh = {now_, now_, now_, now_, now_};
    for (auto& [name, host] : view_.load_balancers) host.fresh = {now_, now_, now_, now_, now_};
  }

  absl::Time now_ = Noon();
  ClusterView view_ = RoutedView();
  NoJournal journal_;
  ActionFlight flight_{{"rt-1", "c", "somebody", "because"},
                       &journal_,
                       [this](const std::string& host, const v1::Action& action) { return Send(host, action); }};
  RouteHands hands_;
  std::vector<std::string> acts_;
  std::vector<std::string> said_;
  std::string refusing_;
  std::string unreachable_;
  bool check_passes_ = true;
  bool ignores_ = false;
  std::function<void()> during_;
};

TEST_F(RouteRunTest, DrainThenMaintOnEveryLoadBalancer) {
  EXPECT_TRUE(Drain().ok());
  EXPECT_THAT(acts_,
              ElementsAre("lb-01 node-01 drain", "lb-02 node-01 drain", "lb-01 node-01 maint", "lb-02 node-01 maint"));
  ASSERT_THAT(view_.load_balancers.at("lb-01").report.leases(), SizeIs(1));
  EXPECT_LE(FromProto(view_.load_balancers.at("lb-01").report.leases(0).ends_at()), Noon() + absl::Minutes(5));
  ASSERT_THAT(journal_.kept, testing::Not(IsEmpty()));
  EXPECT_EQ(journal_.kept[0].who(), "somebody");
  EXPECT_EQ(journal_.kept[0].why(), "because");
}

TEST_F(RouteRunTest, MaintWaitsForSessionsUntilTheDeadline) {
  ServerOn(&view_, "lb-02", "node-01").set_current_sessions(2);
  absl::Time maint_at;
  during_ = [&] {
    if (acts_.size() == 3 && maint_at == absl::Time()) maint_at = now_;
    if (acts_.size() == 4) ServerOn(&view_, "lb-02", "node-01").set_current_sessions(0);
  };
  EXPECT_TRUE(Drain().ok());
  EXPECT_GE(maint_at, Noon() + absl::Seconds(10));
  EXPECT_LE(maint_at, Noon() + absl::Seconds(12));
}

TEST_F(RouteRunTest, SessionsThatStayAreSaid) {
  ServerOn(&view_, "lb-02", "node-01").set_current_sessions(2);
  const absl::Status ended = Drain();
  EXPECT_EQ(ended.code(), absl::StatusCode::kInternal);
  EXPECT_THAT(std::string(ended.message()), HasSubstr("2 sessions are still open"));
}

TEST_F(RouteRunTest, ALoadBalancerThatRefusesLeavesNothingDrained) {
  for (std::string* const trouble : {&refusing_, &unreachable_}) {
    acts_.clear();
    *trouble = "lb-02";
    const absl::Status ended = Drain();
    EXPECT_EQ(ended.code(), absl::StatusCode::kFailedPrecondition) << ended;
    EXPECT_THAT(std::string(ended.message()), HasSubstr("lb-02 app/node-01"));
    EXPECT_EQ(acts_.front(), "lb-01 node-01 drain");
    EXPECT_EQ(ServerOn(&view_, "lb-01", "node-01").admin_state(), v1::LbServerFact::ADMIN_STATE_READY);
    EXPECT_THAT(view_.load_balancers.at("lb-01").report.leases(), IsEmpty());
    trouble->clear();
    LookEverywhere();
  }
}

TEST_F(RouteRunTest, ASecondDrainKeepsTheNodeOutForLonger) {
  ASSERT_TRUE(Drain().ok());
  acts_.clear();
  now_ += absl::Minutes(1);
  LookEverywhere();
  EXPECT_TRUE(Drain().ok());
  EXPECT_THAT(acts_, testing::Each(testing::EndsWith("maint"))) << "back to drain would let clients in again";
  EXPECT_THAT(view_.load_balancers.at("lb-01").report.leases(), SizeIs(1));
}

TEST_F(RouteRunTest, AnotherNodeWouldLeaveTooFew) {
  ASSERT_TRUE(Drain().ok());
  acts_.clear();
  LookEverywhere();
  EXPECT_EQ(Drain("node-02").code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(acts_, IsEmpty());
}

TEST_F(RouteRunTest, WithoutARecordNothingIsDone) {
  journal_.full = true;
  EXPECT_FALSE(Drain().ok());
  EXPECT_THAT(acts_, IsEmpty());
}

TEST_F(RouteRunTest, BackOnlyAfterTheNodeAnswersAndTheCheckHasPassedSince) {
  ASSERT_TRUE(Drain().ok());
  acts_.clear();
  LookEverywhere();
  view_.nodes.at("node-01").report.mutable_http(0)->set_healthy(v1::ANSWER_NO);
  check_passes_ = false;
  const absl::Time began = now_;
  absl::Time checked_at;
  during_ = [&] {
    if (now_ < began + absl::Seconds(5)) {
      EXPECT_THAT(acts_, IsEmpty()) << "the node does not answer yet";
    } else {
      view_.nodes.at("node-01").report.mutable_http(0)->set_healthy(v1::ANSWER_YES);
    }
    if (now_ > began + absl::Seconds(12) && checked_at == absl::Time()) {
      checked_at = now_;
      for (const char* lb : {"lb-01", "lb-02"}) ServerOn(&view_, lb, "node-01").set_check_status("L7OK");
    }
  };
  EXPECT_TRUE(Restore().ok());
  EXPECT_THAT(acts_, ElementsAre("lb-01 node-01 ready", "lb-02 node-01 ready"));
  EXPECT_GE(now_, checked_at);
  EXPECT_NE(checked_at, absl::Time());
}

TEST_F(RouteRunTest, ANodeThatDoesNotAnswerStaysOut) {
  ASSERT_TRUE(Drain().ok());
  acts_.clear();
  LookEverywhere();
  view_.nodes.at("node-01").report.mutable_http(0)->set_healthy(v1::ANSWER_NO);
  EXPECT_EQ(Restore().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(acts_, IsEmpty());
}

TEST_F(RouteRunTest, ACheckThatDoesNotPassIsNotDone) {
  ASSERT_TRUE(Drain().ok());
  LookEverywhere();
  check_passes_ = false;
  EXPECT_EQ(Restore().code(), absl::StatusCode::kInternal);
}

TEST_F(RouteRunTest, SomebodyElsesDrainIsNotRestored) {
  ServerOn(&view_, "lb-02", "node-01").set_admin_state(v1::LbServerFact::ADMIN_STATE_DRAIN);
  const absl::Status ended = Restore();
  EXPECT_EQ(ended.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(ended.message()), HasSubstr("--take-over"));
  EXPECT_THAT(acts_, IsEmpty());
}

TEST_F(RouteRunTest, RestoringWhatIsReadyChangesNothing) {
  EXPECT_TRUE(Restore().ok());
  EXPECT_THAT(acts_, IsEmpty());
}

TEST_F(RouteRunTest, ApplyTwiceChangesOnce) {
  ServerOn(&view_, "lb-01", "node-01").set_weight(5);
  ServerOn(&view_, "lb-02", "node-02").set_admin_state(v1::LbServerFact::ADMIN_STATE_MAINT);
  EXPECT_TRUE(Apply(true).ok());
  EXPECT_THAT(acts_, ElementsAre("lb-01 node-01 configured weight", "lb-02 node-02 ready"));
  acts_.clear();
  said_.clear();
  LookEverywhere();
  EXPECT_TRUE(Apply(true).ok());
  EXPECT_THAT(acts_, IsEmpty());
  EXPECT_THAT(said_, ElementsAre("load balancers as described STATE_UNCHANGED"));
}

TEST_F(RouteRunTest, ApplySaysWhatItLeavesAlone) {
  ServerOn(&view_, "lb-02", "node-02").set_admin_state(v1::LbServerFact::ADMIN_STATE_MAINT);
  const absl::Status ended = Apply();
  EXPECT_EQ(ended.code(), absl::StatusCode::kInternal);
  EXPECT_THAT(std::string(ended.message()), HasSubstr("1 server is left as"));
  EXPECT_THAT(said_, ElementsAre("lb-02 app/node-02 STATE_FAILED"));
}

TEST_F(RouteRunTest, ApplyDoesNotCallDoneWhatDidNotTake) {
  ServerOn(&view_, "lb-01", "node-01").set_weight(5);
  ignores_ = true;
  EXPECT_THAT(std::string(Apply().message()), HasSubstr("is to be done again"));
}

}  // namespace
}  // namespace jettyfleet
