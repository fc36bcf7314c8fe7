#include "coordinator/rolling/slower.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/coordinator/rolling/healthy_view.h"

namespace jettyfleet {
namespace {

struct SlowerCase {
  const char* name;
  uint32_t percent;
  uint32_t before_us;
  uint32_t now_us;
  uint64_t answers_before;
  uint64_t answers_now;
  bool is_over;
  bool slower;
};

const SlowerCase kCases[] = {
    {"twice_as_slow", 50, 50'000, 100'000, 40, 40, true, true},
    {"within_the_budget", 50, 50'000, 75'000, 40, 40, true, false},
    {"just_beyond_it", 50, 50'000, 75'001, 40, 40, true, true},
    {"ten_times_as_slow_and_yet_fast", 50, 2'000, 20'000, 40, 40, true, false},
    {"not_fast_any_more", 50, 2'000, 22'001, 40, 40, true, true},
    {"too_few_before", 50, 50'000, 100'000, 29, 40, true, false},
    {"too_few_now", 50, 50'000, 100'000, 40, 29, true, false},
    {"a_cold_start_is_waited_for", 50, 50'000, 100'000, 40, 499, false, false},
    {"but_not_after_many", 50, 50'000, 100'000, 40, 500, false, true},
    {"not_judged", 0, 50'000, 100'000, 40, 40, true, false},
};

class SlowerThanBefore : public testing::TestWithParam<SlowerCase> {};

TEST_P(SlowerThanBefore, IsToldByTheMedians) {
  Operation operation;
  operation.spec = EvictSpec();
  operation.spec.mutable_budget()->set_slower_percent(GetParam().percent);
  NodeVisit visit;
  visit.node = "node-01";
  v1::NodeLatency& before = (*visit.report.mutable_baseline()->mutable_by_node())["node-01"];
  before.set_answers(GetParam().answers_before);
  before.set_p50_us(GetParam().before_us);
  ClusterView view = HealthyView();
  EXPECT_FALSE(Slower(operation, view, visit, GetParam().is_over).has_value()) << "nothing was measured";
  v1::NodeLatency& now = (*view.traffic.windows["node-01/bake"].mutable_by_node())["node-01"];
  now.set_answers(GetParam().answers_now);
  now.set_p50_us(GetParam().now_us);
  EXPECT_EQ(Slower(operation, view, visit, GetParam().is_over).has_value(), GetParam().slower);
}

INSTANTIATE_TEST_SUITE_P(Each, SlowerThanBefore, testing::ValuesIn(kCases),
                         [](const testing::TestParamInfo<SlowerCase>& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace jettyfleet
