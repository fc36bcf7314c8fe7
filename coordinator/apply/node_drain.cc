#include "coordinator/apply/node_drain.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

using AdminState = v1::LbServerFact::AdminState;

constexpr absl::Duration kLease = absl::Minutes(5);
constexpr absl::Duration kDrainDeadline = absl::Seconds(30);
constexpr absl::Duration kMaintDeadline = absl::Seconds(5);
constexpr absl::Duration kGiveBackDeadline = absl::Seconds(20);
constexpr absl::Duration kAskAgain = absl::Milliseconds(250);

}  // namespace

NodeDrain::NodeDrain(std::string apply_id, std::string node, ActionFlight* flight, Observe observe)
    : apply_id_(std::move(apply_id)), node_(std::move(node)), flight_(flight), observe_(std::move(observe)) {}

void NodeDrain::FindServers(const ClusterView& view) {
  if (std::exchange(found_, true)) return;
  for (const v1::LoadBalancerDescription& balancer : view.description.load_balancers()) {
    const auto server = balancer.servers().find(node_);
    if (server == balancer.servers().end()) continue;
    servers_.push_back({balancer.host(), balancer.backend(), server->second,
                        absl::StrCat("jettyfleet-", apply_id_, "-lb", servers_.size())});
  }
}

std::optional<absl::Status> NodeDrain::Tell(AdminState state, const ClusterView& view, absl::Time now) {
  if (flight_->under_way()) {
    const std::optional<v1::ActionResult> result = flight_->Take(view, now);
    if (!result.has_value()) return std::nullopt;
    Server& server = servers_[telling_];
    if (result->outcome() != v1::ActionResult::OUTCOME_DONE) {
      return absl::FailedPreconditionError(absl::StrCat(server.backend, "/", server.server, " on ", server.host, ": ",
                                                        result->message()));
    }
    server.told = state;
  }
  for (telling_ = 0; telling_ < servers_.size(); ++telling_) {
    const Server& server = servers_[telling_];
    if (server.told == state) continue;
    v1::Action action;
    v1::SetLbServer* const set = action.mutable_set_lb_server();
    set->set_backend(server.backend);
    set->set_server(server.server);
    set->set_state(state);
    set->set_lease_id(server.lease_id);
    *set->mutable_duration() = ToProto(kLease);
    const absl::Status issued = flight_->Issue(server.host, std::move(action), view.epoch, now);
    if (!issued.ok()) return absl::FailedPreconditionError(issued.message());
    return std::nullopt;
  }
  return absl::OkStatus();
}

std::optional<uint64_t> NodeDrain::Sessions(const ClusterView& view, absl::Time since) const {
  uint64_t sessions = 0;
  for (const Server& server : servers_) {
    const auto host = view.load_balancers.find(server.host);
    if (host == view.load_balancers.end() || host->second.fresh.lb_servers < since) return std::nullopt;
    for (const v1::LbServerFact& fact : host->second.report.lb_servers()) {
      if (fact.backend() == server.backend && fact.server() == server.server) sessions += fact.current_sessions();
    }
  }
  return sessions;
}

void NodeDrain::Ask(absl::Time now) {
  if (now - asked_at_ < kAskAgain) return;
  asked_at_ = now;
  v1::Observe observe;
  observe.set_lb_servers(true);
  for (const Server& server : servers_) observe_(server.host, observe);
}

std::optional<absl::Status> NodeDrain::TakeOut(const ClusterView& view, absl::Time now) {
  FindServers(view);
  if (state_began_ == absl::InfinitePast()) {
    const std::optional<absl::Status> told = Tell(state_, view, now);
    if (!told.has_value() || !told->ok()) return told;
    state_began_ = now;
  }
  const std::optional<uint64_t> sessions = Sessions(view, state_began_);
  const bool draining = state_ == v1::LbServerFact::ADMIN_STATE_DRAIN;
  if (sessions != 0 && now - state_began_ < (draining ? kDrainDeadline : kMaintDeadline)) {
    Ask(now);
    return std::nullopt;
  }
  if (!draining) return absl::OkStatus();
  state_ = v1::LbServerFact::ADMIN_STATE_MAINT;
  state_began_ = absl::InfinitePast();
  return TakeOut(view, now);
}

std::optional<absl::Status> NodeDrain::GiveBack(const ClusterView& view, absl::Time now) {
  if (give_back_began_ == absl::InfinitePast()) {
    give_back_began_ = now;
    flight_->Forget();
    // What was never told has nothing to be given back.
    std::erase_if(servers_, [](const Server& server) { return server.told == v1::LbServerFact::ADMIN_STATE_UNSPECIFIED; });
  }
  std::optional<absl::Status> told = Tell(v1::LbServerFact::ADMIN_STATE_READY, view, now);
  if (told.has_value() && told->ok()) return told;
  if (now - give_back_began_ > kGiveBackDeadline) {
    return absl::DeadlineExceededError(absl::StrCat("servers of ", node_, " could not be made ready again; their leases ",
                                                    "end after ", absl::FormatDuration(kLease)));
  }
  return std::nullopt;
}

}  // namespace jettyfleet
