#include "coordinator/history/retention.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace jettyfleet {
namespace {

using Kind = KeptOperation::Kind;
using Ids = std::vector<std::string>;

constexpr std::size_t kManyAtOnce = 1000;
const absl::Time kNow = absl::FromUnixSeconds(1'795'435'200);

// As old as that.
KeptOperation Op(const std::string& id, absl::Duration age, Kind kind = Kind::kDrill, bool ended = true,
                 const std::string& cluster = "blue") {
  KeptOperation operation;
  operation.id = id;
  operation.cluster = cluster;
  operation.kind = kind;
  operation.ended = ended;
  operation.last_at = kNow - age;
  return operation;
}

absl::Duration Days(double days) { return absl::Hours(24) * days; }

struct Case {
  const char* what;
  std::vector<KeptOperation> operations;  // the newest last
  RetentionSettings settings;
  Ids removed;
};

TEST(RetentionTest, WhatGoes) {
  const Case cases[] = {
      {"none", {}, {1, 1}, {}},
      {"older than the days",
       {Op("d-1", Days(40)), Op("d-2", Days(30.1)), Op("d-3", Days(29.9)), Op("d-4", Days(1))},
       {30, 100},
       {"d-1", "d-2"}},
      {"beyond the number, the oldest first",
       {Op("d-1", Days(4)), Op("d-2", Days(3)), Op("d-3", Days(2)), Op("d-4", Days(1))},
       {30, 2},
       {"d-1", "d-2"}},
      {"both: what is too old does not count twice",
       {Op("d-1", Days(40)), Op("d-2", Days(3)), Op("d-3", Days(2)), Op("d-4", Days(1))},
       {30, 3},
       {"d-1"}},
      {"what has not ended stays, however old",
       {Op("d-1", Days(4000), Kind::kDrill, false), Op("a-1", Days(4000), Kind::kApply, false), Op("d-2", Days(3000)),
        Op("a-2", Days(1), Kind::kApply), Op("d-3", Days(1))},
       {30, 1},
       {"d-2"}},
      {"the newest of each cluster and kind stays",
       {Op("d-1", Days(90)), Op("d-2", Days(80), Kind::kDrill, true, "red"), Op("d-3", Days(70)),
        Op("a-1", Days(60), Kind::kApply), Op("r-1", Days(50), Kind::kAct), Op("rt-1", Days(40), Kind::kRoute)},
       {30, 1},
       {"d-1"}},
      {"what has just been stays: an act may be under way",
       {Op("r-1", absl::Minutes(61), Kind::kAct), Op("r-2", absl::Minutes(59), Kind::kAct),
        Op("r-3", absl::Minutes(1), Kind::kAct)},
       {30, 1},
       {"r-1"}},
      {"a clock that was set back removes nothing by age", {Op("d-1", Days(-50)), Op("d-2", Days(-40))}, {30, 100}, {}},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(KeptNoLonger(c.operations, c.settings, kNow, kManyAtOnce), c.removed) << c.what;
  }
}

TEST(RetentionTest, TheNumberAtOnceIsBounded) {
  std::vector<KeptOperation> operations;
  for (int i = 0; i < 10; ++i) operations.push_back(Op("d-" + std::to_string(i), Days(100 - i)));
  EXPECT_EQ(KeptNoLonger(operations, {30, 100}, kNow, 3), (Ids{"d-0", "d-1", "d-2"}));
}

}  // namespace
}  // namespace jettyfleet
