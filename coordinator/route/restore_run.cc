#include "coordinator/route/restore_run.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "coordinator/route/drain_run.h"
#include "coordinator/route/readiness.h"
#include "coordinator/route/servers.h"

namespace jettyfleet {
namespace {

constexpr absl::Duration kLookAgain = absl::Milliseconds(250);
constexpr absl::Duration kAnswerDeadline = absl::Seconds(30);
constexpr absl::Duration kCheckDeadline = absl::Seconds(30);

}  // namespace

RestoreRun::RestoreRun(std::string node, const RouteHands& hands, absl::Time began)
    : node_(std::move(node)), hands_(hands), began_(began), phase_began_(began) {}

void RestoreRun::Enter(Phase phase, absl::Time now) {
  phase_ = phase;
  phase_began_ = now;
  looked_at_ = absl::InfinitePast();
}

std::optional<absl::Status> RestoreRun::Gate(const ClusterView& view, absl::Time now) {
  const std::vector<RoutedServer> servers = RoutedServers(view, node_);
  if (servers.empty()) return absl::NotFoundError(absl::StrCat("no load balancer has a server of node ", node_));
  bool out = false;
  for (const RoutedServer& server : servers) {
    if (!server.SeenSince(began_)) {
      return absl::FailedPreconditionError(absl::StrCat(server.Name(), " was not seen; is the agent there connected?"));
    }
    const bool ready = server.fact->admin_state() == v1::LbServerFact::ADMIN_STATE_READY;
    const bool ours = server.Lease(kServerLease) != nullptr;
    if (!ready && !ours) {
      return absl::FailedPreconditionError(absl::StrCat(server.Name(), " is in ", AdminWord(server.fact->admin_state()),
                                                        ", and no lease of ours holds it: somebody "
                                                        "else's; jettyfleet route apply --take-over makes it ready"));
    }
    out |= !ready || ours;
  }
  if (!out) {
    hands_.Say(v1::RouteProgress::STATE_UNCHANGED, absl::StrCat(node_, " is ready everywhere"), "", now);
    return absl::OkStatus();
  }
  Enter(Phase::kAnswer, now);
  return std::nullopt;
}

std::optional<absl::Status> RestoreRun::AwaitAnswer(const ClusterView& view, absl::Time now) {
  bool answers = true;
  for (const RoutedServer& server : RoutedServers(view, node_)) {
    answers &= AnswersItself(view, *server.resource, node_, phase_began_) == v1::ANSWER_YES;
  }
  if (!answers) {
    if (now - phase_began_ > kAnswerDeadline) {
      return absl::FailedPreconditionError(absl::StrCat(
          node_, " itself does not answer as described (jettyfleet status), so it stays out until its lease ends"));
    }
    if (now - looked_at_ >= kLookAgain) {
      looked_at_ = now;
      v1::Observe look;
      look.set_http(true);
      hands_.observe(node_, look);
    }
    return std::nullopt;
  }
  hands_.Say(v1::RouteProgress::STATE_DONE, absl::StrCat(node_, " answers by itself"), "", now);
  std::vector<RouteStep> steps;
  for (const RoutedServer& server : RoutedServers(view, node_)) {
    RouteStep step;
    step.host = server.load_balancer;
    step.what = absl::StrCat(server.Name(), ": ready");
    v1::SetLbServer* const set = step.action.mutable_set_lb_server();
    set->set_backend(server.backend);
    set->set_server(server.server);
    set->set_state(v1::LbServerFact::ADMIN_STATE_READY);
    set->set_lease_id(ServerLeaseId(hands_.id, view, server.Name()));
    steps.push_back(std::move(step));
  }
  tour_.emplace(hands_, std::move(steps));
  Enter(Phase::kTell, now);
  return std::nullopt;
}

std::optional<absl::Status> RestoreRun::AwaitCheck(const ClusterView& view, absl::Time now) {
  std::string missing;
  for (const RoutedServer& server : RoutedServers(view, node_)) {
    if (InServiceSince(server, phase_began_)) continue;
    missing = absl::StrCat(server.Name(), server.fact == nullptr ? "" : absl::StrCat(" is ", server.fact->status()));
  }
  if (missing.empty()) {
    hands_.Say(v1::RouteProgress::STATE_DONE, absl::StrCat(node_, " is in service"),
               "every load balancer's own check has passed since", now);
    return absl::OkStatus();
  }
  if (now - phase_began_ > kCheckDeadline) {
    return absl::InternalError(absl::StrCat(node_,
                                            " was made ready, but the load balancer's check has not passed "
                                            "since: ",
                                            missing));
  }
  if (now - looked_at_ >= kLookAgain) {
    looked_at_ = now;
    hands_.LookAtServers(view);
  }
  return std::nullopt;
}

std::optional<absl::Status> RestoreRun::Step(const ClusterView& view, absl::Time now) {
  switch (phase_) {
    case Phase::kGate:
      return Gate(view, now);
    case Phase::kAnswer:
      return AwaitAnswer(view, now);
    case Phase::kTell: {
      const std::optional<absl::Status> told = tour_->Step(view, now);
      if (!told.has_value()) return std::nullopt;
      if (!told->ok()) return absl::InternalError(told->message());
      Enter(Phase::kCheck, now);
      return std::nullopt;
    }
    case Phase::kCheck:
      return AwaitCheck(view, now);
  }
  return absl::InternalError("a phase that does not exist");
}

}  // namespace jettyfleet
