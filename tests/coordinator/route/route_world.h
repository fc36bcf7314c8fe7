// Two scripted load balancers, and a clock, for runs that change them.
#ifndef JETTYFLEET_TESTS_COORDINATOR_ROUTE_ROUTE_WORLD_H_
#define JETTYFLEET_TESTS_COORDINATOR_ROUTE_ROUTE_WORLD_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "coordinator/journal/journal.h"
#include "coordinator/route/drain_run.h"
#include "coordinator/route/reconcile_run.h"
#include "coordinator/route/restore_run.h"
#include "coordinator/route/servers.h"
#include "tests/coordinator/route/routed_view.h"

namespace jettyfleet {

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
      const v1::SetLbWeight& set = action.set_lb_weight();
      const bool leased = set.mode() == v1::SetLbWeight::MODE_LEASED;
      const uint32_t weight = leased ? set.weight() : 100;
      acts_.push_back(absl::StrCat(host, " ", set.server(), leased ? " weight " : " configured weight ", weight));
      if (!ignores_) ServerOn(&view_, host, set.server()).set_weight(weight);
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

}  // namespace jettyfleet

#endif  // JETTYFLEET_TESTS_COORDINATOR_ROUTE_ROUTE_WORLD_H_
