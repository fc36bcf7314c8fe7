#include "tests/coordinator/rolling/healthy_view.h"

#include <gtest/gtest.h>

#include <utility>

#include "common/proto_time.h"

namespace jettyfleet {
namespace {

const char* const kNodes[] = {"node-01", "node-02", "node-03"};

v1::ClusterFact HealthyCluster(absl::Time now) {
  v1::ClusterFact fact;
  *fact.mutable_observed_at() = ToProto(now);
  fact.set_connected(v1::ANSWER_YES);
  fact.set_dc_present(v1::ANSWER_YES);
  fact.set_dc("node-02");
  fact.set_dc_with_quorum(v1::ANSWER_YES);
  fact.set_idle(v1::ANSWER_YES);
  fact.set_dc_state("S_IDLE");
  fact.set_stonith_enabled(true);
  fact.mutable_quorum()->set_quorate(v1::ANSWER_YES);
  fact.mutable_quorum()->set_expected_votes(3);
  fact.mutable_quorum()->set_total_votes(3);
  fact.mutable_quorum()->set_quorum(2);
  for (const char* name : kNodes) {
    v1::ClusterNodeFact* node = fact.add_nodes();
    node->set_name(name);
    node->set_online(true);
    v1::InstanceFact* instance = fact.add_instances();
    instance->set_resource("web");
    instance->set_clone("web-clone");
    instance->set_agent("systemd:jetty9");
    instance->set_role("Started");
    instance->set_active(true);
    instance->set_managed(true);
    instance->add_nodes(name);
  }
  return fact;
}

HostView HealthyNode(const std::string& name, absl::Time now) {
  HostView host;
  host.host = name;
  host.connected = true;
  host.connected_at = now - absl::Hours(1);
  host.fresh = {now, now, now, now, now};
  *host.report.mutable_cluster() = HealthyCluster(now);
  host.report.mutable_cib()->set_configuration_digest("5d1c");
  v1::UnitFact* unit = host.report.add_units();
  unit->set_unit("jetty9.service");
  unit->set_active_state("active");
  unit->set_main_pid(4711);
  v1::PortFact* port = host.report.add_ports();
  port->set_resource("web");
  port->set_port(8080);
  port->set_bound(v1::ANSWER_YES);
  port->set_bound_by_unit(v1::ANSWER_YES);
  v1::HttpFact* http = host.report.add_http();
  http->set_resource("web");
  http->set_healthy(v1::ANSWER_YES);
  return host;
}

}  // namespace

absl::Time Noon() { return absl::FromUnixSeconds(1795435200); }

v1::DrillSpec EvictSpec() {
  v1::DrillSpec spec;
  spec.set_cluster("c");
  spec.set_resource("web");
  spec.set_scenario(v1::SCENARIO_EVICT);
  spec.set_min_serving(1);
  spec.set_return_policy(v1::RETURN_POLICY_REQUIRE);
  *spec.mutable_lease() = ToProto(absl::Seconds(120));
  *spec.mutable_drain_deadline() = ToProto(absl::Seconds(10));
  *spec.mutable_step_deadline() = ToProto(absl::Seconds(60));
  *spec.mutable_gate_deadline() = ToProto(absl::Seconds(30));
  *spec.mutable_baseline() = ToProto(absl::Seconds(5));
  return spec;
}

ClusterView HealthyView(absl::Time now) {
  ClusterView view;
  view.cluster = "c";
  view.coordinator_uuid = "uuid-1";
  view.epoch = 7;
  view.description.set_cluster("c");
  v1::ResourceDescription* resource = view.description.add_resources();
  resource->set_name("web");
  resource->set_unit("jetty9");
  resource->add_ports(8080);
  v1::LoadBalancerDescription* balancer = view.description.add_load_balancers();
  balancer->set_host("lb-01");
  balancer->set_resource("web");
  balancer->set_backend("app");
  HostView lb;
  lb.host = "lb-01";
  lb.connected = true;
  lb.connected_at = now - absl::Hours(1);
  lb.fresh = {now, now, now, now, now};
  for (const char* name : kNodes) {
    view.nodes[name] = HealthyNode(name, now);
    (*balancer->mutable_servers())[name] = name;
    v1::LbServerFact* server = lb.report.add_lb_servers();
    server->set_backend("app");
    server->set_server(name);
    server->set_node(name);
    server->set_admin_state(v1::LbServerFact::ADMIN_STATE_READY);
    server->set_status("UP");
    server->set_check_status("L7OK");
  }
  view.load_balancers["lb-01"] = lb;
  PutLock(&view);
  return view;
}

v1::Leftovers NothingLeft() {
  v1::Leftovers left;
  *left.mutable_observed_at() = ToProto(Noon());
  left.add_standstills()->set_unit("jetty9");
  left.mutable_standstills(0)->set_stands_still(v1::ANSWER_NO);
  left.add_core_dumps()->set_directory("/var/lib/systemd/coredump");
  v1::DiskSpaceFact* disk = left.add_disks();
  disk->set_what("var");
  disk->set_path("/var");
  disk->set_free_bytes(uint64_t{8} << 30);
  disk->set_total_bytes(uint64_t{16} << 30);
  return left;
}

void PutLock(ClusterView* view) {
  for (auto& [name, host] : view->nodes) {
    v1::CibEntryFact* lock = host.report.mutable_cib()->add_ours();
    lock->set_kind(v1::CibEntryFact::KIND_LOCK);
    lock->set_id("jettyfleet-lock");
    lock->set_holder(view->coordinator_uuid);
    lock->set_operation_id(kOperation);
    *lock->mutable_ends_at() = ToProto(Noon() + absl::Minutes(2));
  }
}

v1::LbServerFact* Server(ClusterView* view, const std::string& node) {
  for (v1::LbServerFact& fact : *view->load_balancers.at("lb-01").report.mutable_lb_servers()) {
    if (fact.node() == node) return &fact;
  }
  ADD_FAILURE() << "no server of " << node;
  return nullptr;
}

v1::ClusterFact* Dc(ClusterView* view) { return view->nodes.at("node-02").report.mutable_cluster(); }

Operation OperationFrom(std::vector<v1::JournalRecord> records, absl::Time at) {
  Operation operation;
  for (v1::JournalRecord& record : records) {
    if (!record.has_at()) *record.mutable_at() = ToProto(at);
    at += absl::Seconds(1);
    record.set_operation_id(kOperation);
    record.set_cluster("c");
    const absl::Status status = Apply(record, &operation);
    EXPECT_TRUE(status.ok()) << status;
  }
  return operation;
}

v1::JournalRecord Began() {
  v1::JournalRecord record;
  *record.mutable_operation_began()->mutable_spec() = EvictSpec();
  return record;
}

v1::JournalRecord Planned(const std::vector<std::string>& nodes) {
  v1::JournalRecord record;
  record.mutable_nodes_planned()->mutable_nodes()->Assign(nodes.begin(), nodes.end());
  for (const char* name : kNodes) record.mutable_nodes_planned()->add_instance_nodes(name);
  return record;
}

v1::JournalRecord Entered(const std::string& node, v1::NodeStep step) {
  v1::JournalRecord record;
  record.mutable_step_entered()->set_node(node);
  record.mutable_step_entered()->set_step(step);
  return record;
}

v1::JournalRecord Reached(const std::string& node, v1::NodeStep step) {
  v1::JournalRecord record;
  record.mutable_milestone_reached()->set_node(node);
  record.mutable_milestone_reached()->set_step(step);
  return record;
}

v1::JournalRecord Issued(const std::string& id, const std::string& host, const std::string& node, v1::Action action,
                         bool undo, absl::Time at) {
  v1::JournalRecord record;
  *record.mutable_at() = ToProto(at);
  action.set_id(id);
  *action.mutable_timeout() = ToProto(absl::Seconds(20));
  if (!undo) *action.mutable_not_after() = ToProto(at + absl::Seconds(5));
  record.mutable_action_issued()->set_host(host);
  record.mutable_action_issued()->set_node(node);
  record.mutable_action_issued()->set_undo(undo);
  *record.mutable_action_issued()->mutable_action() = std::move(action);
  return record;
}

v1::JournalRecord EndedWith(const std::string& id, v1::ActionResult::Outcome outcome) {
  v1::JournalRecord record;
  record.mutable_action_ended()->mutable_result()->set_action_id(id);
  record.mutable_action_ended()->mutable_result()->set_outcome(outcome);
  return record;
}

v1::JournalRecord Unanswered(const std::string& id) {
  v1::JournalRecord record = EndedWith(id, v1::ActionResult::OUTCOME_UNSPECIFIED);
  record.mutable_action_ended()->set_unanswered(true);
  return record;
}

v1::JournalRecord Paused(const std::string& by) {
  v1::JournalRecord record;
  record.mutable_operation_paused()->set_by(by);
  return record;
}

v1::JournalRecord Continued(const std::string& by) {
  v1::JournalRecord record;
  record.mutable_operation_continued()->set_by(by);
  return record;
}

v1::JournalRecord Stopped(v1::StopRequested::Cause cause) {
  v1::JournalRecord record;
  record.mutable_stop_requested()->set_cause(cause);
  record.mutable_stop_requested()->set_reason("a reason");
  return record;
}

v1::Action LockAction() {
  v1::Action action;
  action.mutable_acquire_lock()->set_holder("uuid-1");
  *action.mutable_acquire_lock()->mutable_duration() = ToProto(absl::Minutes(2));
  return action;
}

v1::Action EvictAction(const std::string& node, absl::Duration hold) {
  v1::Action action;
  action.mutable_evict_node()->set_node(node);
  action.mutable_evict_node()->set_lease_id("jettyfleet-d-1-" + node);
  *action.mutable_evict_node()->mutable_duration() = ToProto(hold);
  return action;
}

v1::Action ServerAction(const std::string& node, v1::LbServerFact::AdminState state) {
  v1::Action action;
  action.mutable_set_lb_server()->set_backend("app");
  action.mutable_set_lb_server()->set_server(node);
  action.mutable_set_lb_server()->set_state(state);
  action.mutable_set_lb_server()->set_lease_id("jettyfleet-d-1-" + node + "-lb");
  *action.mutable_set_lb_server()->mutable_duration() = ToProto(absl::Seconds(120));
  return action;
}

}  // namespace jettyfleet
