#include "coordinator/recover/recover_watch.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

// By then Pacemaker's own monitor has found it, or somebody meant it.
constexpr absl::Duration kTooLate = absl::Minutes(1);
constexpr absl::Duration kBetweenTwo = absl::Seconds(30);
constexpr absl::Duration kWindow = absl::Minutes(10);
constexpr std::size_t kMostInWindow = 5;

const v1::UnitFact* UnitOf(const HostView& host, const v1::ResourceDescription& resource) {
  const std::string unit = absl::StrCat(resource.unit(), ".service");
  for (const v1::UnitFact& fact : host.report.units()) {
    if (fact.unit() == unit && !fact.active_state().empty()) return &fact;
  }
  return nullptr;
}

// The primitive's id, where the cluster counts on an instance of the unit running on the node.
std::string ExpectedThere(const v1::ClusterFact& cluster, const v1::ResourceDescription& resource,
                          const std::string& node) {
  for (const v1::InstanceFact& instance : cluster.instances()) {
    const bool there = std::count(instance.nodes().begin(), instance.nodes().end(), node) > 0;
    if (!there || instance.agent() != absl::StrCat("systemd:", resource.unit())) continue;
    const bool fit = instance.role() == "Started" && instance.active() && instance.managed() && !instance.blocked() &&
                     !instance.failed() && !instance.orphaned() && !instance.disabled();
    if (fit) return instance.resource().substr(0, instance.resource().find(':'));
  }
  return "";
}

}  // namespace

RecoverWatch::Todo RecoverWatch::Step(const ClusterView& view, bool busy, absl::Time now) {
  Todo todo;
  for (const v1::ResourceDescription& resource : view.description.resources()) {
    if (resource.recover() != v1::RECOVER_AT_ONCE) continue;
    for (const auto& [node, host] : view.nodes) {
      const v1::UnitFact* const unit = host.connected ? UnitOf(host, resource) : nullptr;
      if (unit == nullptr) continue;
      Instance& instance = instances_[{resource.name(), node}];
      if (unit->active_state() == "active" || unit->active_state() == "reloading") {
        const std::string running =
            absl::StrCat(unit->main_pid(), " since ", absl::FormatTime(FromProto(unit->active_since())));
        if (running != instance.running) instance.settled = false;
        instance.running = running;
        instance.ended_at = absl::InfinitePast();
        continue;
      }
      // On its way from one state to another: somebody is at work on it.
      const bool ended = unit->active_state() == "failed" || unit->active_state() == "inactive";
      if (instance.running.empty() || instance.settled || !ended || todo.tell.has_value()) continue;
      if (instance.ended_at == absl::InfinitePast()) instance.ended_at = now;
      if (!Judge(view, resource, node, busy, now, &instance, &todo)) {
        todo.again = true;
        continue;
      }
      instance.settled = true;
      if (todo.tell.has_value()) todo.tell->what = absl::StrCat("unit ", unit->unit(), " is ", unit->active_state());
    }
  }
  return todo;
}

bool RecoverWatch::Judge(const ClusterView& view, const v1::ResourceDescription& resource, const std::string& node,
                         bool busy, absl::Time now, Instance* instance, Todo* todo) {
  if (busy || now - instance->ended_at > kTooLate) return true;
  const std::string dc = QuorateDc(view);
  if (dc.empty()) return false;
  const HostView& host = view.nodes.at(dc);
  const v1::ClusterFact& cluster = host.report.cluster();
  const bool seen = host.fresh.cluster >= instance->ended_at && host.fresh.cib >= instance->ended_at &&
                    host.report.cib().error().empty();
  if (!seen || (cluster.idle() != v1::ANSWER_YES && !cluster.maintenance_mode())) {
    todo->look = dc;
    return false;
  }
  if (cluster.maintenance_mode() || !host.report.cib().ours().empty()) return true;
  const std::string primitive = ExpectedThere(cluster, resource, node);
  if (primitive.empty()) return true;
  while (!told_.empty() && now - told_.front() > kWindow) told_.pop_front();
  if (now - instance->told_at < kBetweenTwo || told_.size() >= kMostInWindow) {
    todo->say.push_back(absl::StrCat(primitive, " on ", node,
                                     " has failed again; it is left to Pacemaker's own monitor, because Pacemaker was "
                                     "told of ",
                                     told_.size(), " failures in the last ", absl::FormatDuration(kWindow)));
    return true;
  }
  instance->told_at = now;
  told_.push_back(now);
  todo->tell = Failure{primitive, node, ""};
  return true;
}

}  // namespace jettyfleet
