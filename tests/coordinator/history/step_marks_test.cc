#include "coordinator/history/step_marks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace jettyfleet {
namespace {

absl::Time At(int64_t second) { return absl::FromUnixSeconds(second); }

TEST(StepMarksTest, BeginningsOfStepsAndWhatWasSeenInTheOrderOfTime) {
  Operation operation;
  NodeVisit& first = operation.visits.emplace_back();
  first.node = "node-01";
  first.entered = {{v1::NODE_STEP_GATE, At(10)}, {v1::NODE_STEP_ACT, At(12)}, {v1::NODE_STEP_RESTORE, At(30)}};
  first.reached = {{v1::NODE_STEP_NOTICED, At(15)}, {v1::NODE_STEP_HTTP_READY, At(40)}};
  NodeVisit& second = operation.visits.emplace_back();
  second.node = "node-02";
  second.entered = {{v1::NODE_STEP_GATE, At(35)}};
  std::vector<std::string> got;
  for (const v1::StepMark& mark : StepMarks(operation)) {
    got.push_back(absl::StrCat(mark.at().seconds(), " ", mark.node(), " ", mark.step(), mark.seen() ? " seen" : ""));
  }
  EXPECT_THAT(got, testing::ElementsAre("10 node-01 2", "12 node-01 6", "15 node-01 21 seen", "30 node-01 8",
                                        "35 node-02 2", "40 node-01 12 seen"));
}

TEST(StepMarksTest, NoVisitNoMark) { EXPECT_TRUE(StepMarks(Operation()).empty()); }

}  // namespace
}  // namespace jettyfleet
