#include "absl/strings/str_cat.h"
#include "common/proto_time.h"
#include "tests/simulation/sim_cluster.h"

namespace jettyfleet {
namespace {

const char* RoleOf(SimCluster::Unit unit) {
  switch (unit) {
    case SimCluster::Unit::kInactive:
      return "Stopped";
    case SimCluster::Unit::kStarting:
      return "Starting";
    case SimCluster::Unit::kActive:
      return "Started";
    case SimCluster::Unit::kStopping:
      return "Stopping";
  }
  return "";
}

}  // namespace

v1::ClusterFact SimCluster::ReadCluster(const std::string& name) const {
  const Node& own = nodes_.at(name);
  v1::ClusterFact fact;
  *fact.mutable_observed_at() = ToProto(LocalTime(name));
  if (!own.member) {
    fact.set_connected(v1::ANSWER_NO);
    return fact;
  }
  fact.set_connected(v1::ANSWER_YES);
  const bool quorate = HasQuorum(name);
  const auto dc = dc_.find(own.side);
  const bool dc_present = dc != dc_.end() && !dc->second.empty();
  fact.set_dc_present(dc_present ? v1::ANSWER_YES : v1::ANSWER_NO);
  if (dc_present) {
    fact.set_dc(dc->second);
    fact.set_dc_with_quorum(quorate ? v1::ANSWER_YES : v1::ANSWER_NO);
    fact.set_idle(IsIdle(own.side) ? v1::ANSWER_YES : v1::ANSWER_NO);
    fact.set_dc_state(IsIdle(own.side) ? "S_IDLE" : "S_TRANSITION_ENGINE");
  }
  const auto believed = believed_.find(own.side);
  fact.mutable_quorum()->set_quorate(quorate ? v1::ANSWER_YES : v1::ANSWER_NO);
  fact.mutable_quorum()->set_expected_votes(nodes_.size());
  fact.mutable_quorum()->set_total_votes(believed == believed_.end() ? 0 : believed->second.size());
  fact.mutable_quorum()->set_quorum(nodes_.size() / 2 + 1);
  fact.set_stonith_enabled(true);
  int shown = 0;
  for (const auto& [other, node] : nodes_) {
    const bool online = believed != believed_.end() && believed->second.count(other) > 0;
    v1::ClusterNodeFact* seen = fact.add_nodes();
    seen->set_name(other);
    seen->set_online(online);
    seen->set_unclean(node.unclean && !online);
    seen->set_expected_up(true);
    seen->set_is_dc(dc_present && dc->second == other);
    for (const auto& [id, entry] : own.cib) {
      if (entry.kind() == v1::CibEntryFact::KIND_STANDBY_SET && entry.node() == other && IsHeld(node, own)) {
        seen->set_standby(true);
      }
    }
    if (node.failed && quorate && !hides_failures) {
      v1::FailureFact* failure = fact.add_failures();
      failure->set_resource(kSimResource);
      failure->set_node(other);
      failure->set_operation("monitor");
    }
    const bool runs = node.believed_started || node.unit != Unit::kInactive;
    if (!online || !runs) continue;
    v1::InstanceFact* instance = fact.add_instances();
    ++shown;
    instance->set_resource(kSimResource);
    instance->set_clone(kSimClone);
    instance->set_agent(absl::StrCat("systemd:", kSimUnit));
    instance->set_role(node.believed_started ? "Started" : RoleOf(node.unit));
    instance->set_active(true);
    instance->set_managed(true);
    instance->add_nodes(other);
  }
  for (; shown < clone_max_; ++shown) {
    v1::InstanceFact* instance = fact.add_instances();
    instance->set_resource(kSimResource);
    instance->set_clone(kSimClone);
    instance->set_agent(absl::StrCat("systemd:", kSimUnit));
    instance->set_role("Stopped");
    instance->set_managed(true);
  }
  return fact;
}

v1::CibFact SimCluster::ReadCib(const std::string& name) const {
  v1::CibFact fact;
  *fact.mutable_observed_at() = ToProto(LocalTime(name));
  // Nothing but entries of ours ever changes.
  fact.set_configuration_digest("5d1c");
  for (const auto& [id, entry] : nodes_.at(name).cib) *fact.add_ours() = entry;
  return fact;
}

v1::UnitFact SimCluster::ReadUnit(const std::string& name) const {
  v1::UnitFact fact;
  *fact.mutable_observed_at() = ToProto(LocalTime(name));
  fact.set_unit(absl::StrCat(kSimUnit, ".service"));
  const Node& node = nodes_.at(name);
  switch (node.unit) {
    case Unit::kInactive:
      fact.set_active_state(node.killed ? "failed" : "inactive");
      break;
    case Unit::kStarting:
      fact.set_active_state("activating");
      break;
    case Unit::kActive:
      fact.set_active_state("active");
      *fact.mutable_active_since() = ToProto(node.active_since);
      break;
    case Unit::kStopping:
      fact.set_active_state("deactivating");
      break;
  }
  return fact;
}

v1::PortFact SimCluster::ReadPort(const std::string& name) const {
  v1::PortFact fact;
  fact.set_resource(kSimResource);
  fact.set_port(kSimPort);
  fact.set_bound(nodes_.at(name).port ? v1::ANSWER_YES : v1::ANSWER_NO);
  fact.set_bound_by_unit(fact.bound());
  return fact;
}

v1::HttpFact SimCluster::ReadHttp(const std::string& name) const {
  v1::HttpFact fact;
  fact.set_resource(kSimResource);
  fact.set_healthy(Serves(name) ? v1::ANSWER_YES : v1::ANSWER_NO);
  return fact;
}

}  // namespace jettyfleet
