#include "coordinator/route/shift_run.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/proto_time.h"
#include "coordinator/route/drain_run.h"
#include "coordinator/route/servers.h"
#include "coordinator/verify/reach.h"

namespace jettyfleet {
namespace {

// On top of a step: for coming back, for walks, and for telling every load balancer.
constexpr absl::Duration kWeightReserve = absl::Minutes(5);
constexpr absl::Duration kOutAgain = absl::Minutes(30);
constexpr absl::Duration kCountDeadline = absl::Seconds(15);

uint32_t WeightOf(const RoutedServer& server, uint32_t per_cent) {
  return server.fact == nullptr ? 0 : server.fact->initial_weight() * per_cent / 100;
}

}  // namespace

ShiftRun::ShiftRun(ShiftOrder order, const RouteHands& hands, ShiftSeams seams, absl::Time began)
    : order_(std::move(order)), hands_(hands), seams_(std::move(seams)), began_(began), phase_began_(began) {}

void ShiftRun::Enter(Phase phase, absl::Time now) {
  phase_ = phase;
  phase_began_ = now;
  tour_.reset();
}

std::string ShiftRun::StepName() const {
  return absl::StrCat(absl::StrJoin(order_.nodes, ", "), " at ", order_.steps[step_], " %");
}

std::optional<absl::Status> ShiftRun::Gate(const ClusterView& view, absl::Time now) {
  if (const absl::Status may = CheckShift(view, order_, began_); !may.ok()) return may;
  const v1::ResourceDescription& resource = *RoutedServers(view, order_.nodes.front()).front().resource;
  may_move_ = AlternatesDirectly(resource.sessions());
  if (!may_move_) {
    Enter(Phase::kWeights, now);
    BeginWeights(v1::SetLbWeight::MODE_LEASED, view);
    return std::nullopt;
  }
  const absl::StatusOr<WalkOrder> walk = DirectWalk(view, order_);
  if (!walk.ok()) return walk.status();
  BeginWalk(*walk);
  Enter(Phase::kDirectWalk, now);
  return std::nullopt;
}

void ShiftRun::BeginWalk(WalkOrder order) {
  walked_ = std::make_shared<std::optional<WalkAnswer>>();
  seams_.walk(std::move(order), [walked = walked_](WalkAnswer answer) { *walked = std::move(answer); });
}

std::optional<absl::Status> ShiftRun::DirectWalkEnded(absl::Time now) {
  const std::string why_not = WhyNotKept(**walked_, may_move_);
  const std::string what = "two-node test: one session, alternating";
  if (!why_not.empty()) {
    hands_.Say(v1::RouteProgress::STATE_FAILED, what, why_not, now);
    return absl::FailedPreconditionError(absl::StrCat("a session that is served by two nodes is not kept (", why_not,
                                                      "), so no traffic was shifted; the description has "
                                                      "any node answer any session"));
  }
  hands_.Say(v1::RouteProgress::STATE_DONE, what, absl::StrCat((*walked_)->requests, " requests, the session was kept"),
             now);
  return std::nullopt;
}

void ShiftRun::BeginWeights(v1::SetLbWeight::Mode mode, const ClusterView& view) {
  std::vector<RouteStep> steps;
  const std::vector<RoutedServer> servers = RoutedServers(view);
  for (std::size_t i = 0; i < servers.size(); ++i) {
    const RoutedServer& server = servers[i];
    if (std::find(order_.nodes.begin(), order_.nodes.end(), server.node) == order_.nodes.end()) continue;
    const uint32_t weight = WeightOf(server, order_.steps[step_]);
    RouteStep step;
    step.host = server.load_balancer;
    step.what = mode == v1::SetLbWeight::MODE_BACK ? absl::StrCat(server.Name(), ": weight as before")
                                                   : absl::StrCat(server.Name(), ": weight ", weight);
    v1::SetLbWeight* const set = step.action.mutable_set_lb_weight();
    set->set_backend(server.backend);
    set->set_server(server.server);
    set->set_mode(mode);
    set->set_lease_id(absl::StrCat("jettyfleet-", hands_.id, "-w", i));
    if (mode == v1::SetLbWeight::MODE_LEASED) {
      set->set_weight(weight);
      *set->mutable_duration() = ToProto(order_.hold + kWeightReserve);
    }
    steps.push_back(std::move(step));
  }
  if (mode == v1::SetLbWeight::MODE_BACK) {
    back_ = std::move(steps);
  } else {
    tour_.emplace(hands_, std::move(steps));
  }
}

void ShiftRun::WeightsEnded(const ClusterView& view, absl::Time now) {
  if (restored_ < order_.nodes.size()) {
    Enter(Phase::kRestore, now);
  } else {
    Enter(Phase::kHold, now);
  }
  hands_.LookAtServers(view);
}

void ShiftRun::RestoreNodes(const ClusterView& view, absl::Time now) {
  in_service_ = true;
  if (restore_ == nullptr) restore_ = std::make_unique<RestoreRun>(order_.nodes[restored_], hands_, began_);
  const std::optional<absl::Status> back = restore_->Step(view, now);
  if (!back.has_value()) return;
  if (!back->ok()) return Fail(std::string(back->message()), view, now);
  restore_.reset();
  if (++restored_ < order_.nodes.size()) return;
  if (may_move_) return Enter(Phase::kHold, now);
  for (const ReachQuestion& question : ReachQuestions(view)) urls_.push_back(question.traffic.url());
  Enter(Phase::kBalancerWalk, now);
}

void ShiftRun::WalkBalancers(const ClusterView& view, absl::Time now) {
  if (walked_ != nullptr) {
    if (!walked_->has_value()) return;
    const std::string what = absl::StrCat("affinity: one session through ", urls_.back());
    const std::string why_not = WhyNotKept(**walked_, may_move_);
    if (!why_not.empty()) return Fail(absl::StrCat(what, ": ", why_not), view, now);
    hands_.Say(v1::RouteProgress::STATE_DONE, what,
               absl::StrCat((*walked_)->requests, " requests, it stayed with its node"), now);
    walked_.reset();
    urls_.pop_back();
    walked_through_ = true;
  }
  if (urls_.empty()) {
    if (!walked_through_) return Fail("no load balancer could be asked", view, now);
    return Enter(Phase::kHold, now);
  }
  WalkOrder walk;
  walk.traffic = view.description.traffic();
  walk.urls = {urls_.back()};
  BeginWalk(std::move(walk));
}

void ShiftRun::Hold(const ClusterView& view, absl::Time now) {
  if (probe_ == nullptr) {
    // New clients for each step: those of the step before stay with their nodes, and would not see it.
    probe_ = seams_.make_probe();
    if (const absl::Status started = probe_->Start(view.description.traffic()); !started.ok()) {
      return Fail(std::string(started.message()), view, now);
    }
    hands_.Say(v1::RouteProgress::STATE_STARTED, StepName(),
               absl::StrCat("watched for ", absl::FormatDuration(order_.hold)), now);
    return;
  }
  const TrafficView felt = probe_->Snapshot();
  const auto whole = felt.windows.find("");
  const std::string overspent =
      whole == felt.windows.end() ? "" : OverspentStep(whole->second, failures_, order_.budget_failures, may_move_);
  if (!overspent.empty()) return Fail(overspent, view, now);
  if (now - phase_began_ < order_.hold) return;
  probe_->Stop();
  Enter(Phase::kCount, now);
}

void ShiftRun::CountStep(const ClusterView& view, absl::Time now) {
  const TrafficView felt = probe_->Snapshot();
  if (felt.running && now - phase_began_ < kCountDeadline) return;
  const auto whole = felt.windows.find("");
  if (whole == felt.windows.end() || whole->second.requests() == 0) return Fail("no request was sent", view, now);
  const std::string overspent = OverspentStep(whole->second, failures_, order_.budget_failures, may_move_);
  if (!overspent.empty()) return Fail(overspent, view, now);
  failures_ += static_cast<uint32_t>(whole->second.failures());
  hands_.Say(v1::RouteProgress::STATE_DONE, StepName(),
             absl::StrCat(whole->second.requests(), " requests, ", whole->second.failures(), " failed, p99 ",
                          whole->second.p99_us() / 1000, " ms"),
             now);
  probe_.reset();
  const bool last = ++step_ == order_.steps.size();
  if (last) --step_;
  Enter(last ? Phase::kFinish : Phase::kWeights, now);
  BeginWeights(last ? v1::SetLbWeight::MODE_CONFIGURED : v1::SetLbWeight::MODE_LEASED, view);
}

void ShiftRun::Fail(const std::string& why, const ClusterView& view, absl::Time now) {
  hands_.Say(v1::RouteProgress::STATE_FAILED, StepName(), why, now);
  why_ = why;
  probe_.reset();
  restore_.reset();
  hands_.flight->Forget();
  Enter(Phase::kBack, now);
  BeginWeights(v1::SetLbWeight::MODE_BACK, view);
  if (!in_service_) return;
  for (const std::string& node : order_.nodes) {
    for (const RoutedServer& server : RoutedServers(view, node)) {
      RouteStep step;
      step.host = server.load_balancer;
      step.what = absl::StrCat(server.Name(), ": maint");
      v1::SetLbServer* const set = step.action.mutable_set_lb_server();
      set->set_backend(server.backend);
      set->set_server(server.server);
      set->set_state(v1::LbServerFact::ADMIN_STATE_MAINT);
      set->set_lease_id(ServerLeaseId(hands_.id, view, server.Name()));
      *set->mutable_duration() = ToProto(kOutAgain);
      back_.push_back(std::move(step));
    }
  }
}

std::optional<absl::Status> ShiftRun::Back(const ClusterView& view, absl::Time now) {
  if (tour_.has_value()) {
    const std::optional<absl::Status> told = tour_->Step(view, now);
    if (!told.has_value()) return std::nullopt;
    if (!told->ok()) not_back_.push_back(std::string(told->message()));
    tour_.reset();
  }
  if (!back_.empty()) {
    std::vector<RouteStep> next{std::move(back_.back())};
    back_.pop_back();
    tour_.emplace(hands_, std::move(next));
    return std::nullopt;
  }
  const std::string out = absl::StrCat(absl::StrJoin(order_.nodes, ", "),
                                       in_service_ ? " out of service again for 30 minutes" : " left out of service");
  if (not_back_.empty()) return absl::InternalError(absl::StrCat(why_, "; ", out));
  return absl::InternalError(absl::StrCat(
      why_, "; and not all could be taken back (leases end by themselves): ", absl::StrJoin(not_back_, "; ")));
}

std::optional<absl::Status> ShiftRun::Step(const ClusterView& view, absl::Time now) {
  switch (phase_) {
    case Phase::kGate:
      return Gate(view, now);
    case Phase::kDirectWalk: {
      if (!walked_->has_value()) return std::nullopt;
      std::optional<absl::Status> refused = DirectWalkEnded(now);
      walked_.reset();
      if (refused.has_value()) return refused;
      Enter(Phase::kWeights, now);
      BeginWeights(v1::SetLbWeight::MODE_LEASED, view);
      return std::nullopt;
    }
    case Phase::kWeights:
    case Phase::kFinish: {
      const std::optional<absl::Status> told = tour_->Step(view, now);
      if (!told.has_value()) return std::nullopt;
      if (!told->ok()) {
        Fail(std::string(told->message()), view, now);
        return std::nullopt;
      }
      if (phase_ == Phase::kWeights) {
        WeightsEnded(view, now);
        return std::nullopt;
      }
      hands_.Say(v1::RouteProgress::STATE_DONE,
                 absl::StrCat("traffic is shifted onto ", absl::StrJoin(order_.nodes, ", ")), "", now);
      return absl::OkStatus();
    }
    case Phase::kRestore:
      RestoreNodes(view, now);
      return std::nullopt;
    case Phase::kBalancerWalk:
      WalkBalancers(view, now);
      return std::nullopt;
    case Phase::kHold:
      Hold(view, now);
      return std::nullopt;
    case Phase::kCount:
      CountStep(view, now);
      return std::nullopt;
    case Phase::kBack:
      return Back(view, now);
  }
  return absl::InternalError("a phase that does not exist");
}

}  // namespace jettyfleet
