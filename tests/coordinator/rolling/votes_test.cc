#include "coordinator/rolling/votes.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace jettyfleet {
namespace {

struct VotesCase {
  const char* name;
  uint32_t nodes;
  uint32_t expected;
  uint32_t total;
  uint32_t quorum;
  std::vector<std::string> flags;
  bool fencing;
  const char* says;  // empty: the loss of a vote is survived
};

void PrintTo(const VotesCase& votes, std::ostream* out) { *out << votes.name; }

class Votes : public testing::TestWithParam<VotesCase> {};

TEST_P(Votes, Judged) {
  const VotesCase& votes = GetParam();
  v1::ClusterFact fact;
  for (uint32_t i = 0; i < votes.nodes; ++i) fact.add_nodes();
  fact.mutable_quorum()->set_expected_votes(votes.expected);
  fact.mutable_quorum()->set_total_votes(votes.total);
  fact.mutable_quorum()->set_quorum(votes.quorum);
  for (const std::string& flag : votes.flags) fact.mutable_quorum()->add_flags(flag);
  fact.set_stonith_enabled(votes.fencing);
  const std::string problem = VotesProblem(fact);
  if (*votes.says == '\0') {
    EXPECT_EQ(problem, "");
  } else {
    EXPECT_NE(problem.find(votes.says), std::string::npos) << problem;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Clusters, Votes,
    testing::ValuesIn(std::vector<VotesCase>{
        {"three", 3, 3, 3, 2, {"Quorate"}, true, ""},
        {"five", 5, 5, 5, 3, {"Quorate"}, true, ""},
        {"unknown", 3, 0, 0, 0, {}, true, "not known"},
        {"one_missing", 3, 3, 2, 2, {"Quorate"}, true, "only 2 of 3"},
        {"five_at_the_edge", 5, 5, 5, 5, {"Quorate"}, true, "would end quorum"},
        {"two_without_two_node", 2, 2, 2, 2, {"Quorate"}, true, "would end quorum"},
        {"two_node_fenced", 2, 2, 2, 1, {"2Node", "Quorate", "WaitForAll"}, true, ""},
        {"two_node_unfenced", 2, 2, 2, 1, {"2Node", "Quorate", "WaitForAll"}, false, "without fencing"},
        {"two_with_qdevice", 2, 3, 3, 2, {"Quorate", "Qdevice"}, true, ""},
        {"qdevice_away", 2, 3, 2, 2, {"Quorate", "Qdevice"}, true, "only 2 of 3"},
        {"weighted", 3, 5, 5, 3, {"Quorate"}, true, "one vote each"},
    }),
    [](const testing::TestParamInfo<VotesCase>& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace jettyfleet
