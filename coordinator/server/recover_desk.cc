#include "coordinator/server/recover_desk.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "coordinator/server/operation_id.h"

namespace jettyfleet {
namespace {

constexpr absl::Duration kAgain = absl::Milliseconds(50);

bool IsAsked(const v1::ClusterDescription& description) {
  return std::any_of(description.resources().begin(), description.resources().end(),
                     [](const v1::ResourceDescription& resource) { return resource.recover() == v1::RECOVER_AT_ONCE; });
}

}  // namespace

void RecoverDesk::OnChanged(const std::string& cluster) { StepSoon(cluster, absl::ZeroDuration()); }

void RecoverDesk::StepSoon(const std::string& cluster, absl::Duration delay) {
  if (!coming_.insert(cluster).second) return;
  core_.PostAfter(delay, [this, cluster] {
    coming_.erase(cluster);
    Step(cluster);
  });
}

void RecoverDesk::Step(const std::string& cluster) {
  const ClusterView* const view = registry_.Find(cluster);
  if (view == nullptr || !IsAsked(view->description)) {
    clusters_.erase(cluster);
    return;
  }
  Watched& watched = clusters_[cluster];
  const absl::Time now = clock_.WallNow();
  if (watched.flight != nullptr) {
    const std::optional<v1::ActionResult> result = watched.flight->Take(*view, now);
    if (!result.has_value()) return StepSoon(cluster, kAgain);
    if (result->outcome() != v1::ActionResult::OUTCOME_DONE) {
      event_(cluster, "", absl::StrCat("Pacemaker was not told: ", result->message()));
    }
    watched.flight.reset();
  }
  const RecoverWatch::Todo todo = watched.watch.Step(*view, busy_(cluster), now);
  for (const std::string& line : todo.say) event_(cluster, "", line);
  if (!todo.look.empty()) {
    v1::Observe observe;
    observe.set_cluster(true);
    observe.set_cib(true);
    agents_.Observe(cluster, todo.look, observe);
  }
  for (const std::string& node : todo.probe) {
    v1::Observe observe;
    observe.set_units(true);
    observe.set_http(true);
    agents_.Observe(cluster, node, observe);
  }
  if (todo.tell.has_value()) Tell(*view, *todo.tell, &watched, now);
  if (todo.again || todo.tell.has_value()) StepSoon(cluster, kAgain);
}

void RecoverDesk::Tell(const ClusterView& view, const RecoverWatch::Failure& failure, Watched* watched,
                       absl::Time now) {
  const std::string& cluster = view.cluster;
  watched->flight = std::make_unique<ActionFlight>(
      ActionFlight::Names{NewOperationId("r", now), cluster, "recover: at-once", failure.what}, &journal_,
      [this, cluster](const std::string& host, const v1::Action& action) {
        return agents_.Send(cluster, host, action);
      });
  v1::Action action;
  action.mutable_fail_instance()->set_resource(failure.primitive);
  action.mutable_fail_instance()->set_node(failure.node);
  const absl::Status issued = watched->flight->Issue(QuorateDc(view), std::move(action), view.epoch, now);
  if (issued.ok()) return;
  watched->flight.reset();
  event_(cluster, failure.node, absl::StrCat("Pacemaker was not told that ", failure.what, ": ", issued.message()));
}

}  // namespace jettyfleet
