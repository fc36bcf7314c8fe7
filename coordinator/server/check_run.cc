#include "coordinator/server/check_run.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/log.h"
#include "common/proto_time.h"
#include "coordinator/server/check_actions.h"

namespace jettyfleet {
namespace {

constexpr absl::Duration kDeadline = absl::Seconds(10);
// With every file read again: 100 GB from a disk of 400 MB/s.
constexpr absl::Duration kRehashDeadline = absl::Minutes(5);
// The agent ends a little before it is given up, so that it is its reason that is told.
constexpr absl::Duration kAnswerTime = absl::Seconds(1);
// Longer than the looks that come after the marker.
constexpr absl::Duration kMarkerLife = absl::Minutes(1);

bool SeenSince(const HostView& host, bool is_load_balancer, absl::Time since) {
  if (is_load_balancer) return host.fresh.lb_servers >= since;
  return std::min({host.fresh.cluster, host.fresh.cib, host.fresh.units, host.fresh.http}) >= since;
}

absl::Status Failure(const v1::ActionResult& result) {
  return absl::UnavailableError(result.message().empty() ? "its agent gave neither an answer nor a reason"
                                                         : result.message());
}

Inspections WhatCame(const std::map<std::string, HostLook>& hosts) {
  Inspections inspections;
  for (const auto& [node, look] : hosts) {
    if (look.inspection.ok()) inspections[node] = *look.inspection;
  }
  return inspections;
}

}  // namespace

void CheckRun::Step(ClusterView* view, absl::Time now) {
  if (phase_ == Phase::kBegin) Begin(*view, now);
  if (!observed_) ObserveAll(*view, now);
  while (phase_ != Phase::kOver && Gather(view, now)) {
    if (phase_ == Phase::kInspect && !abandoned_) {
      phase_ = Phase::kLook;
      BeginLook(*view, now);
      BeginTexts(*view, now);
    } else if (phase_ == Phase::kInspect || phase_ == Phase::kLook) {
      phase_ = Phase::kRemove;
      BeginRemove(*view, now);
    } else {
      phase_ = Phase::kOver;
    }
  }
}

void CheckRun::Begin(const ClusterView& view, absl::Time now) {
  phase_ = Phase::kInspect;
  since_ = now;
  const auto connected =
      std::count_if(view.nodes.begin(), view.nodes.end(), [](const auto& node) { return node.second.connected; });
  v1::Action action;
  *action.mutable_inspect() = InspectOrder(view.description, order_.rehash);
  std::size_t index = 0;
  for (const auto& [node, host] : view.nodes) {
    HostLook& look = hosts_[node];
    look.inspection = absl::UnavailableError("its agent is not connected");
    look.sightings = look.inspection.status();
    const std::string marker = MarkerName(order_.marker_random, index++, node);
    // One node alone has nobody to share with.
    if (connected > 1) {
      action.mutable_inspect()->set_marker(marker);
      *action.mutable_inspect()->mutable_marker_life() =
          ToProto(kMarkerLife + (order_.rehash ? kRehashDeadline : kDeadline));
    }
    if (Issue(view, node, Purpose::kInspect, action, now) && connected > 1) markers_[node] = marker;
  }
}

void CheckRun::ObserveAll(const ClusterView& view, absl::Time now) {
  bool waiting = false;
  v1::Observe observe;
  observe.set_cluster(true);
  observe.set_cib(true);
  observe.set_units(true);
  observe.set_http(true);
  for (const auto& [node, host] : view.nodes) {
    if (!host.connected || SeenSince(host, false, since_)) continue;
    waiting = true;
    // Again and again: one that was under way already brings what is older than this check, and this one was dropped.
    observe_(node, observe);
  }
  observe.Clear();
  observe.set_lb_servers(true);
  for (const auto& [balancer, host] : view.load_balancers) {
    if (!host.connected || SeenSince(host, true, since_)) continue;
    waiting = true;
    observe_(balancer, observe);
  }
  observed_ = !waiting || now >= since_ + kDeadline;
}

void CheckRun::BeginLook(const ClusterView& view, absl::Time now) {
  const Inspections inspections = WhatCame(hosts_);
  for (const auto& [node, inspection] : inspections) {
    v1::Action action;
    *action.mutable_look_for_markers() = LookOrder(view.description, inspections, markers_, node);
    if (action.look_for_markers().markers().empty()) {
      hosts_[node].sightings = absl::FailedPreconditionError("no other node left a marker");
      continue;
    }
    Issue(view, node, Purpose::kLook, std::move(action), now);
  }
}

void CheckRun::BeginTexts(const ClusterView& view, absl::Time now) {
  const Inspections inspections = WhatCame(hosts_);
  const std::vector<std::string> files = DifferingConfiguration(inspections);
  if (files.empty()) return;
  v1::Action action;
  *action.mutable_inspect() = InspectOrder(view.description, false);
  *action.mutable_inspect()->mutable_texts() = {files.begin(), files.end()};
  for (const auto& [node, inspection] : inspections) Issue(view, node, Purpose::kTexts, action, now);
}

void CheckRun::BeginRemove(const ClusterView& view, absl::Time now) {
  for (const auto& [node, marker] : markers_) {
    v1::Action action;
    action.mutable_remove_markers()->set_marker(marker);
    Issue(view, node, Purpose::kRemove, std::move(action), now);
  }
}

bool CheckRun::Issue(const ClusterView& view, const std::string& node, Purpose purpose, v1::Action action,
                     absl::Time now) {
  const absl::Duration time = purpose == Purpose::kInspect && order_.rehash ? kRehashDeadline : kDeadline;
  constexpr const char* kNames[] = {"inspect", "texts", "look", "remove"};
  action.set_id(absl::StrCat(order_.id, "/", node, "/", kNames[static_cast<int>(purpose)]));
  action.set_operation_id(order_.id);
  action.set_epoch(view.epoch);
  *action.mutable_timeout() = ToProto(time - kAnswerTime);
  const Flight flight{node, purpose, now, now + time};
  if (!send_(node, action)) {
    Miss(flight, absl::UnavailableError("its agent is not connected"));
    return false;
  }
  flights_[action.id()] = flight;
  return true;
}

bool CheckRun::Gather(ClusterView* view, absl::Time now) {
  for (auto flight = flights_.begin(); flight != flights_.end();) {
    const auto result = view->results.find(flight->first);
    if (result != view->results.end()) {
      NoteClock(result->second, flight->second, now);
      Take(flight->second, std::move(result->second));
      view->results.erase(result);
    } else if (now >= flight->second.deadline) {
      Miss(flight->second, absl::UnavailableError(
                               absl::StrCat("its agent did not answer within ",
                                            absl::FormatDuration(flight->second.deadline - flight->second.sent_at))));
    } else {
      ++flight;
      continue;
    }
    flight = flights_.erase(flight);
  }
  return flights_.empty();
}

void CheckRun::Take(const Flight& flight, v1::ActionResult result) {
  if (result.outcome() != v1::ActionResult::OUTCOME_DONE) return Miss(flight, Failure(result));
  HostLook& look = hosts_[flight.node];
  switch (flight.purpose) {
    case Purpose::kInspect:
      if (!result.has_inspection()) return Miss(flight, Failure(result));
      look.inspection = std::move(*result.mutable_inspection());
      return;
    case Purpose::kTexts:
      for (v1::ResourceInspection& known : *look.inspection->mutable_resources()) {
        for (v1::ResourceInspection& read : *result.mutable_inspection()->mutable_resources()) {
          if (read.resource() == known.resource()) known.mutable_texts()->Swap(read.mutable_texts());
        }
      }
      return;
    case Purpose::kLook:
      look.sightings = std::vector<v1::MarkerSighting>(result.sightings().begin(), result.sightings().end());
      return;
    case Purpose::kRemove:
      return;
  }
}

void CheckRun::Miss(const Flight& flight, const absl::Status& why) {
  HostLook& look = hosts_[flight.node];
  switch (flight.purpose) {
    case Purpose::kInspect:
      look.inspection = why;
      look.sightings = why;
      return;
    case Purpose::kLook:
      look.sightings = why;
      return;
    case Purpose::kTexts:
      // The files are known to differ; how is what is missing then.
      LogWarning(absl::StrCat("check ", order_.id, ": texts from ", flight.node, ": ", why.message()));
      return;
    case Purpose::kRemove:
      LogWarning(absl::StrCat("check ", order_.id, ": marker ", markers_[flight.node], " on ", flight.node,
                              " is left to its agent: ", why.message()));
      return;
  }
}

void CheckRun::NoteClock(const v1::ActionResult& result, const Flight& flight, absl::Time now) {
  if (!result.has_began_at() || !result.has_ended_at()) return;
  // By our clock it began at `sent_at` or later, and ended by `now`.
  const absl::Duration most = FromProto(result.began_at()) - flight.sent_at;
  const absl::Duration least = FromProto(result.ended_at()) - now;
  HostLook& look = hosts_[flight.node];
  const bool first = !look.clock_least.has_value();
  const bool stepped = !first && (least > *look.clock_most || most < *look.clock_least);
  if (first || stepped) {
    // Of a clock that was set meanwhile nothing is known but what it has shown.
    look.clock_least = std::min(look.clock_least.value_or(least), least);
    look.clock_most = std::max(look.clock_most.value_or(most), most);
  } else {
    look.clock_least = std::max(*look.clock_least, least);
    look.clock_most = std::min(*look.clock_most, most);
  }
}

}  // namespace jettyfleet
