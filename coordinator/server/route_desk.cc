#include "coordinator/server/route_desk.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/log.h"
#include "common/proto_time.h"
#include "coordinator/route/drain_run.h"
#include "coordinator/route/reconcile_run.h"
#include "coordinator/route/restore_run.h"
#include "coordinator/route/shift_run.h"
#include "coordinator/route/show.h"
#include "coordinator/server/grpc_status.h"
#include "coordinator/server/operation_id.h"

namespace jettyfleet {
namespace {

constexpr absl::Duration kTick = absl::Milliseconds(100);
constexpr absl::Duration kUsualLease = absl::Minutes(30);
constexpr absl::Duration kShortestLease = absl::Seconds(10);
constexpr absl::Duration kLongestLease = absl::Hours(12);
constexpr absl::Duration kUsualDeadline = absl::Seconds(30);
constexpr absl::Duration kUsualHold = absl::Seconds(10);
constexpr std::size_t kLongestName = 128;
constexpr int kMostNodes = 64;

// Unset: `usual`. A duration whose parts are those of no real one is no duration.
absl::StatusOr<absl::Duration> ReadDuration(bool given, const google::protobuf::Duration& duration,
                                            absl::Duration usual, absl::Duration least, absl::Duration most,
                                            const char* name) {
  if (!given) return usual;
  const bool real = duration.nanos() > -1'000'000'000 && duration.nanos() < 1'000'000'000;
  if (real && FromProto(duration) >= least && FromProto(duration) <= most) return FromProto(duration);
  return absl::InvalidArgumentError(
      absl::StrCat("--", name, " must be ", absl::FormatDuration(least), " to ", absl::FormatDuration(most)));
}

}  // namespace

RouteDesk::RouteDesk(CoreLoop& core, Registry& registry, AgentDesk& agents, FreshLook& look, Journal& journal,
                     const Clock& clock, UnderWay under_way, ProbeFactory make_probe)
    : core_(core),
      registry_(registry),
      agents_(agents),
      look_(look),
      journal_(journal),
      clock_(clock),
      under_way_(std::move(under_way)),
      make_probe_(std::move(make_probe)) {}

void RouteDesk::Show(const std::string& cluster, v1::RouteShowResponse* response,
                     std::function<void(grpc::Status)> done) {
  look_.Everywhere(cluster, [this, cluster, response, done = std::move(done)](absl::Time since) {
    *response = ShowRoute(*registry_.Find(cluster), since, clock_.WallNow());
    done(grpc::Status::OK);
  });
}

grpc::Status RouteDesk::WhyNot(const std::string& cluster) const {
  if (const auto running = running_.find(cluster); running != running_.end()) {
    return {grpc::StatusCode::FAILED_PRECONDITION,
            absl::StrCat("a change of the load balancers by ", running->second->caller.who, " is under way (",
                         running->second->hands.id, "); wait for its end")};
  }
  if (const std::string other = under_way_(cluster); !other.empty()) {
    return {grpc::StatusCode::FAILED_PRECONDITION,
            absl::StrCat(other, " is under way on ", cluster, "; wait for its end, or abort it")};
  }
  return grpc::Status::OK;
}

void RouteDesk::Apply(const v1::RouteApplyRequest& request, const Caller& caller) {
  Begin("apply", {}, caller, [take_over = request.take_over()](const RouteHands& hands, absl::Time began) {
    return std::make_unique<ReconcileRun>(take_over, hands, began);
  });
}

void RouteDesk::Drain(const v1::RouteDrainRequest& request, const Caller& caller) {
  const absl::StatusOr<absl::Duration> lease =
      ReadDuration(request.has_lease(), request.lease(), kUsualLease, kShortestLease, kLongestLease, "lease");
  if (!lease.ok()) return caller.stream->Close(ToGrpc(lease.status()));
  // A part of the lease is for telling everybody, and for being out of service at last.
  const absl::StatusOr<absl::Duration> deadline =
      ReadDuration(request.has_deadline(), request.deadline(), std::min(kUsualDeadline, *lease / 2),
                   absl::ZeroDuration(), *lease / 2, "deadline");
  if (!deadline.ok()) {
    return caller.stream->Close(
        ToGrpc(absl::InvalidArgumentError(absl::StrCat(deadline.status().message(), ", half of the lease"))));
  }
  const DrainOrder order{request.node(), *lease, *deadline};
  Begin("drain", {request.node()}, caller,
        [order](const RouteHands& hands, absl::Time began) { return std::make_unique<DrainRun>(order, hands, began); });
}

void RouteDesk::Restore(const v1::RouteRestoreRequest& request, const Caller& caller) {
  Begin("restore", {request.node()}, caller, [node = request.node()](const RouteHands& hands, absl::Time began) {
    return std::make_unique<RestoreRun>(node, hands, began);
  });
}

void RouteDesk::Shift(const v1::RouteShiftRequest& request, const Caller& caller) {
  const absl::StatusOr<absl::Duration> hold =
      ReadDuration(request.has_hold(), request.hold(), kUsualHold, absl::Seconds(1), absl::Hours(1), "hold");
  if (!hold.ok()) return caller.stream->Close(ToGrpc(hold.status()));
  if (request.nodes_size() > kMostNodes || request.steps_size() > kMostNodes) {
    return caller.stream->Close({grpc::StatusCode::INVALID_ARGUMENT, "too many nodes or steps"});
  }
  ShiftOrder order{{request.nodes().begin(), request.nodes().end()},
                   {request.steps().begin(), request.steps().end()},
                   *hold,
                   request.budget_failures()};
  if (order.steps.empty()) order.steps = {5, 25, 50, 100};
  Begin("shift", order.nodes, caller, [this, order](const RouteHands& hands, absl::Time began) {
    ShiftSeams seams;
    seams.walk = [this](WalkOrder walk, std::function<void(WalkAnswer)> done) {
      Walk(std::move(walk), std::move(done));
    };
    seams.make_probe = make_probe_;
    return std::make_unique<ShiftRun>(order, hands, std::move(seams), began);
  });
}

void RouteDesk::Walk(WalkOrder order, std::function<void(WalkAnswer)> done) {
  walking_.emplace_back();
  const auto own = std::prev(walking_.end());
  own->thread = std::thread([this, own, order = std::move(order), done = std::move(done)] {
    WalkAnswer answer = WalkSession(order, own->stop);
    core_.Post([this, own, answer = std::move(answer), done] {
      walking_.erase(own);
      done(answer);
    });
  });
}

v1::JournalRecord RouteDesk::Record(const Caller& caller, const std::string& id) const {
  v1::JournalRecord record;
  *record.mutable_at() = ToProto(clock_.WallNow());
  record.set_cluster(caller.cluster);
  record.set_operation_id(id);
  record.set_who(caller.who);
  record.set_why(caller.why);
  return record;
}

void RouteDesk::Begin(const std::string& what, std::vector<std::string> nodes, const Caller& caller, MakeRun make) {
  const std::string& cluster = caller.cluster;
  for (const std::string& node : nodes) {
    if (node.empty() || node.size() > kLongestName) {
      return caller.stream->Close({grpc::StatusCode::INVALID_ARGUMENT, "name a node of the cluster"});
    }
  }
  if (registry_.Find(cluster)->description.load_balancers().empty()) {
    return caller.stream->Close(
        {grpc::StatusCode::FAILED_PRECONDITION,
         absl::StrCat("the description of ", cluster, " has no load_balancers; give them, and jettyfleet apply")});
  }
  if (const grpc::Status not_now = WhyNot(cluster); !not_now.ok()) return caller.stream->Close(not_now);
  const std::string id = NewOperationId("rt", clock_.WallNow());
  std::vector<v1::JournalRecord> records{Record(caller, id)};
  records[0].mutable_route_began()->set_what(what);
  for (const std::string& node : nodes) records[0].mutable_route_began()->add_nodes(node);
  if (const absl::Status kept = journal_.Append(&records, RecordUse::kOrdinary); !kept.ok()) {
    return caller.stream->Close(ToGrpc(kept));
  }
  auto running = std::make_unique<Running>();
  running->caller = caller;
  running->flight = std::make_unique<ActionFlight>(ActionFlight::Names{id, cluster, caller.who, caller.why}, &journal_,
                                                   [this, cluster](const std::string& host, const v1::Action& action) {
                                                     return agents_.Send(cluster, host, action);
                                                   });
  running->hands.id = id;
  running->hands.flight = running->flight.get();
  running->hands.observe = [this, cluster](const std::string& host, const v1::Observe& observe) {
    agents_.Observe(cluster, host, observe);
  };
  running->hands.progress = [stream = caller.stream](const v1::RouteProgress& line) { stream->Write(line); };
  running_[cluster] = std::move(running);
  look_.Everywhere(cluster, [this, cluster, make = std::move(make)](absl::Time since) {
    Running& under_way = *running_.at(cluster);
    under_way.run = make(under_way.hands, since);
    Tick(cluster);
  });
}

void RouteDesk::Tick(const std::string& cluster) {
  const std::optional<absl::Status> ended = running_.at(cluster)->run->Step(*registry_.Find(cluster), clock_.WallNow());
  if (ended.has_value()) return End(cluster, *ended);
  core_.PostAfter(kTick, [this, cluster] { Tick(cluster); });
}

void RouteDesk::End(const std::string& cluster, const absl::Status& status) {
  const std::unique_ptr<Running> running = std::move(running_.at(cluster));
  running_.erase(cluster);
  const std::string& id = running->hands.id;
  LogInfo(absl::StrCat("route change ", id, " on ", cluster, ": ", status.ok() ? "done" : status.message()));
  std::vector<v1::JournalRecord> records{Record(running->caller, id)};
  records[0].mutable_route_ended()->set_succeeded(status.ok());
  records[0].mutable_route_ended()->set_reason(std::string(status.message()));
  // Its loss would lose no more than a line of history.
  if (const absl::Status kept = journal_.Append(&records, RecordUse::kUndo); !kept.ok()) {
    LogError(absl::StrCat("the end of ", id, " is not in the journal: ", kept.message()));
  }
  running->caller.stream->Close(ToGrpc(status));
  std::erase_if(registry_.Find(cluster)->results,
                [prefix = absl::StrCat(id, "/")](const auto& entry) { return absl::StartsWith(entry.first, prefix); });
}

std::string RouteDesk::RunningOn(const std::string& cluster) const {
  const auto found = running_.find(cluster);
  return found == running_.end() ? "" : found->second->hands.id;
}

}  // namespace jettyfleet
