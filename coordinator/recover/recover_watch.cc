#include "coordinator/recover/recover_watch.h"

#include <cstddef>

#include "absl/strings/str_cat.h"
#include "common/proto_time.h"
#include "coordinator/recover/explanation.h"

namespace jettyfleet {
namespace {

// By then Pacemaker's own monitor has found it, or somebody meant it.
constexpr absl::Duration kTooLate = absl::Minutes(1);
constexpr absl::Duration kBetweenTwo = absl::Seconds(30);
constexpr absl::Duration kWindow = absl::Minutes(10);
constexpr std::size_t kMostInWindow = 5;

// nullptr: nothing is known of it now.
const v1::UnitFact* UnitOf(const HostView& host, const v1::ResourceDescription& resource) {
  if (!host.connected) return nullptr;
  const std::string unit = absl::StrCat(resource.unit(), ".service");
  for (const v1::UnitFact& fact : host.report.units()) {
    if (fact.unit() == unit && !fact.active_state().empty()) return &fact;
  }
  return nullptr;
}

}  // namespace

RecoverWatch::Todo RecoverWatch::Step(const ClusterView& view, bool busy, absl::Time now) {
  Todo todo;
  const Moment moment{view, busy, now};
  for (const v1::ResourceDescription& resource : view.description.resources()) {
    if (resource.recover() != v1::RECOVER_AT_ONCE) continue;
    for (const auto& [node, host] : view.nodes) {
      Instance& instance = instances_[{resource.name(), node}];
      const v1::UnitFact* const unit = UnitOf(host, resource);
      const std::string state = unit == nullptr ? "" : unit->active_state();
      if (state == "active" || state == "reloading") NoteRunning(*unit, &instance);
      if (state == "active" && resource.recover_after_failed_probes() > 0) {
        FollowSilence(moment, resource, node, *unit, &instance, &todo);
        continue;
      }
      instance.silence.Interrupt();
      // In any other state, on its way from one to another, somebody is at work on it.
      if (state == "failed" || state == "inactive") FollowEnd(moment, resource, node, *unit, &instance, &todo);
    }
  }
  return todo;
}

void RecoverWatch::NoteRunning(const v1::UnitFact& unit, Instance* instance) {
  const std::string running =
      absl::StrCat(unit.main_pid(), " since ", absl::FormatTime(FromProto(unit.active_since())));
  if (running != instance->running) {
    instance->settled = false;
    instance->silence = Silence();
  }
  instance->running = running;
  instance->ended_at = absl::InfinitePast();
}

void RecoverWatch::FollowEnd(const Moment& moment, const v1::ResourceDescription& resource, const std::string& node,
                             const v1::UnitFact& unit, Instance* instance, Todo* todo) {
  if (instance->running.empty() || instance->settled || todo->tell.has_value()) return;
  if (instance->ended_at == absl::InfinitePast()) instance->ended_at = moment.now;
  if (moment.now - instance->ended_at > kTooLate) {
    instance->settled = true;
    return;
  }
  const Explanation explanation = Explain(moment.view, resource, node, moment.busy, instance->ended_at);
  if (explanation.kind == Explanation::Kind::kNotKnown) {
    if (!explanation.look.empty()) todo->look = explanation.look;
    todo->again = true;
    return;
  }
  instance->settled = true;
  if (explanation.kind == Explanation::Kind::kExplained) return;
  if (const std::string limit = Limit(*instance, moment.now); !limit.empty()) {
    todo->say.push_back(absl::StrCat(explanation.primitive, " on ", node,
                                     " has failed again; it is left to Pacemaker's own monitor, because ", limit));
    return;
  }
  Tell({explanation.primitive, node, absl::StrCat("unit ", unit.unit(), " is ", unit.active_state())}, moment.now,
       instance, todo);
}

void RecoverWatch::FollowSilence(const Moment& moment, const v1::ResourceDescription& resource, const std::string& node,
                                 const v1::UnitFact& unit, Instance* instance, Todo* todo) {
  const uint32_t described = resource.recover_after_failed_probes();
  const Silence::Todo silent = instance->silence.Step(moment.view.nodes.at(node), resource, described, moment.now);
  if (silent.serves) {
    // What was told has passed without the end of the process; its end would be another failure.
    instance->settled = false;
    instance->postponed = false;
    return;
  }
  if (silent.ask) todo->probe.push_back(node);
  todo->again |= silent.waits;
  if (silent.failed.empty() || todo->tell.has_value()) return;
  const Explanation explanation = Explain(moment.view, resource, node, moment.busy, instance->silence.counted_at());
  if (explanation.kind == Explanation::Kind::kNotKnown) {
    if (!explanation.look.empty()) todo->look = explanation.look;
    return;
  }
  if (explanation.kind == Explanation::Kind::kExplained) return instance->silence.Postpone(moment.now);
  if (const std::string limit = Limit(*instance, moment.now); !limit.empty()) {
    instance->silence.Postpone(moment.now);
    if (instance->postponed) return;
    instance->postponed = true;
    todo->say.push_back(absl::StrCat(explanation.primitive, " on ", node, " is active and does not serve: ",
                                     silent.failed, "; Pacemaker is told of it later, because ", limit));
    return;
  }
  Tell({explanation.primitive, node,
        absl::StrCat("unit ", unit.unit(), " is active and does not serve: ", silent.failed, ", ", described,
                     described == 1 ? " probe" : " probes in a row")},
       moment.now, instance, todo);
  instance->silence.Settle();
  instance->settled = true;
}

std::string RecoverWatch::Limit(const Instance& instance, absl::Time now) {
  while (!told_.empty() && now - told_.front() > kWindow) told_.pop_front();
  if (now - instance.told_at >= kBetweenTwo && told_.size() < kMostInWindow) return "";
  return absl::StrCat("Pacemaker was told of ", told_.size(), " failures in the last ", absl::FormatDuration(kWindow));
}

void RecoverWatch::Tell(Failure failure, absl::Time now, Instance* instance, Todo* todo) {
  instance->told_at = now;
  told_.push_back(now);
  todo->tell = std::move(failure);
}

}  // namespace jettyfleet
