// An Actor over a fake cluster, a fake HAProxy and a state directory of its own.
#ifndef JETTYFLEET_TESTS_AGENT_ACT_ACTOR_FIXTURE_H_
#define JETTYFLEET_TESTS_AGENT_ACT_ACTOR_FIXTURE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "agent/act/actor.h"
#include "agent/act/undo.h"
#include "agent/loop.h"
#include "common/proto_time.h"
#include "tests/testing/agent/fake_clock.h"
#include "tests/testing/agent/fake_cluster.h"
#include "tests/testing/agent/fake_haproxy.h"

namespace jettyfleet {

// While it lives no file can be given content, as on a full disk (root may be refused nothing else without a mount);
// removing and renaming work.
class FullDisk {
 public:
  FullDisk() {
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit none = {.rlim_cur = 0, .rlim_max = before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &none);
  }
  ~FullDisk() { setrlimit(RLIMIT_FSIZE, &before_); }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  rlimit before_;
};

class ActorFixture : public testing::Test {
 protected:
  ActorFixture() {
    char name[] = "/tmp/actor_test_XXXXXX";
    directory_ = mkdtemp(name);
    options_ = {.node = "node-02",
                .state_dir = directory_ + "/state",
                .haproxy_socket = directory_ + "/haproxy.sock",
                .self_path = "/usr/bin/jettyfleet-agent"};
    haproxy_ = std::make_unique<FakeHaproxy>(*loop_, options_.haproxy_socket);
    Restart();
  }
  ~ActorFixture() override {
    actor_.reset();
    haproxy_.reset();
    std::filesystem::remove_all(directory_);
  }

  // A new process on the same disk.
  void Restart() {
    actor_.reset();
    actor_ = std::make_unique<Actor>(*loop_, cluster_, clock_, options_, [this] { ++leases_changed_; });
    const absl::Status opened = actor_->Open();
    EXPECT_TRUE(opened.ok()) << opened;
  }

  v1::Action NewAction() {
    v1::Action action;
    action.set_id(absl::StrCat("action-", ++actions_));
    action.set_epoch(1);
    action.set_operation_id("op-1");
    action.mutable_timeout()->set_seconds(30);
    return action;
  }

  v1::Action Evict(const std::string& lease = "jettyfleet-op-1-node-01", int seconds = 60) {
    v1::Action action = NewAction();
    v1::EvictNode& act = *action.mutable_evict_node();
    act.set_lease_id(lease);
    act.set_node("node-01");
    act.set_clone("jetty-clone");
    act.mutable_duration()->set_seconds(seconds);
    return action;
  }

  v1::Action Standby(const std::string& lease = "jettyfleet-op-1-node-01", int seconds = 60) {
    v1::Action action = NewAction();
    v1::StandbyNode& act = *action.mutable_standby_node();
    act.set_lease_id(lease);
    act.set_node("node-01");
    act.mutable_duration()->set_seconds(seconds);
    return action;
  }

  v1::Action RemoveLease(const std::string& lease = "jettyfleet-op-1-node-01") {
    v1::Action action = NewAction();
    action.mutable_remove_cib_lease()->set_lease_id(lease);
    return action;
  }

  v1::Action Server(v1::LbServerFact::AdminState state, const std::string& lease = "jettyfleet-op-1-lb-node-01") {
    v1::Action action = NewAction();
    v1::SetLbServer& act = *action.mutable_set_lb_server();
    act.set_backend("be_jetty");
    act.set_server("node-01");
    act.set_state(state);
    act.set_lease_id(lease);
    act.mutable_duration()->set_seconds(60);
    return action;
  }
  v1::Action Drain() { return Server(v1::LbServerFact::ADMIN_STATE_DRAIN); }
  v1::Action Maint() { return Server(v1::LbServerFact::ADMIN_STATE_MAINT); }
  v1::Action Ready() { return Server(v1::LbServerFact::ADMIN_STATE_READY); }

  v1::ActionResult Execute(const v1::Action& action) {
    std::optional<v1::ActionResult> got;
    actor_->Execute(action, [&got](v1::ActionResult result) {
      EXPECT_FALSE(got.has_value());
      got = std::move(result);
    });
    while (!got.has_value()) Turn();
    EXPECT_EQ(got->action_id(), action.id());
    EXPECT_TRUE(got->has_began_at());
    EXPECT_TRUE(got->has_ended_at());
    return *got;
  }

  void Turn() { sd_event_run(loop_->event(), UINT64_MAX); }

  // Until what is pending has been handled.
  void Settle() {
    while (sd_event_run(loop_->event(), 20000) > 0) {
    }
  }

  // Runs a one-shot; its lines.
  std::string Say(const std::function<int(OneShot&)>& run, int* code) {
    std::ostringstream out;
    OneShot shot{*loop_, cluster_, clock_, options_, out};
    *code = run(shot);
    return out.str();
  }

  std::string LeasePath(const std::string& lease) const {
    return absl::StrCat(options_.state_dir, "/leases/", lease, ".json");
  }
  std::vector<std::string> LeaseIds() const {
    std::vector<std::string> ids;
    for (const v1::LeaseFact& lease : actor_->Leases()) ids.push_back(lease.id());
    return ids;
  }
  void WriteFile(const std::string& path, const std::string& content) {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path) << content;
  }
  std::unique_ptr<Loop> loop_ = *Loop::Create();
  FakeClock clock_;
  FakeCluster cluster_{*loop_};
  std::string directory_;
  Actor::Options options_;
  std::unique_ptr<FakeHaproxy> haproxy_;
  int leases_changed_ = 0;
  std::unique_ptr<Actor> actor_;

 private:
  int actions_ = 0;
};

inline auto IsDone() {
  return testing::AllOf(testing::Property(&v1::ActionResult::outcome, v1::ActionResult::OUTCOME_DONE),
                        testing::Property(&v1::ActionResult::message, ""));
}
inline auto Is(v1::ActionResult::Outcome outcome, const std::string& part) {
  return testing::AllOf(testing::Property(&v1::ActionResult::outcome, outcome),
                        testing::Property(&v1::ActionResult::message, testing::HasSubstr(part)));
}
inline auto IsRefused(const std::string& part) { return Is(v1::ActionResult::OUTCOME_REFUSED, part); }
inline auto IsFailed(const std::string& part) { return Is(v1::ActionResult::OUTCOME_FAILED, part); }
inline auto IsTimedOut(const std::string& part) { return Is(v1::ActionResult::OUTCOME_TIMED_OUT, part); }

}  // namespace jettyfleet

#endif  // JETTYFLEET_TESTS_AGENT_ACT_ACTOR_FIXTURE_H_
