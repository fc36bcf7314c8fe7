#include "client/render/event_view.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "absl/strings/str_cat.h"

namespace jettyfleet {
namespace {

v1::JournalRecord Event(const std::string& kind) {
  v1::JournalRecord event;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
      "sequence: 7 at { seconds: 1795435200 } cluster: \"blue\" operation_id: \"d-1\" " + kind, &event))
      << kind;
  return event;
}

struct Case {
  const char* kind;
  const char* words;
};

const Case kCases[] = {
    {"coordinator_started { uuid: \"9b\" epoch: 3 }", "coordinator 9b started, epoch 3"},
    {"description_stored {} who: \"operator alice\"", "description applied  [operator alice]"},
    {"operation_began { spec { scenario: SCENARIO_EVICT resource: \"jetty\" cluster: \"blue\" } } who: \"operator "
     "alice\" "
     "why: \"update\"",
     "drill began: evict of jetty on blue  [operator alice: update]"},
    {"nodes_planned { nodes: \"a\" nodes: \"b\" }", "will visit a, b"},
    {"step_entered { node: \"a\" step: NODE_STEP_DRAIN }", "a: draining"},
    {"step_entered { node: \"a\" step: NODE_STEP_GATE remark: \"again\" }", "a: gate: again"},
    {"milestone_reached { node: \"a\" step: NODE_STEP_PORT_BOUND }", "a: reached port bound"},
    {"operation_resumed { coordinator: \"9b\" epoch: 4 }", "taken up again by coordinator 9b, epoch 4"},
    {"action_issued { host: \"a\" action { id: \"x1\" evict_node { clone: \"jetty-clone\" node: \"b\" } } }",
     "a is told to evict jetty-clone from b (x1)"},
    {"action_issued { host: \"lb\" undo: true action { id: \"x2\" set_lb_server { backend: \"be\" server: \"n1\" "
     "state: "
     "ADMIN_STATE_READY } } }",
     "undo, lb is told to set be/n1 to ready (x2)"},
    {"action_issued { host: \"a\" action { id: \"x3\" } }",
     "a is told to an action that this version does not know (x3)"},
    {"action_ended { result { action_id: \"x1\" outcome: OUTCOME_DONE } }", "x1 done"},
    {"action_ended { result { action_id: \"x1\" outcome: OUTCOME_REFUSED message: \"no quorum\" } }",
     "x1 refused: no quorum"},
    {"action_ended { result { action_id: \"x1\" } }", "x1 outcome unknown"},
    {"action_ended { result { action_id: \"x1\" } unanswered: true }", "x1 unanswered"},
    {"stop_requested { cause: CAUSE_BUDGET reason: \"3 failed\" }", "stops, the budget is spent: 3 failed"},
    {"stop_requested { cause: CAUSE_AUDIT reason: \"a table\" }", "stops, an audit did not pass: a table"},
    {"action_issued { host: \"a\" action { id: \"x4\" look_at_leftovers {} } }", "a is told to look what is left (x4)"},
    {"audit_baseline_taken { node: \"a\" }", "a: noted how the cluster is before it is touched"},
    {"transition_predicted { node: \"a\" predicted { operations { task: \"stop\" resource: \"web\" node: \"a\" } "
     "operations { task: \"fence\" node: \"a\" } } }",
     "a: predicted stop web on a, fence a"},
    {"transition_predicted { node: \"a\" predicted { operations { task: \"s\" } operations {} operations {} "
     "operations {} operations {} operations {} } }",
     "a: predicted s ,  ,  ,   and 2 more"},
    {"transition_predicted { node: \"a\" predicted {} }", "a: predicted nothing"},
    {"transition_predicted { node: \"a\" predicted { error: \"no CIB\" } }", "a: nothing could be predicted: no CIB"},
    {"audit_began {}", "audit at the end begins"},
    {"audit_ended { findings { verdict: VERDICT_PASSED } }", "audit at the end passed"},
    {"audit_ended { node: \"a\" findings { verdict: VERDICT_PASSED } findings {} surprises {} }",
     "a: audit did not pass: 2 findings"},
    {"node_ended { report { node: \"a\" } }", "a: visit over"},
    {"operation_ended { state: OPERATION_STATE_FAILED reason: \"x\" }", "drill ended: FAILED: x"},
    {"operation_paused { by: \"alice: lunch\" }", "rests before its next node, by alice: lunch"},
    {"operation_continued { by: \"bob\" }", "goes on, by bob"},
    {"apply_began {}", "apply began"},
    {"apply_began { allow_disruption: true }", "apply began, disruption allowed"},
    {"apply_step_ended { step: \"clone jetty\" }", "clone jetty: done"},
    {"apply_step_ended { step: \"clone jetty\" failed: true detail: \"pcs: no\" }", "clone jetty: failed: pcs: no"},
    {"apply_ended { succeeded: true }", "apply ended"},
    {"apply_ended { reason: \"no quorum\" }", "apply ended without success: no quorum"},
    {"route_began { what: \"drain\" nodes: \"a\" nodes: \"b\" }", "route drain began: a, b"},
    {"route_began { what: \"apply\" }", "route apply began"},
    {"route_ended { succeeded: true }", "route change ended"},
    {"route_ended { reason: \"no quorum\" }", "route change ended without success: no quorum"},
    {"action_issued { host: \"lb\" action { id: \"x4\" set_lb_weight { backend: \"be\" server: \"n1\" mode: "
     "MODE_LEASED "
     "weight: 5 } } }",
     "lb is told to give be/n1 weight 5 (x4)"},
    {"action_issued { host: \"lb\" action { id: \"x5\" set_lb_address { backend: \"be\" server: \"n1\" address: "
     "\"::1\" "
     "port: 80 } } }",
     "lb is told to reach be/n1 at ::1 port 80 (x5)"},
    {"host_event { host: \"a\" text: \"agent came\\033[2J\" }", "a: agent came?[2J"},
    {"", "an event of a kind that this version does not know"},
};

TEST(EventViewTest, OneLineForEach) {
  for (const Case& c : kCases) {
    EXPECT_EQ(RenderEvent(Event(c.kind), false), "7  2026-11-23 12:00:00Z  blue  d-1  " + std::string(c.words) + "\n");
  }
}

TEST(EventViewTest, Faults) {
  const struct {
    const char* action;
    const char* words;
  } cases[] = {
      {"stop_unit { unit: \"jetty9\" }", "stop unit jetty9 behind the cluster's back"},
      {"kill_unit { unit: \"jetty9\" }", "kill the main process of unit jetty9"},
      {"freeze_unit { unit: \"jetty9\" }", "freeze unit jetty9"},
      {"blackhole_port { unit: \"jetty9\" port: 8080 }", "drop packets to port 8080 of jetty9"},
      {"partition_node { peers: \"10.0.0.1\" peers: \"fd00::2\" }", "drop packets from and to 10.0.0.1, fd00::2"},
      {"kill_daemon { daemon: DAEMON_BASED }", "kill pacemaker-based"},
      {"kill_daemon { daemon: DAEMON_CONTROLD }", "kill pacemaker-controld"},
      {"kill_daemon { daemon: DAEMON_EXECD }", "kill pacemaker-execd"},
      {"kill_daemon { daemon: DAEMON_ATTRD }", "kill pacemaker-attrd"},
      {"kill_daemon { daemon: DAEMON_FENCED }", "kill pacemaker-fenced"},
      {"kill_daemon { daemon: DAEMON_SCHEDULERD }", "kill pacemaker-schedulerd"},
      {"kill_daemon { daemon: DAEMON_COROSYNC }", "kill corosync"},
      {"kill_daemon { daemon: DAEMON_UNSPECIFIED }", "kill a daemon that this version does not know"},
      {"fence_node { node: \"n3\" }", "have n3 fenced"},
      {"undo_fault { lease_id: \"jettyfleet-x\" }", "undo jettyfleet-x"},
      {"look_at_fault_means {}", "look what it has for faults"},
  };
  for (const auto& c : cases) {
    const v1::JournalRecord event =
        Event(absl::StrCat("action_issued { host: \"a\" action { id: \"x\" ", c.action, " } }"));
    EXPECT_EQ(RenderEvent(event, false),
              absl::StrCat("7  2026-11-23 12:00:00Z  blue  d-1  a is told to ", c.words, " (x)\n"));
  }
}

TEST(EventViewTest, EveryKindThatThereIsIsInTheTable) {
  std::set<std::string> seen;
  for (const Case& c : kCases) {
    const v1::JournalRecord event = Event(c.kind);
    const auto* const oneof = v1::JournalRecord::descriptor()->FindOneofByName("kind");
    const auto* const field = event.GetReflection()->GetOneofFieldDescriptor(event, oneof);
    if (field != nullptr) seen.insert(field->name());
  }
  EXPECT_EQ(static_cast<int>(seen.size()), v1::JournalRecord::descriptor()->FindOneofByName("kind")->field_count());
}

TEST(EventViewTest, WithoutCluster) {
  v1::JournalRecord event = Event("coordinator_started {}");
  event.clear_cluster();
  event.clear_operation_id();
  EXPECT_EQ(RenderEvent(event, false), "7  2026-11-23 12:00:00Z  -  -  coordinator  started, epoch 0\n");
}

}  // namespace
}  // namespace jettyfleet
