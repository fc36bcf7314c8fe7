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
