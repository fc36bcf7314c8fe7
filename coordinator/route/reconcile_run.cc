#include "coordinator/route/reconcile_run.h"

#include "absl/strings/str_cat.h"
#include "coordinator/route/readiness.h"
#include "coordinator/route/servers.h"

namespace jettyfleet {
namespace {

constexpr absl::Duration kLookAgain = absl::Milliseconds(250);
constexpr absl::Duration kSeeDeadline = absl::Seconds(8);
constexpr absl::Duration kCheckDeadline = absl::Seconds(30);

}  // namespace

ReconcileRun::ReconcileRun(bool take_over, const RouteHands& hands, absl::Time began)
    : take_over_(take_over), hands_(hands), began_(began) {}

bool ReconcileRun::Seen(const ClusterView& view, absl::Time since, absl::Time now) {
  bool seen = true;
  for (const auto& [name, host] : view.load_balancers) seen &= !host.connected || host.fresh.lb_servers >= since;
  if (!seen && now - looked_at_ >= kLookAgain) {
    looked_at_ = now;
    hands_.LookAtServers(view);
  }
  return seen;
}

absl::Status ReconcileRun::End(const ReconcilePlan& plan, absl::Time now) {
  std::size_t wrong = 0;
  for (const RouteRemark& remark : plan.remarks) {
    hands_.Say(remark.as_meant ? v1::RouteProgress::STATE_UNCHANGED : v1::RouteProgress::STATE_FAILED, remark.subject,
               remark.what, now);
    if (!remark.as_meant) ++wrong;
  }
  if (wrong > 0) {
    return absl::InternalError(absl::StrCat(wrong, " server", wrong == 1 ? " is" : "s are",
                                            " left as they should not be, see above; jettyfleet route show"));
  }
  hands_.Say(changed_ ? v1::RouteProgress::STATE_DONE : v1::RouteProgress::STATE_UNCHANGED,
             "load balancers as described", "", now);
  return absl::OkStatus();
}

std::optional<absl::Status> ReconcileRun::Settle(const ClusterView& view, absl::Time now) {
  if (!Seen(view, settling_since_, now) && now - settling_since_ < kSeeDeadline) return std::nullopt;
  std::string waiting;
  for (const RoutedServer& server : RoutedServers(view)) {
    if (made_ready_.contains(server.Name()) && !InServiceSince(server, settling_since_)) waiting = server.Name();
  }
  if (!waiting.empty()) {
    if (now - settling_since_ > kCheckDeadline) {
      return absl::InternalError(
          absl::StrCat(waiting, " was made ready, but the load balancer's check has not passed since"));
    }
    if (now - looked_at_ >= kLookAgain) {
      looked_at_ = now;
      hands_.LookAtServers(view);
    }
    return std::nullopt;
  }
  const ReconcilePlan left = PlanReconcile(view, hands_.id, take_over_, began_, now);
  if (!left.steps.empty()) {
    return absl::InternalError(absl::StrCat(left.steps.front().what, " was done, and is to be done again (",
                                            left.steps.front().found, "): does somebody else change it?"));
  }
  return End(left, now);
}

std::optional<absl::Status> ReconcileRun::Step(const ClusterView& view, absl::Time now) {
  if (settling_) return Settle(view, now);
  if (!tour_.has_value()) {
    ReconcilePlan plan = PlanReconcile(view, hands_.id, take_over_, began_, now);
    if (plan.steps.empty()) return End(plan, now);
    changed_ = true;
    for (const RouteStep& step : plan.steps) {
      const v1::SetLbServer& set = step.action.set_lb_server();
      if (step.action.has_set_lb_server() && set.state() == v1::LbServerFact::ADMIN_STATE_READY) {
        made_ready_.insert(absl::StrCat(step.host, " ", set.backend(), "/", set.server()));
      }
    }
    tour_.emplace(hands_, std::move(plan.steps));
  }
  const std::optional<absl::Status> told = tour_->Step(view, now);
  if (!told.has_value()) return std::nullopt;
  if (!told->ok()) return absl::InternalError(told->message());
  settling_ = true;
  settling_since_ = now;
  return std::nullopt;
}

}  // namespace jettyfleet
