#include "coordinator/rolling/budget.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace jettyfleet {
namespace {

struct Spent {
  uint64_t failures = 0;
  uint64_t lost = 0;
  uint64_t regressed = 0;
  uint32_t longest_gap_ms = 0;
};

void Add(const v1::TrafficSummary& traffic, Spent* spent) {
  spent->failures += traffic.failures();
  spent->lost += traffic.sessions_lost();
  spent->regressed += traffic.sessions_regressed();
  spent->longest_gap_ms = std::max(spent->longest_gap_ms, traffic.longest_gap_ms());
}

constexpr uint64_t kFewestForP99 = 100;

// The slowest of a hundred, while a node was out: nothing where it is within the budget or too little was answered.
std::optional<std::string> SlowVisit(const std::string& node, const v1::TrafficSummary& traffic, uint32_t most_ms) {
  if (most_ms == 0 || traffic.p99_us() <= most_ms * uint64_t{1000}) return std::nullopt;
  if (traffic.requests() < kFewestForP99 + traffic.failures()) return std::nullopt;
  return absl::StrCat("one in a hundred answers took longer than ", traffic.p99_us() / 1000, " ms while ", node,
                      " was out, the budget is ", most_ms, " ms");
}

}  // namespace

std::optional<std::string> OverspentBudget(const Operation& operation, const ClusterView& view) {
  Spent spent;
  const auto all = view.traffic.windows.find("");
  if (all != view.traffic.windows.end()) Add(all->second, &spent);
  for (const NodeVisit& visit : operation.visits) {
    if (!visit.ended || visit.ended_at >= operation.resumed_at) continue;
    Add(visit.report.baseline(), &spent);
    Add(visit.report.traffic(), &spent);
  }
  const v1::TrafficBudget& budget = operation.spec.budget();
  if (spent.failures > budget.failed_requests()) {
    return absl::StrCat(spent.failures, " requests failed, the budget is ", budget.failed_requests());
  }
  if (budget.longest_gap_ms() > 0 && spent.longest_gap_ms > budget.longest_gap_ms()) {
    return absl::StrCat("no answer came for ", spent.longest_gap_ms, " ms, the budget is ", budget.longest_gap_ms());
  }
  for (const NodeVisit& visit : operation.visits) {
    const auto window = view.traffic.windows.find(absl::StrCat(visit.node, "/visit"));
    const bool running = !visit.ended && window != view.traffic.windows.end();
    const auto slow = SlowVisit(visit.node, running ? window->second : visit.report.traffic(), budget.p99_ms());
    if (slow.has_value()) return slow;
  }
  if (!budget.judge_sessions()) return std::nullopt;
  if (spent.lost > budget.lost_sessions()) {
    return absl::StrCat(spent.lost, " sessions were lost, the budget is ", budget.lost_sessions());
  }
  if (spent.regressed > budget.regressed_sessions()) {
    return absl::StrCat(spent.regressed, " sessions went back, the budget is ", budget.regressed_sessions());
  }
  return std::nullopt;
}

}  // namespace jettyfleet
