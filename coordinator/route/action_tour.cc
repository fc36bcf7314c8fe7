#include "coordinator/route/action_tour.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace jettyfleet {

std::optional<absl::Status> ActionTour::Step(const ClusterView& view, absl::Time now) {
  while (next_ < steps_.size()) {
    const RouteStep& step = steps_[next_];
    if (!hands_.flight->under_way()) {
      const absl::Status issued = hands_.flight->Issue(step.host, step.action, view.epoch, now);
      if (!issued.ok()) {
        hands_.Say(v1::RouteProgress::STATE_FAILED, step.what, std::string(issued.message()), now);
        return absl::FailedPreconditionError(absl::StrCat(step.what, ": ", issued.message()));
      }
      told_ = next_ + 1;
      return std::nullopt;
    }
    const std::optional<v1::ActionResult> result = hands_.flight->Take(view, now);
    if (!result.has_value()) return std::nullopt;
    if (result->outcome() != v1::ActionResult::OUTCOME_DONE) {
      hands_.Say(v1::RouteProgress::STATE_FAILED, step.what, result->message(), now);
      const std::string message = absl::StrCat(step.what, ": ", result->message());
      const bool refused = result->outcome() == v1::ActionResult::OUTCOME_REFUSED;
      if (refused) told_ = next_;
      return refused ? absl::FailedPreconditionError(message) : absl::InternalError(message);
    }
    hands_.Say(v1::RouteProgress::STATE_DONE, step.what, step.found, now);
    ++next_;
  }
  return absl::OkStatus();
}

}  // namespace jettyfleet
