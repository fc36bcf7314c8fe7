#include "agent/act/fields.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "common/proto_time.h"

namespace jettyfleet {
namespace {

using testing::HasSubstr;

v1::Action Base() {
  v1::Action action;
  action.set_id("op-1/node-01:3");
  action.set_operation_id("op-1");
  return action;
}

v1::Action EvictAction() {
  v1::Action action = Base();
  v1::EvictNode& act = *action.mutable_evict_node();
  act.set_lease_id("jettyfleet-a-1");
  act.set_node("node-01.example.org");
  act.set_clone("jetty-clone");
  act.mutable_duration()->set_seconds(60);
  return action;
}

// As they are allowed, to be spoilt.
v1::SetLbWeight& Weight(v1::Action& action) {
  v1::SetLbWeight& act = *action.mutable_set_lb_weight();
  if (!act.backend().empty()) return act;
  act.set_backend("b");
  act.set_server("s");
  act.set_mode(v1::SetLbWeight::MODE_LEASED);
  act.set_weight(5);
  act.set_lease_id("jettyfleet-a");
  act.mutable_duration()->set_seconds(60);
  return act;
}

v1::SetLbAddress& Address(v1::Action& action) {
  v1::SetLbAddress& act = *action.mutable_set_lb_address();
  if (!act.backend().empty()) return act;
  act.set_backend("b");
  act.set_server("s");
  act.set_address("fd00::1");
  act.set_port(8080);
  return act;
}

TEST(FieldsTest, WeightsAndAddresses) {
  v1::Action action = Base();
  Weight(action);
  EXPECT_EQ(FieldProblem(action), "");
  EXPECT_FALSE(IsUndo(action));
  Weight(action).set_mode(v1::SetLbWeight::MODE_BACK);
  Weight(action).clear_duration();
  EXPECT_EQ(FieldProblem(action), "");
  EXPECT_TRUE(IsUndo(action)) << "it is never too late";
  Weight(action).set_mode(v1::SetLbWeight::MODE_CONFIGURED);
  Weight(action).clear_lease_id();
  EXPECT_EQ(FieldProblem(action), "");
  Address(action);
  EXPECT_EQ(FieldProblem(action), "");
}

TEST(FieldsTest, LeaseIds) {
  for (const char* good : {"jettyfleet-a", "jettyfleet-0-z", "jettyfleet--", "jettyfleet-lock-1"}) {
    EXPECT_TRUE(IsLeaseId(good)) << good;
  }
  EXPECT_TRUE(IsLeaseId("jettyfleet-" + std::string(80, 'a')));
  for (const char* bad :
       {"", "jettyfleet", "jettyfleet-", "jettyfleet-lock", "Jettyfleet-a", "jettyfleet-A", "jettyfleet-a_b",
        "jettyfleet-a.b", "jettyfleet-a/b", "jettyfleet-a b", "jettyfleet-a'", "x-jettyfleet-a"}) {
    EXPECT_FALSE(IsLeaseId(bad)) << bad;
  }
  EXPECT_FALSE(IsLeaseId("jettyfleet-" + std::string(81, 'a')));
}

TEST(FieldsTest, NamesAndUnits) {
  for (const char* good : {"node-01", "a", "N_1.x"}) EXPECT_TRUE(IsName(good)) << good;
  for (const char* bad : {"", "-f", ".", "..", "a b", "a;b", "a'b", "a\"b", "a/b", "a=b", "a\nb", "\xc3\xa4"}) {
    EXPECT_FALSE(IsName(bad)) << bad;
  }
  EXPECT_TRUE(IsName(std::string(64, 'a')));
  EXPECT_FALSE(IsName(std::string(65, 'a')));
  for (const char* good : {"jetty9", "jetty@blue", "jetty\\x2d1", "a:b"}) EXPECT_TRUE(IsUnitName(good)) << good;
  for (const char* bad : {"", "--force", ".hidden", "jetty9.service", "a b", "a/b", "a;b"})
    EXPECT_FALSE(IsUnitName(bad)) << bad;
}

TEST(FieldsTest, EveryFieldIsChecked) {
  struct Case {
    const char* field;
    std::function<void(v1::Action&)> spoil;
  };
  const std::vector<Case> cases = {
      {"id", [](v1::Action& a) { a.clear_id(); }},
      {"id", [](v1::Action& a) { a.set_id("a b"); }},
      {"id", [](v1::Action& a) { a.set_id(std::string(201, 'a')); }},
      {"operation_id", [](v1::Action& a) { a.set_operation_id("'"); }},
      {"timeout", [](v1::Action& a) { a.mutable_timeout()->set_seconds(0); }},
      {"timeout", [](v1::Action& a) { a.mutable_timeout()->set_seconds(3601); }},
      {"timeout", [](v1::Action& a) { a.mutable_timeout()->set_nanos(-5); }},
      {"lease_id", [](v1::Action& a) { a.mutable_evict_node()->set_lease_id("x"); }},
      {"node", [](v1::Action& a) { a.mutable_evict_node()->set_node("--all"); }},
      {"clone", [](v1::Action& a) { a.mutable_evict_node()->set_clone(""); }},
      {"duration", [](v1::Action& a) { a.mutable_evict_node()->clear_duration(); }},
      {"duration", [](v1::Action& a) { a.mutable_evict_node()->mutable_duration()->set_seconds(86401); }},
      {"duration", [](v1::Action& a) { a.mutable_evict_node()->mutable_duration()->set_seconds(-1); }},
      {"duration", [](v1::Action& a) { a.mutable_evict_node()->mutable_duration()->set_nanos(2000000000); }},
      {"lease_id", [](v1::Action& a) { a.mutable_standby_node()->set_node("node-01"); }},
      {"node", [](v1::Action& a) { a.mutable_standby_node()->set_lease_id("jettyfleet-a"); }},
      {"lease_id", [](v1::Action& a) { a.mutable_remove_cib_lease()->set_lease_id("cli-ban-x"); }},
      {"lease_id", [](v1::Action& a) { a.mutable_remove_cib_lease()->set_lease_id("jettyfleet-lock"); }},
      {"holder", [](v1::Action& a) { a.mutable_acquire_lock()->set_holder("a'b"); }},
      {"duration", [](v1::Action& a) { a.mutable_acquire_lock()->set_holder("a"); }},
      {"operation_id", [](v1::Action& a) { a.clear_operation_id(), a.mutable_acquire_lock()->set_holder("a"); }},
      {"holder", [](v1::Action& a) { a.mutable_renew_lock(); }},
      {"holder", [](v1::Action& a) { a.mutable_release_lock(); }},
      {"backend",
       [](v1::Action& a) {
         a.mutable_set_lb_server()->set_lease_id("jettyfleet-a");
         a.mutable_set_lb_server()->set_server("s");
         a.mutable_set_lb_server()->set_backend("b; shutdown sessions");
       }},
      {"state",
       [](v1::Action& a) {
         a.mutable_set_lb_server()->set_lease_id("jettyfleet-a");
         a.mutable_set_lb_server()->set_server("s");
         a.mutable_set_lb_server()->set_backend("b");
       }},
      {"duration",
       [](v1::Action& a) {
         a.mutable_set_lb_server()->set_lease_id("jettyfleet-a");
         a.mutable_set_lb_server()->set_server("s");
         a.mutable_set_lb_server()->set_backend("b");
         a.mutable_set_lb_server()->set_state(v1::LbServerFact::ADMIN_STATE_MAINT);
       }},
      {"server", [](v1::Action& a) { Weight(a).set_server("s\nshutdown"); }},
      {"mode", [](v1::Action& a) { Weight(a).clear_mode(); }},
      {"weight", [](v1::Action& a) { Weight(a).set_weight(257); }},
      {"duration", [](v1::Action& a) { Weight(a).clear_duration(); }},
      {"lease_id", [](v1::Action& a) { Weight(a).clear_lease_id(); }},
      {"lease_id",
       [](v1::Action& a) {
         Weight(a).set_mode(v1::SetLbWeight::MODE_BACK);
         Weight(a).clear_lease_id();
       }},
      {"backend", [](v1::Action& a) { Address(a).clear_backend(); }},
      {"address", [](v1::Action& a) { Address(a).set_address("node-01"); }},
      {"address", [](v1::Action& a) { Address(a).set_address("10.0.0.1 port 1"); }},
      {"address", [](v1::Action& a) { Address(a).clear_address(); }},
      {"port", [](v1::Action& a) { Address(a).set_port(0); }},
      {"port", [](v1::Action& a) { Address(a).set_port(65536); }},
      {"name", [](v1::Action& a) { a.mutable_create_resource()->set_unit("jetty9"); }},
      {"unit",
       [](v1::Action& a) {
         a.mutable_create_resource()->set_name("j");
         a.mutable_create_resource()->set_unit("jetty9.service");
       }},
      {"monitor_interval",
       [](v1::Action& a) {
         a.mutable_create_resource()->set_name("j");
         a.mutable_create_resource()->set_unit("jetty9");
       }},
      {"name", [](v1::Action& a) { a.mutable_clone_resource(); }},
      {"clone_max", [](v1::Action& a) { a.mutable_clone_resource()->set_clone_max(100000); }},
  };
  EXPECT_EQ(FieldProblem(EvictAction()), "");
  for (const Case& spoiled : cases) {
    v1::Action action = EvictAction();
    spoiled.spoil(action);
    EXPECT_THAT(FieldProblem(action), HasSubstr(spoiled.field));
  }
}

TEST(FieldsTest, ReadyNeedsNoDuration) {
  v1::Action action = Base();
  v1::SetLbServer& act = *action.mutable_set_lb_server();
  act.set_lease_id("jettyfleet-a");
  act.set_backend("b");
  act.set_server("s");
  act.set_state(v1::LbServerFact::ADMIN_STATE_READY);
  EXPECT_EQ(FieldProblem(action), "");
  EXPECT_TRUE(IsUndo(action));
  act.set_state(v1::LbServerFact::ADMIN_STATE_DRAIN);
  EXPECT_FALSE(IsUndo(action));
}

TEST(FieldsTest, Timeouts) {
  v1::Action action = EvictAction();
  EXPECT_EQ(TimeoutOf(action), absl::Minutes(1));
  *action.mutable_timeout() = ToProto(absl::Milliseconds(1500));
  EXPECT_EQ(FieldProblem(action), "");
  EXPECT_EQ(TimeoutOf(action), absl::Milliseconds(1500));
}

}  // namespace
}  // namespace jettyfleet
