#include "agent/act/marker_sweeper.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "agent/act/sweep.h"
#include "common/log.h"

namespace jettyfleet {
namespace {

// The program waits 3 s for each unit's directories that do not answer.
constexpr absl::Duration kTimeout = absl::Minutes(1);

}  // namespace

MarkerSweeper::MarkerSweeper(ProcessRunner& processes, const Clock& clock, Inspector inspector)
    : processes_(processes), clock_(clock), inspector_(std::move(inspector)) {}

void MarkerSweeper::Begin() {
  if (tools_.has_value() && !running_.done()) return;
  running_ = Task<bool>();
  tools_.emplace(processes_, nullptr, clock_, clock_.MonotonicNow() + kTimeout);
  running_ = Sweep();
  running_.Start();
}

Task<bool> MarkerSweeper::Sweep() {
  const SweepReport report = co_await SweepMarkers(*tools_, inspector_);
  if (!report.undone.empty()) LogInfo(absl::StrCat("cleared away: ", absl::StrJoin(report.undone, ", ")));
  // Nothing is out of service by it: the next sweep comes soon enough.
  if (!report.status.ok()) LogWarning(report.status.message());
  co_return true;
}

}  // namespace jettyfleet
