#include "coordinator/rolling/gate.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "common/proto_time.h"
#include "tests/coordinator/rolling/healthy_view.h"

namespace jettyfleet {
namespace {

Operation AtGate() { return OperationFrom({Began(), Planned({"node-01", "node-03", "node-02"})}, Noon()); }

std::vector<GateProblem> Judge(const ClusterView& view, GateScope scope = GateScope::kBeforeVisit) {
  return JudgeGate(AtGate(), view, "node-01", scope, Noon(), Noon());
}

TEST(Gate, IsOpenWhenEverythingIsWell) {
  const std::vector<GateProblem> problems = Judge(HealthyView());
  EXPECT_TRUE(problems.empty()) << Describe(problems);
}

TEST(Gate, BeforeTheActTheNodesOwnServerMayBeOut) {
  ClusterView view = HealthyView();
  Server(&view, "node-01")->set_admin_state(v1::LbServerFact::ADMIN_STATE_MAINT);
  EXPECT_FALSE(Judge(view).empty());
  EXPECT_TRUE(Judge(view, GateScope::kBeforeAct).empty());
  Server(&view, "node-03")->set_admin_state(v1::LbServerFact::ADMIN_STATE_MAINT);
  EXPECT_FALSE(Judge(view, GateScope::kBeforeAct).empty());
}

// What a rollback takes back may be why its node does not serve; of others the same is expected as ever.
TEST(Gate, ARollbacksOwnNodeNeedNotServe) {
  ClusterView view = HealthyView();
  Server(&view, "node-01")->set_status("DOWN");
  view.nodes["node-01"].report.mutable_http(0)->set_healthy(v1::ANSWER_NO);
  EXPECT_FALSE(Judge(view).empty());
  Operation rollback = AtGate();
  rollback.spec.mutable_rollout()->set_rolls_back("ro-1");
  const auto judge = [&rollback, &view] {
    return JudgeGate(rollback, view, "node-01", GateScope::kBeforeVisit, Noon(), Noon());
  };
  EXPECT_TRUE(judge().empty()) << Describe(judge());
  view.nodes["node-03"].report.mutable_http(0)->set_healthy(v1::ANSWER_NO);
  EXPECT_FALSE(judge().empty());
}

struct Refusal {
  const char* name;
  std::function<void(ClusterView*)> bend;
  const char* says;
  GateProblem::Kind kind;
};

void PrintTo(const Refusal& refusal, std::ostream* out) { *out << refusal.name; }

class GateRefuses : public testing::TestWithParam<Refusal> {};

TEST_P(GateRefuses, AndSaysWhy) {
  ClusterView view = HealthyView();
  GetParam().bend(&view);
  const std::vector<GateProblem> problems = Judge(view);
  bool found = false;
  for (const GateProblem& problem : problems) {
    found = found || (problem.text.find(GetParam().says) != std::string::npos && problem.kind == GetParam().kind);
  }
  EXPECT_TRUE(found) << "wanted: " << GetParam().says << "; it says: " << Describe(problems);
}

std::vector<Refusal> Refusals() {
  const auto firm = GateProblem::kFirm;
  const auto settles = GateProblem::kSettles;
  const auto not_seen = GateProblem::kNotSeen;
  const auto old = Noon() - absl::Seconds(1);
  return {
      {"quorum_lost_by_quorumtool", [](ClusterView* v) { Dc(v)->mutable_quorum()->set_quorate(v1::ANSWER_NO); },
       "no DC with quorum", settles},
      {"quorum_unknown_by_quorumtool",
       [](ClusterView* v) { Dc(v)->mutable_quorum()->set_quorate(v1::ANSWER_UNSPECIFIED); }, "no DC with quorum",
       settles},
      {"quorum_lost_by_pacemaker", [](ClusterView* v) { Dc(v)->set_dc_with_quorum(v1::ANSWER_NO); },
       "no DC with quorum", settles},
      {"two_dcs", [](ClusterView* v) { v->nodes["node-03"].report.mutable_cluster()->set_dc("node-03"); },
       "no DC with quorum", settles},
      {"another_node_without_quorum",
       [](ClusterView* v) {
         v->nodes["node-03"].report.mutable_cluster()->mutable_quorum()->set_quorate(v1::ANSWER_NO);
       },
       "node node-03 has no quorum", firm},
      {"another_node_cannot_tell",
       [](ClusterView* v) {
         v->nodes["node-03"].report.mutable_cluster()->mutable_quorum()->set_quorate(v1::ANSWER_UNSPECIFIED);
       },
       "node node-03 cannot tell", settles},
      {"another_node_not_in_the_cluster",
       [](ClusterView* v) { v->nodes["node-03"].report.mutable_cluster()->set_connected(v1::ANSWER_NO); },
       "node node-03 is not connected to the cluster", firm},
      {"another_node_sees_no_dc",
       [](ClusterView* v) {
         v->nodes["node-03"].report.mutable_cluster()->set_dc_present(v1::ANSWER_NO);
         v->nodes["node-03"].report.mutable_cluster()->clear_dc();
       },
       "node node-03 names DC ''", settles},
      {"offline", [](ClusterView* v) { Dc(v)->mutable_nodes(2)->set_online(false); }, "node-03 is offline", firm},
      {"standby", [](ClusterView* v) { Dc(v)->mutable_nodes(2)->set_standby(true); }, "node-03 is in standby", firm},
      {"standby_onfail", [](ClusterView* v) { Dc(v)->mutable_nodes(2)->set_standby_onfail(true); },
       "node-03 is in standby", firm},
      {"maintenance", [](ClusterView* v) { Dc(v)->mutable_nodes(2)->set_maintenance(true); },
       "node-03 is in maintenance", firm},
      {"pending", [](ClusterView* v) { Dc(v)->mutable_nodes(2)->set_pending(true); }, "node-03 is still joining",
       settles},
      {"unclean", [](ClusterView* v) { Dc(v)->mutable_nodes(2)->set_unclean(true); }, "node-03 is unclean", firm},
      {"shutdown", [](ClusterView* v) { Dc(v)->mutable_nodes(2)->set_shutdown(true); }, "node-03 is shutting down",
       firm},
      {"maintenance_mode", [](ClusterView* v) { Dc(v)->set_maintenance_mode(true); }, "maintenance mode", firm},
      {"busy", [](ClusterView* v) { Dc(v)->set_idle(v1::ANSWER_NO); }, "not idle", settles},
      {"idle_unknown", [](ClusterView* v) { Dc(v)->set_idle(v1::ANSWER_UNSPECIFIED); }, "not idle", settles},
      {"failed_action",
       [](ClusterView* v) {
         v1::FailureFact* failure = Dc(v)->add_failures();
         failure->set_resource("web");
         failure->set_operation("monitor");
         failure->set_node("node-03");
       },
       "failed action monitor of web on node-03", firm},
      {"no_vote_to_lose", [](ClusterView* v) { Dc(v)->mutable_quorum()->set_quorum(3); }, "the loss of one more vote",
       firm},
      {"not_cloned", [](ClusterView* v) { Dc(v)->mutable_instances(0)->clear_clone(); }, "is not cloned", firm},
      {"unmanaged", [](ClusterView* v) { Dc(v)->mutable_instances(0)->set_managed(false); }, "is unmanaged", firm},
      {"disabled", [](ClusterView* v) { Dc(v)->mutable_instances(0)->set_disabled(true); }, "is disabled", firm},
      {"failed_instance", [](ClusterView* v) { Dc(v)->mutable_instances(2)->set_failed(true); }, "is failed", firm},
      {"blocked_instance", [](ClusterView* v) { Dc(v)->mutable_instances(2)->set_blocked(true); }, "is blocked", firm},
      {"starting_instance", [](ClusterView* v) { Dc(v)->mutable_instances(2)->set_role("Starting"); }, "is Starting",
       settles},
      {"instance_missing", [](ClusterView* v) { Dc(v)->mutable_instances()->RemoveLast(); },
       "2 instances are started, there were 3", settles},
      {"no_resource", [](ClusterView* v) { Dc(v)->clear_instances(); }, "runs no resource systemd:jetty9", firm},
      {"nothing_here", [](ClusterView* v) { Dc(v)->mutable_instances(0)->set_nodes(0, "node-04"); },
       "node-01 holds no instance", firm},
      {"unit_not_active",
       [](ClusterView* v) { v->nodes["node-03"].report.mutable_units(0)->set_active_state("activating"); },
       "the unit on node-03 is not active", settles},
      {"unit_unknown", [](ClusterView* v) { v->nodes["node-03"].report.clear_units(); },
       "the unit on node-03 is not active", settles},
      {"port_bound_by_another",
       [](ClusterView* v) { v->nodes["node-03"].report.mutable_ports(0)->set_bound_by_unit(v1::ANSWER_NO); },
       "a port on node-03", settles},
      {"port_unknown", [](ClusterView* v) { v->nodes["node-03"].report.clear_ports(); }, "a port on node-03", settles},
      {"http_unhealthy", [](ClusterView* v) { v->nodes["node-03"].report.mutable_http(0)->set_healthy(v1::ANSWER_NO); },
       "HTTP on node-03", settles},
      {"http_unknown", [](ClusterView* v) { v->nodes["node-03"].report.clear_http(); }, "HTTP on node-03", settles},
      {"too_few_others",
       [](ClusterView* v) {
         for (const char* node : {"node-02", "node-03"}) {
           v->nodes[node].report.mutable_http(0)->set_healthy(v1::ANSWER_NO);
         }
       },
       "0 other instances answer HTTP", settles},
      {"agent_gone", [](ClusterView* v) { v->nodes["node-03"].connected = false; },
       "the agent of node node-03 is not connected", settles},
      {"agent_never_seen", [](ClusterView* v) { v->nodes.erase("node-03"); },
       "the agent of node node-03 is not connected", settles},
      {"cluster_not_fresh", [old](ClusterView* v) { v->nodes["node-03"].fresh.cluster = old; },
       "node node-03 has not been observed", not_seen},
      {"units_not_fresh", [old](ClusterView* v) { v->nodes["node-03"].fresh.units = old; },
       "node node-03 has not been observed", not_seen},
      {"http_not_fresh", [old](ClusterView* v) { v->nodes["node-03"].fresh.http = old; },
       "node node-03 has not been observed", not_seen},
      {"cib_not_fresh", [old](ClusterView* v) { v->nodes["node-02"].fresh.cib = old; }, "the CIB has not been read",
       not_seen},
      {"cib_unreadable",
       [](ClusterView* v) { v->nodes["node-02"].report.mutable_cib()->set_error("cibadmin: exit 1"); },
       "cibadmin: exit 1", not_seen},
      {"clock_ahead",
       [](ClusterView* v) {
         *v->nodes["node-03"].report.mutable_cluster()->mutable_observed_at() = ToProto(Noon() + absl::Seconds(9));
       },
       "the clock of node-03 is 9s ahead", firm},
      {"left_over_rule",
       [](ClusterView* v) {
         v1::CibEntryFact* rule = v->nodes["node-02"].report.mutable_cib()->add_ours();
         rule->set_kind(v1::CibEntryFact::KIND_EVICT_RULE);
         rule->set_id("jettyfleet-d-0-node-01");
       },
       "still holds jettyfleet-d-0-node-01", firm},
      {"lock_gone", [](ClusterView* v) { v->nodes["node-02"].report.mutable_cib()->clear_ours(); },
       "does not hold this operation's lock", firm},
      {"lock_of_another",
       [](ClusterView* v) { v->nodes["node-02"].report.mutable_cib()->mutable_ours(0)->set_operation_id("d-0"); },
       "still holds jettyfleet-lock of operation d-0", firm},
      {"balancer_gone", [](ClusterView* v) { v->load_balancers["lb-01"].connected = false; },
       "the agent of load balancer lb-01 is not connected", settles},
      {"balancer_not_fresh", [old](ClusterView* v) { v->load_balancers["lb-01"].fresh.lb_servers = old; },
       "load balancer lb-01 has not been observed", not_seen},
      {"balancer_lease_left",
       [](ClusterView* v) {
         v1::LeaseFact* lease = v->load_balancers["lb-01"].report.add_leases();
         lease->set_id("jettyfleet-d-0-node-03-lb");
         lease->set_operation_id("d-0");
         *lease->mutable_ends_at() = ToProto(Noon() + absl::Seconds(60));
       },
       "still holds lease jettyfleet-d-0-node-03-lb", firm},
      {"server_not_ready",
       [](ClusterView* v) { Server(v, "node-03")->set_admin_state(v1::LbServerFact::ADMIN_STATE_DRAIN); },
       "server app/node-03 on lb-01 is not ready", firm},
      {"server_going_down", [](ClusterView* v) { Server(v, "node-03")->set_status("UP 1/2"); },
       "server app/node-03 on lb-01 is UP 1/2", settles},
      {"server_check_fails", [](ClusterView* v) { Server(v, "node-03")->set_check_status("L4CON"); },
       "server app/node-03 on lb-01 is UP L4CON", settles},
      {"server_without_check", [](ClusterView* v) { Server(v, "node-03")->set_status("no check"); },
       "has no health check", firm},
      {"server_not_reported",
       [](ClusterView* v) { v->load_balancers["lb-01"].report.mutable_lb_servers()->RemoveLast(); },
       "server app/node-03 on lb-01 is not reported", settles},
      {"node_without_server",
       [](ClusterView* v) { v->description.mutable_load_balancers(0)->mutable_servers()->erase("node-03"); },
       "no load balancer of the description has a server for node node-03", firm},
  };
}

INSTANTIATE_TEST_SUITE_P(Each, GateRefuses, testing::ValuesIn(Refusals()),
                         [](const testing::TestParamInfo<Refusal>& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace jettyfleet
