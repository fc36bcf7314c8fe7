#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "agent/act/fields.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

using testing::HasSubstr;

v1::Action Base() {
  v1::Action action;
  action.set_id("op-1/node-01:3");
  action.set_operation_id("op-1");
  action.mutable_not_after()->set_seconds(1763900000);
  return action;
}

// One of each, as it is allowed.
v1::Action Stop() {
  v1::Action action = Base();
  action.mutable_stop_unit()->set_unit("jetty9");
  return action;
}
v1::Action Kill() {
  v1::Action action = Base();
  action.mutable_kill_unit()->set_unit("jetty@1");
  return action;
}
v1::Action Freeze() {
  v1::Action action = Base();
  action.mutable_freeze_unit()->set_unit("jetty9");
  action.mutable_freeze_unit()->set_lease_id("jettyfleet-a");
  action.mutable_freeze_unit()->mutable_duration()->set_seconds(60);
  return action;
}
v1::Action Blackhole() {
  v1::Action action = Base();
  action.mutable_blackhole_port()->set_unit("jetty9");
  action.mutable_blackhole_port()->set_port(65535);
  action.mutable_blackhole_port()->set_lease_id("jettyfleet-a");
  action.mutable_blackhole_port()->mutable_duration()->set_seconds(1);
  return action;
}
v1::Action Partition() {
  v1::Action action = Base();
  action.mutable_partition_node()->add_peers("10.0.0.1");
  action.mutable_partition_node()->add_peers("fd00::2");
  action.mutable_partition_node()->set_lease_id("jettyfleet-a");
  action.mutable_partition_node()->mutable_duration()->set_seconds(3600);
  return action;
}
v1::Action KillDaemon() {
  v1::Action action = Base();
  action.mutable_kill_daemon()->set_daemon(v1::KillDaemon::DAEMON_COROSYNC);
  return action;
}
v1::Action Fence() {
  v1::Action action = Base();
  action.mutable_fence_node()->set_node("node-03");
  return action;
}
std::vector<v1::Action> OneOfEach() {
  return {Stop(), Kill(), Freeze(), Blackhole(), Partition(), KillDaemon(), Fence()};
}

TEST(FaultFields, OneOfEachIsAllowed) {
  for (const v1::Action& action : OneOfEach()) {
    EXPECT_EQ(FieldProblem(action), "") << action.ShortDebugString();
    EXPECT_FALSE(IsUndo(action));
  }
}

TEST(FaultFields, NoneWithoutATimeToBeginBy) {
  for (v1::Action action : OneOfEach()) {
    action.clear_not_after();
    EXPECT_THAT(FieldProblem(action), HasSubstr("field not_after is not set")) << action.ShortDebugString();
  }
}

TEST(FaultFields, NoneWithoutAnOperation) {
  for (v1::Action action : OneOfEach()) {
    action.clear_operation_id();
    EXPECT_THAT(FieldProblem(action), HasSubstr("field operation_id is empty")) << action.ShortDebugString();
  }
}

TEST(FaultFields, NoneIsPredicted) {
  std::vector<v1::Action> all = OneOfEach();
  all.push_back(Base());
  all.back().mutable_undo_fault()->set_lease_id("jettyfleet-a");
  for (const v1::Action& action : all) {
    v1::Action predict = Base();
    *predict.mutable_predict_actions()->add_actions() = action;
    EXPECT_THAT(FieldProblem(predict), HasSubstr("holds a fault")) << action.ShortDebugString();
  }
  v1::Action look = Base();
  look.mutable_predict_actions()->add_actions()->mutable_look_at_fault_means()->set_unit("jetty9");
  EXPECT_THAT(FieldProblem(look), HasSubstr("holds what only looks"));
}

TEST(FaultFields, UndoNeedsNeitherTimeNorOperation) {
  v1::Action action;
  action.set_id("u");
  action.mutable_undo_fault()->set_lease_id("jettyfleet-a");
  EXPECT_EQ(FieldProblem(action), "");
  EXPECT_TRUE(IsUndo(action));
  action.mutable_undo_fault()->set_lease_id("jettyfleet-../a");
  EXPECT_THAT(FieldProblem(action), HasSubstr("field lease_id"));
}

TEST(FaultFields, Spoilt) {
  const struct {
    v1::Action action;
    std::function<void(v1::Action&)> spoil;
    const char* problem;
  } cases[] = {
      {Stop(), [](v1::Action& a) { a.mutable_stop_unit()->set_unit("jetty9.service"); }, "field unit"},
      {Stop(), [](v1::Action& a) { a.mutable_stop_unit()->set_unit(""); }, "field unit"},
      {Kill(), [](v1::Action& a) { a.mutable_kill_unit()->set_unit("--all"); }, "field unit"},
      {Freeze(), [](v1::Action& a) { a.mutable_freeze_unit()->set_unit("a b"); }, "field unit"},
      {Freeze(), [](v1::Action& a) { a.mutable_freeze_unit()->set_lease_id("x"); }, "field lease_id"},
      {Freeze(), [](v1::Action& a) { a.mutable_freeze_unit()->clear_duration(); }, "field duration"},
      {Freeze(), [](v1::Action& a) { a.mutable_freeze_unit()->mutable_duration()->set_seconds(3601); }, "1 s to 1 h"},
      {Freeze(), [](v1::Action& a) { a.mutable_freeze_unit()->mutable_duration()->set_nanos(2000000000); },
       "field duration"},
      {Blackhole(), [](v1::Action& a) { a.mutable_blackhole_port()->set_port(0); }, "field port"},
      {Blackhole(), [](v1::Action& a) { a.mutable_blackhole_port()->set_port(65536); }, "field port"},
      {Blackhole(), [](v1::Action& a) { a.mutable_blackhole_port()->set_unit("/x"); }, "field unit"},
      {Blackhole(), [](v1::Action& a) { a.mutable_blackhole_port()->set_lease_id("jettyfleet-A"); }, "field lease_id"},
      {Blackhole(), [](v1::Action& a) { a.mutable_blackhole_port()->clear_duration(); }, "field duration"},
      {Partition(), [](v1::Action& a) { a.mutable_partition_node()->clear_peers(); }, "field peers has 0 entries"},
      {Partition(), [](v1::Action& a) { a.mutable_partition_node()->add_peers("node-03"); }, "is no IPv4"},
      {Partition(), [](v1::Action& a) { a.mutable_partition_node()->add_peers("127.0.0.1"); }, "no other host's"},
      {Partition(), [](v1::Action& a) { a.mutable_partition_node()->add_peers("FD00::2"); }, "in it twice"},
      {Partition(), [](v1::Action& a) { a.mutable_partition_node()->add_peers("::ffff:10.0.0.1"); }, "in it twice"},
      {Partition(),
       [](v1::Action& a) {
         for (int i = 0; i < 63; ++i) a.mutable_partition_node()->add_peers(absl::StrCat("10.1.0.", i));
       },
       "field peers has 65 entries"},
      {Partition(), [](v1::Action& a) { a.mutable_partition_node()->set_lease_id("jettyfleet-lock"); }, "lease_id"},
      {Partition(), [](v1::Action& a) { a.mutable_partition_node()->clear_duration(); }, "field duration"},
      {KillDaemon(), [](v1::Action& a) { a.mutable_kill_daemon()->clear_daemon(); }, "field daemon is 0"},
      {KillDaemon(),
       [](v1::Action& a) { a.mutable_kill_daemon()->set_daemon(static_cast<v1::KillDaemon::Daemon>(99)); },
       "field daemon is 99"},
      {Fence(), [](v1::Action& a) { a.mutable_fence_node()->set_node("-x"); }, "field node"},
      {Base(), [](v1::Action& a) { a.mutable_look_at_fault_means()->set_unit("../x"); }, "field unit"},
  };
  for (const auto& test : cases) {
    v1::Action action = test.action;
    test.spoil(action);
    EXPECT_THAT(FieldProblem(action), HasSubstr(test.problem)) << action.ShortDebugString();
  }
}

}  // namespace
}  // namespace jettyfleet
