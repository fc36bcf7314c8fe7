#include <gtest/gtest.h>

#include "tests/coordinator/rolling/audit/audit_case.h"

namespace jettyfleet {
namespace {

v1::ClusterNodeFact* NodeOf(AuditWorld* world, int index) { return world->dc()->mutable_nodes(index); }

v1::CibFact* DcCib(AuditWorld* world) { return world->node("node-02")->report.mutable_cib(); }

v1::InstanceFact* AddInstance(AuditWorld* world, const std::string& resource, const std::string& clone,
                              const std::string& node) {
  v1::InstanceFact* const instance = world->dc()->add_instances();
  instance->set_resource(resource);
  instance->set_clone(clone);
  instance->set_agent(clone.empty() ? "stonith:fence_lab" : "systemd:jetty9");
  instance->set_role("Started");
  instance->set_active(true);
  instance->set_managed(true);
  instance->add_nodes(node);
  return instance;
}

void AddBefore(AuditWorld* world, const std::string& resource, const std::string& node) {
  v1::AuditBaseline::Place* const place = world->baseline.add_instances();
  place->set_resource(resource);
  place->set_node(node);
}

void Fail(v1::FailureFact* failure, const std::string& last_change) {
  failure->set_resource("web:1");
  failure->set_node("node-01");
  failure->set_operation("monitor");
  failure->set_last_change(last_change);
}

void OperatorBans(AuditWorld* world) {
  v1::LocationFact* const ban = DcCib(world)->add_locations();
  ban->set_id("cli-ban-web-clone-on-node-01");
  ban->set_node("node-01");
}

std::vector<AuditTestCase> Cases() {
  using W = AuditWorld*;
  return {
      {"all_is_as_it_was", [](W) {}, ""},
      {"a_node_is_offline", [](W w) { NodeOf(w, 0)->set_online(false); },
       "failed node-states node-01: it is offline\n"
       "failed one-partition node-02: it does not see node node-01 online\n"},
      {"a_node_is_unclean", [](W w) { NodeOf(w, 0)->set_unclean(true); },
       "failed node-states node-01: it is unclean\n"},
      {"a_node_is_joining",
       [](W w) {
         NodeOf(w, 0)->set_online(false);
         NodeOf(w, 0)->set_pending(true);
       },
       "unknown node-states node-01: it is still joining\n"},
      {"a_node_is_in_maintenance", [](W w) { NodeOf(w, 0)->set_maintenance(true); },
       "failed node-states node-01: it is in maintenance\n"},
      {"a_node_is_in_maintenance_no_more", [](W w) { w->baseline.mutable_nodes(0)->set_maintenance(true); },
       "failed node-states node-01: it is not in maintenance any more\n"},
      {"a_node_is_shutting_down", [](W w) { NodeOf(w, 0)->set_shutdown(true); },
       "failed node-states node-01: it is shutting down\n"},
      {"a_node_is_in_standby_after_a_failure", [](W w) { NodeOf(w, 0)->set_standby_onfail(true); },
       "failed node-states node-01: Pacemaker has put it into standby after a failure\n"},
      {"a_node_is_in_our_standby",
       [](W w) {
         NodeOf(w, 0)->set_standby(true);
         v1::CibEntryFact* const ours = DcCib(w)->add_ours();
         ours->set_id("jettyfleet-d-1-node-01");
         ours->set_node("node-01");
       },
       "failed node-states node-01: it is in standby by our hand\n"
       "failed cib-leftovers node-02: its CIB still holds jettyfleet-d-1-node-01\n"},
      {"a_node_is_in_an_operators_standby",
       [](W w) {
         NodeOf(w, 0)->set_standby(true);
         w->dc()->mutable_instances(0)->set_active(false);
         w->dc()->mutable_instances(0)->clear_nodes();
       },
       "remark node-states node-01: an operator has put it into standby meanwhile; it is left alone\n"
       "remark instances node-01: no instance of web runs there: an operator holds it out\n"},
      {"an_operator_has_ended_a_standby", [](W w) { w->baseline.mutable_nodes(0)->set_standby(true); },
       "remark node-states node-01: somebody has ended its standby meanwhile\n"},
      {"a_node_is_not_in_the_cluster_any_more", [](W w) { w->dc()->mutable_nodes()->DeleteSubrange(0, 1); },
       "failed node-states node-01: the cluster does not know it any more\n"
       "failed one-partition node-02: it does not see node node-01 online\n"},
      {"a_node_has_joined", [](W w) { w->dc()->add_nodes()->set_name("node-04"); },
       "remark node-states node-04: it has joined the cluster meanwhile\n"},
      {"maintenance_mode", [](W w) { w->dc()->set_maintenance_mode(true); },
       "failed node-states the cluster is in maintenance mode\n"},
      {"the_dc_has_not_told", [](W w) { w->node("node-02")->fresh.cluster = Noon() - absl::Seconds(1); },
       "unknown node-states node-02: the DC has not told yet how the cluster is\n"
       "unknown one-partition node-02: it has not told yet how it sees the cluster\n"
       "unknown one-dc node-02: it has not told yet how it sees the cluster\n"
       "unknown instances node-02: the DC has not told yet how the cluster is\n"
       "unknown failed-actions node-02: the DC has not told yet how the cluster is\n"
       "unknown cib-identical node-02: the DC has not told yet how the cluster is\n"
       "unknown cib-unchanged node-02: the DC has not told yet how the cluster is\n"
       "unknown constraints node-02: the DC has not told yet how the cluster is\n"},
      {"a_node_without_quorum",
       [](W w) { w->node("node-01")->report.mutable_cluster()->mutable_quorum()->set_quorate(v1::ANSWER_NO); },
       "failed one-partition node-01: it has no quorum\n"},
      {"a_node_that_cannot_tell",
       [](W w) { w->node("node-01")->report.mutable_cluster()->mutable_quorum()->clear_quorate(); },
       "unknown one-partition node-01: it cannot tell whether it has quorum: \n"},
      {"a_node_that_is_not_connected",
       [](W w) { w->node("node-01")->report.mutable_cluster()->set_connected(v1::ANSWER_NO); },
       "failed one-partition node-01: it is not connected to the cluster\n"},
      {"a_node_that_sees_another_offline",
       [](W w) { w->node("node-01")->report.mutable_cluster()->mutable_nodes(2)->set_online(false); },
       "failed one-partition node-01: it does not see node node-03 online\n"},
      {"an_agent_is_gone", [](W w) { w->node("node-01")->connected = false; },
       "unknown one-partition node-01: its agent is not connected\n"
       "unknown one-dc node-01: its agent is not connected\n"
       "unknown processes node-01: its agent is not connected\n"
       "unknown cib-identical node-01: its agent is not connected\n"
       "unknown cib-leftovers node-01: its agent is not connected\n"
       "unknown leases node-01: its agent is not connected\n"},
      {"a_node_names_another_dc",
       [](W w) {
         w->node("node-01")->report.mutable_cluster()->set_dc("node-01");
         w->node("node-01")->report.mutable_cluster()->set_dc_with_quorum(v1::ANSWER_NO);
       },
       "failed one-dc node-01: its DC node-01 has no quorum\n"
       "failed one-dc the nodes name different DCs: node-01, node-02\n"},
      {"a_node_names_no_dc", [](W w) { w->node("node-01")->report.mutable_cluster()->clear_dc(); },
       "unknown one-dc node-01: it names no DC yet\n"},
      {"a_dc_of_which_it_is_not_known",
       [](W w) { w->node("node-01")->report.mutable_cluster()->clear_dc_with_quorum(); },
       "unknown one-dc node-01: it cannot tell whether DC node-02 has quorum\n"},
      {"two_dcs",
       [](W w) {
         NodeOf(w, 0)->set_is_dc(true);
         NodeOf(w, 1)->set_is_dc(true);
       },
       "failed one-dc node-02: it sees 2 DCs\n"},
      {"an_instance_is_missing",
       [](W w) {
         w->dc()->mutable_instances(0)->set_active(false);
         w->dc()->mutable_instances(0)->set_role("Stopped");
         w->dc()->mutable_instances(0)->clear_nodes();
       },
       "failed instances node-01: no instance of web runs there\n"},
      {"an_instance_is_starting", [](W w) { w->dc()->mutable_instances(0)->set_role("Starting"); },
       "unknown instances node-01: an instance of web is Starting\n"
       "failed instances node-01: no instance of web runs there\n"},
      {"an_instance_is_failed", [](W w) { w->dc()->mutable_instances(0)->set_failed(true); },
       "failed instances node-01: an instance of web is failed\n"
       "failed instances node-01: no instance of web runs there\n"},
      {"an_instance_too_many", [](W w) { AddInstance(w, "web:3", "web-clone", "node-04"); },
       "failed instances node-04: an instance of web runs there, and did not before\n"},
      {"twice_on_a_node", [](W w) { AddInstance(w, "web:3", "web-clone", "node-01"); },
       "failed instances node-01: web runs there 2 times\n"},
      {"it_stays_on_a_spare_as_expected",
       [](W w) {
         w->dc()->mutable_instances(0)->set_nodes(0, "node-04");
         w->expected.moved["node-01"] = "node-04";
       },
       ""},
      {"it_stays_on_a_spare_unexpectedly", [](W w) { w->dc()->mutable_instances(0)->set_nodes(0, "node-04"); },
       "failed instances node-01: no instance of web runs there\n"
       "failed instances node-04: an instance of web runs there, and did not before\n"},
      {"an_operator_bans_meanwhile",
       [](W w) {
         w->dc()->mutable_instances(0)->set_nodes(0, "node-04");
         OperatorBans(w);
       },
       "remark instances node-01: no instance of web runs there: an operator holds it out\n"
       "remark instances node-04: an instance of web runs there, and did not before: an operator holds another node "
       "out\n"
       "remark constraints node-01: an operator has made cli-ban-web-clone-on-node-01 meanwhile; it is left alone\n"},
      {"another_resource_runs_nowhere", [](W w) { AddBefore(w, "switch", "node-01"); },
       "failed instances node-01: switch ran there, and runs nowhere now\n"},
      {"another_resource_has_moved",
       [](W w) {
         AddBefore(w, "switch", "node-01");
         AddInstance(w, "switch", "", "node-03");
       },
       "remark instances node-01: switch has moved from there to node-03\n"},
      {"another_resource_is_stopping",
       [](W w) {
         AddBefore(w, "switch", "node-01");
         AddInstance(w, "switch", "", "node-01")->set_role("Stopping");
       },
       "unknown instances node-01: an instance of switch is Stopping\n"},
      {"another_resource_runs_twice",
       [](W w) {
         AddBefore(w, "switch", "node-01");
         AddInstance(w, "switch", "", "node-01")->add_nodes("node-03");
       },
       "failed instances node-01: switch runs there and on node-03\n"},
      {"an_instance_was_started_anew", [](W w) { w->node("node-03")->report.mutable_units(0)->set_main_pid(4712); },
       "failed processes node-03: jetty9.service was started anew, and was not to be touched\n"},
      {"the_same_number_and_another_process",
       [](W w) {
         w->node("node-03")->report.mutable_units(0)->mutable_active_since()->set_seconds(7);
         for (auto& process : *w->baseline.mutable_processes()) process.mutable_active_since()->set_seconds(5);
       },
       "failed processes node-03: jetty9.service was started anew, and was not to be touched\n"},
      {"an_instance_has_ended", [](W w) { w->node("node-03")->report.mutable_units(0)->set_active_state("failed"); },
       "failed processes node-03: jetty9.service is failed, and was not to be touched\n"},
      {"the_visited_nodes_is_another",
       [](W w) {
         w->node("node-03")->report.mutable_units(0)->set_main_pid(4712);
         w->expected.visited = {"node-03"};
       },
       ""},
      {"another_unit_is_not_ours_to_judge",
       [](W w) {
         w->node("node-03")->report.mutable_units(0)->set_main_pid(4712);
         w->view.description.mutable_resources(0)->set_unit("jetty12");
         for (auto& [node, left] : w->leftovers) left.mutable_standstills(0)->set_unit("jetty12");
       },
       ""},
      {"the_operators_node_has_another",
       [](W w) {
         w->node("node-03")->report.mutable_units(0)->set_active_state("inactive");
         NodeOf(w, 2)->set_standby(true);
       },
       "remark node-states node-03: an operator has put it into standby meanwhile; it is left alone\n"
       "remark processes node-03: jetty9.service is inactive, and was not to be touched: an operator holds the node "
       "out\n"},
      {"units_were_not_read", [](W w) { w->node("node-03")->fresh.units = Noon() - absl::Seconds(1); },
       "unknown processes node-03: its units have not been read yet\n"},
      {"a_unit_is_not_told", [](W w) { w->node("node-03")->report.clear_units(); },
       "unknown processes node-03: the state of jetty9.service is not told\n"},
      {"a_new_failure", [](W w) { Fail(w->dc()->add_failures(), "12:01"); },
       "failed failed-actions node-01: action monitor of web:1 has failed\n"},
      {"a_failure_that_was_there",
       [](W w) {
         Fail(w->dc()->add_failures(), "11:59");
         Fail(w->baseline.add_failures(), "11:59");
       },
       ""},
      {"the_same_failed_again",
       [](W w) {
         Fail(w->dc()->add_failures(), "12:01");
         Fail(w->baseline.add_failures(), "11:59");
       },
       "failed failed-actions node-01: action monitor of web:1 has failed\n"},
      {"an_expected_failure",
       [](W w) {
         Fail(w->dc()->add_failures(), "12:01");
         Fail(&w->expected.failures.emplace_back(), "");
       },
       ""},
  };
}

class ClusterAudit : public testing::TestWithParam<AuditTestCase> {};

TEST_P(ClusterAudit, Finds) { ExpectFindings(GetParam()); }

INSTANTIATE_TEST_SUITE_P(Each, ClusterAudit, testing::ValuesIn(Cases()),
                         [](const testing::TestParamInfo<AuditTestCase>& info) {
                           return std::string(info.param.name);
                         });

}  // namespace
}  // namespace jettyfleet
