#include "coordinator/rolling/audit/compare_transition.h"

#include "absl/strings/str_cat.h"
#include "coordinator/rolling/audit/findings.h"

namespace jettyfleet {
namespace {

std::string TextOf(v1::Surprise::Kind kind, const ResourcePlace& place) {
  const std::string what = absl::StrCat(place.first, " on ", place.second);
  switch (kind) {
    case v1::Surprise::KIND_STOPPED:
      return what + " stopped, which was not predicted";
    case v1::Surprise::KIND_STARTED:
      return what + " started, which was not predicted";
    case v1::Surprise::KIND_RESTARTED:
      return what + " was started anew, which was not predicted";
    case v1::Surprise::KIND_STAYED:
      return what + " was predicted to stop, and did not";
    default:
      return what + " was predicted to start, and did not";
  }
}

}  // namespace

std::vector<v1::Surprise> CompareTransition(const v1::PredictedTransition& predicted,
                                            const std::set<ResourcePlace>& before, const std::set<ResourcePlace>& after,
                                            const std::set<ResourcePlace>& restarts) {
  std::set<ResourcePlace> stops;
  std::set<ResourcePlace> starts;
  std::set<ResourcePlace> all = before;
  all.insert(after.begin(), after.end());
  all.insert(restarts.begin(), restarts.end());
  for (const v1::PredictedOperation& operation : predicted.operations()) {
    const ResourcePlace place(PrimitiveOf(operation.resource()), operation.node());
    if (operation.task() == "stop") stops.insert(place);
    if (operation.task() == "start") starts.insert(place);
    if (operation.task() == "stop" || operation.task() == "start") all.insert(place);
  }
  std::vector<v1::Surprise> surprises;
  for (const ResourcePlace& place : all) {
    const bool ran = before.count(place) > 0;
    const bool runs = after.count(place) > 0;
    const bool was_to_stop = stops.count(place) > 0;
    const bool was_to_start = starts.count(place) > 0;
    const bool restarted = restarts.count(place) > 0;
    v1::Surprise::Kind kind = v1::Surprise::KIND_UNSPECIFIED;
    if (ran && !runs) {
      // One that was to stop and start again is one that did not start.
      if (!was_to_stop) kind = v1::Surprise::KIND_STOPPED;
      if (was_to_start) kind = v1::Surprise::KIND_NOT_STARTED;
    } else if (!ran && runs) {
      if (!was_to_start) kind = v1::Surprise::KIND_STARTED;
    } else if (!ran && !runs) {
      if (was_to_start) kind = v1::Surprise::KIND_NOT_STARTED;
    } else if (was_to_stop && !restarted) {
      kind = v1::Surprise::KIND_STAYED;
    } else if (was_to_stop && !was_to_start) {
      kind = v1::Surprise::KIND_STARTED;
    } else if (restarted && !was_to_stop) {
      kind = v1::Surprise::KIND_RESTARTED;
    }
    if (kind == v1::Surprise::KIND_UNSPECIFIED) continue;
    v1::Surprise& surprise = surprises.emplace_back();
    surprise.set_kind(kind);
    surprise.set_resource(place.first);
    surprise.set_node(place.second);
    surprise.set_text(TextOf(kind, place));
  }
  return surprises;
}

}  // namespace jettyfleet
