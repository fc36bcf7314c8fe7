#include "coordinator/route/drain_run.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/proto_time.h"
#include "coordinator/route/drain_gate.h"
#include "coordinator/route/servers.h"

namespace jettyfleet {
namespace {

using AdminState = v1::LbServerFact::AdminState;

constexpr absl::Duration kLookAgain = absl::Milliseconds(250);
// In maint HAProxy sends nothing new: what is left is answers under way and connections that are kept open.
constexpr absl::Duration kEmptyingDeadline = absl::Seconds(30);

}  // namespace

std::string ServerLeaseId(const std::string& change_id, const ClusterView& view, const std::string& server_name) {
  const std::vector<RoutedServer> servers = RoutedServers(view);
  for (std::size_t i = 0; i < servers.size(); ++i) {
    if (servers[i].Name() != server_name) continue;
    const v1::LeaseFact* const lease = servers[i].Lease(kServerLease);
    return lease != nullptr ? lease->id() : absl::StrCat("jettyfleet-", change_id, "-lb", i);
  }
  return absl::StrCat("jettyfleet-", change_id);
}

DrainRun::DrainRun(DrainOrder order, const RouteHands& hands, absl::Time began)
    : order_(std::move(order)), hands_(hands), began_(began), phase_began_(began) {}

void DrainRun::Enter(Phase phase, absl::Time now) {
  phase_ = phase;
  phase_began_ = now;
  looked_at_ = absl::InfinitePast();
  tour_.reset();
}

void DrainRun::BeginTour(AdminState state, const ClusterView& view, absl::Time now) {
  std::vector<RouteStep> steps;
  for (const RoutedServer& server : RoutedServers(view, order_.node)) {
    // Back from maint to drain would let clients in again.
    const bool further = state == v1::LbServerFact::ADMIN_STATE_DRAIN && server.fact != nullptr &&
                         server.fact->admin_state() == v1::LbServerFact::ADMIN_STATE_MAINT;
    RouteStep step;
    step.host = server.load_balancer;
    step.what = absl::StrCat(server.Name(), ": ", AdminWord(further ? v1::LbServerFact::ADMIN_STATE_MAINT : state));
    v1::SetLbServer* const set = step.action.mutable_set_lb_server();
    set->set_backend(server.backend);
    set->set_server(server.server);
    set->set_state(further ? v1::LbServerFact::ADMIN_STATE_MAINT : state);
    set->set_lease_id(ServerLeaseId(hands_.id, view, server.Name()));
    *set->mutable_duration() = ToProto(began_ + order_.lease - now);
    steps.push_back(std::move(step));
  }
  tour_.emplace(hands_, std::move(steps));
}

std::optional<uint64_t> DrainRun::Sessions(const ClusterView& view) const {
  uint64_t sessions = 0;
  for (const RoutedServer& server : RoutedServers(view, order_.node)) {
    if (!server.SeenSince(phase_began_)) return std::nullopt;
    sessions += server.fact->current_sessions();
  }
  return sessions;
}

void DrainRun::Look(const ClusterView& view, absl::Time now) {
  if (now - looked_at_ < kLookAgain) return;
  looked_at_ = now;
  hands_.LookAtServers(view);
}

void DrainRun::BeginGiveBack(absl::Status verdict, const ClusterView& view, absl::Time now) {
  const std::size_t told = tour_.has_value() ? tour_->told() : 0;
  Enter(Phase::kGiveBack, now);
  verdict_ = std::move(verdict);
  hands_.flight->Forget();
  std::vector<RouteStep> steps;
  const std::vector<RoutedServer> servers = RoutedServers(view, order_.node);
  for (std::size_t i = 0; i < servers.size() && i < told; ++i) {
    if (leased_before_.contains(servers[i].Name())) continue;
    RouteStep step;
    step.host = servers[i].load_balancer;
    step.what = absl::StrCat(servers[i].Name(), ": ready again");
    v1::SetLbServer* const set = step.action.mutable_set_lb_server();
    set->set_backend(servers[i].backend);
    set->set_server(servers[i].server);
    set->set_state(v1::LbServerFact::ADMIN_STATE_READY);
    set->set_lease_id(ServerLeaseId(hands_.id, view, servers[i].Name()));
    steps.push_back(std::move(step));
  }
  tour_.emplace(hands_, std::move(steps));
}

std::optional<absl::Status> DrainRun::TellAll(const ClusterView& view, absl::Time now) {
  const bool draining = phase_ == Phase::kTellDrain;
  if (!tour_.has_value()) {
    BeginTour(draining ? v1::LbServerFact::ADMIN_STATE_DRAIN : v1::LbServerFact::ADMIN_STATE_MAINT, view, now);
  }
  const std::optional<absl::Status> told = tour_->Step(view, now);
  if (!told.has_value()) return std::nullopt;
  if (told->ok()) {
    Enter(draining ? Phase::kDraining : Phase::kEmptying, now);
  } else if (draining) {
    BeginGiveBack(*told, view, now);
  } else {
    return absl::InternalError(absl::StrCat(told->message(),
                                            "; what is drained stays so until its lease ends, or "
                                            "jettyfleet route restore ",
                                            order_.node));
  }
  return std::nullopt;
}

absl::Status DrainRun::Ended(const ClusterView& view, absl::Time now) {
  std::string until;
  for (const RoutedServer& server : RoutedServers(view, order_.node)) {
    const v1::LeaseFact* const lease = server.Lease(kServerLease);
    if (lease != nullptr) {
      until = absl::FormatTime(" until %H:%M:%SZ", FromProto(lease->ends_at()), absl::UTCTimeZone());
    }
  }
  hands_.Say(v1::RouteProgress::STATE_DONE, absl::StrCat(order_.node, " is out of service", until),
             absl::StrCat("no session is left; jettyfleet route restore ", order_.node, " brings it back sooner"), now);
  return absl::OkStatus();
}

std::optional<absl::Status> DrainRun::Step(const ClusterView& view, absl::Time now) {
  switch (phase_) {
    case Phase::kGate: {
      const absl::Status may = CheckDrain(view, order_.node, began_);
      if (!may.ok()) return may;
      for (const RoutedServer& server : RoutedServers(view, order_.node)) {
        if (server.Lease(kServerLease) != nullptr) leased_before_.insert(server.Name());
      }
      Enter(Phase::kTellDrain, now);
      return TellAll(view, now);
    }
    case Phase::kTellDrain:
    case Phase::kTellMaint:
      return TellAll(view, now);
    case Phase::kDraining:
    case Phase::kEmptying: {
      Look(view, now);
      const std::optional<uint64_t> sessions = Sessions(view);
      const bool draining = phase_ == Phase::kDraining;
      if (sessions != 0u && now - phase_began_ < (draining ? order_.deadline : kEmptyingDeadline)) return std::nullopt;
      if (draining) {
        hands_.Say(v1::RouteProgress::STATE_DONE, absl::StrCat(order_.node, ": drain"),
                   sessions == 0u ? "no session is left"
                                  : absl::StrCat("the deadline of ", absl::FormatDuration(order_.deadline), " is over"),
                   now);
        Enter(Phase::kTellMaint, now);
        return TellAll(view, now);
      }
      if (sessions == 0u) return Ended(view, now);
      return absl::InternalError(
          absl::StrCat(order_.node, " is in maint, but ",
                       sessions.has_value() ? absl::StrCat(*sessions, " sessions are still open there")
                                            : std::string("its load balancers have not been seen since"),
                       "; it stays so until its lease ends, or jettyfleet route restore ", order_.node));
    }
    case Phase::kGiveBack: {
      const std::optional<absl::Status> told = tour_->Step(view, now);
      if (!told.has_value()) return std::nullopt;
      if (told->ok()) return verdict_;
      return absl::InternalError(absl::StrCat(verdict_.message(), "; and it could not be taken back: ", told->message(),
                                              "; the lease ends by itself"));
    }
  }
  return absl::InternalError("a phase that does not exist");
}

}  // namespace jettyfleet
