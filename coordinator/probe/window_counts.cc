#include "coordinator/probe/window_counts.h"

#include <algorithm>
#include <limits>

namespace jettyfleet {
namespace {

// Pacemaker's clusters have at most 32 nodes that matter here; an answer may tell anything.
constexpr std::size_t kMostNodes = 32;

}  // namespace

void WindowCounts::Due(absl::Duration due) {
  if (!gap_began_.has_value()) gap_began_ = due;
}

void WindowCounts::EndGap(absl::Duration now) {
  if (!gap_began_.has_value()) return;
  longest_gap_ = std::max(longest_gap_, now - *gap_began_);
  gap_began_.reset();
}

void WindowCounts::Succeeded(std::size_t user, absl::Duration latency, SessionVerdict verdict,
                             const std::string& node) {
  latency_.Add(latency);
  const bool room = latency_by_node_.size() < kMostNodes || latency_by_node_.count(node) > 0;
  if (!node.empty() && room) latency_by_node_[node].Add(latency);
  SessionMarks& marks = sessions_[user];
  switch (verdict) {
    case SessionVerdict::kUnknown:
    case SessionVerdict::kEstablished:
      break;
    case SessionVerdict::kKept:
      marks.lived = true;
      break;
    case SessionVerdict::kMoved:
      marks.lived = true;
      ++moved_;
      break;
    case SessionVerdict::kRegressed:
      marks.broken = true;
      ++regressed_;
      break;
    case SessionVerdict::kLost:
      marks.broken = true;
      ++lost_;
      break;
  }
}

v1::TrafficSummary WindowCounts::Summary(absl::Duration now) const {
  v1::TrafficSummary summary;
  summary.set_requests(requests_);
  summary.set_not_sent(not_sent_);
  uint64_t failures = 0;
  for (const auto& [failure, count] : failures_) {
    failures += count;
    (*summary.mutable_failures_by_kind())[FailureName(failure)] = count;
  }
  summary.set_failures(failures);
  summary.set_p50_us(latency_.QuantileUs(0.5));
  summary.set_p99_us(latency_.QuantileUs(0.99));
  summary.set_max_us(latency_.max_us());
  for (const auto& [node, latency] : latency_by_node_) {
    v1::NodeLatency& fact = (*summary.mutable_by_node())[node];
    fact.set_answers(latency.count());
    fact.set_p50_us(latency.QuantileUs(0.5));
    fact.set_p99_us(latency.QuantileUs(0.99));
  }
  const auto kept = std::count_if(sessions_.begin(), sessions_.end(),
                                  [](const SessionMarks& marks) { return marks.lived && !marks.broken; });
  summary.set_sessions_kept(static_cast<uint32_t>(kept));
  summary.set_sessions_moved(moved_);
  summary.set_sessions_regressed(regressed_);
  summary.set_sessions_lost(lost_);
  const absl::Duration gap = gap_began_.has_value() ? std::max(longest_gap_, now - *gap_began_) : longest_gap_;
  const int64_t gap_ms = absl::ToInt64Milliseconds(gap);
  summary.set_longest_gap_ms(
      static_cast<uint32_t>(std::clamp<int64_t>(gap_ms, 0, std::numeric_limits<uint32_t>::max())));
  return summary;
}

}  // namespace jettyfleet
