#include "coordinator/rolling/slower.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "coordinator/rolling/timing.h"

namespace jettyfleet {
namespace {

// 0: too few answers to tell.
uint32_t MedianUs(const v1::TrafficSummary& traffic, const std::string& node, int fewest) {
  const auto found = traffic.by_node().find(node);
  if (found == traffic.by_node().end() || found->second.answers() < static_cast<uint64_t>(fewest)) return 0;
  return found->second.p50_us();
}

std::string Milliseconds(uint32_t us) { return absl::StrFormat("%.1f ms", us / 1000.0); }

}  // namespace

std::string BakeWindow(const std::string& node) { return absl::StrCat(node, "/bake"); }

std::optional<std::string> Slower(const Operation& operation, const ClusterView& view, const NodeVisit& visit,
                                  bool is_over) {
  const v1::TrafficBudget& budget = operation.spec.budget();
  if (budget.slower_percent() == 0) return std::nullopt;
  const auto bake = view.traffic.windows.find(BakeWindow(visit.node));
  if (bake == view.traffic.windows.end()) return std::nullopt;
  const uint64_t before = MedianUs(visit.report.baseline(), visit.node, kFewestAnswers);
  const uint64_t now = MedianUs(bake->second, visit.node, is_over ? kFewestAnswers : kManyAnswers);
  if (before == 0 || now == 0) return std::nullopt;
  const uint64_t most = std::max(before * (100 + budget.slower_percent()) / 100,
                                 before + static_cast<uint64_t>(absl::ToInt64Microseconds(kLeastSlower)));
  if (now <= most) return std::nullopt;
  return absl::StrCat("half of the answers of ", visit.node, " take longer than ", Milliseconds(now), " now, it was ",
                      Milliseconds(before), " before, the budget is ", Milliseconds(most));
}

}  // namespace jettyfleet
