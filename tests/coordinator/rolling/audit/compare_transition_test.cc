#include "coordinator/rolling/audit/compare_transition.h"

#include <gtest/gtest.h>

#include <ostream>

#include "absl/strings/str_cat.h"

namespace jettyfleet {
namespace {

using Places = std::set<ResourcePlace>;

struct CompareCase {
  const char* name;
  std::vector<std::string> predicted;  // "stop web:0 node-01"
  Places before;
  Places after;
  Places restarts;
  std::string surprises;
};

void PrintTo(const CompareCase& compare, std::ostream* out) { *out << compare.name; }

const ResourcePlace kWeb1 = {"web", "node-01"};
const ResourcePlace kWeb2 = {"web", "node-02"};
const ResourcePlace kDb1 = {"db", "node-01"};
const ResourcePlace kDb2 = {"db", "node-02"};

std::vector<CompareCase> Cases() {
  return {
      {"nothing_and_nothing", {}, {kWeb1}, {kWeb1}, {}, ""},
      {"a_predicted_stop", {"stop web:0 node-01"}, {kWeb1, kWeb2}, {kWeb2}, {}, ""},
      {"a_predicted_move", {"stop db node-01", "start db node-02", "monitor db node-02"}, {kDb1}, {kDb2}, {}, ""},
      {"a_predicted_restart", {"stop web node-01", "start web node-01"}, {kWeb1}, {kWeb1}, {kWeb1}, ""},
      {"another_resource_moved",
       {"stop web:0 node-01"},
       {kWeb1, kDb1},
       {kDb2},
       {},
       "STOPPED db on node-01 stopped, which was not predicted\n"
       "STARTED db on node-02 started, which was not predicted\n"},
      {"another_resource_stopped",
       {"stop web node-01"},
       {kWeb1, kDb2},
       {},
       {},
       "STOPPED db on node-02 stopped, which was not predicted\n"},
      {"another_instance_restarted",
       {"stop web node-01"},
       {kWeb1, kWeb2},
       {kWeb2},
       {kWeb2},
       "RESTARTED web on node-02 was started anew, which was not predicted\n"},
      {"it_stayed",
       {"stop web node-01"},
       {kWeb1},
       {kWeb1},
       {},
       "STAYED web on node-01 was predicted to stop, and did not\n"},
      {"it_stopped_and_came_back",
       {"stop web node-01"},
       {kWeb1},
       {kWeb1},
       {kWeb1},
       "STARTED web on node-01 started, which was not predicted\n"},
      {"it_did_not_restart",
       {"stop web node-01", "start web node-01"},
       {kWeb1},
       {kWeb1},
       {},
       "STAYED web on node-01 was predicted to stop, and did not\n"},
      {"it_stopped_for_good",
       {"stop web node-01", "start web node-01"},
       {kWeb1},
       {},
       {},
       "NOT_STARTED web on node-01 was predicted to start, and did not\n"},
      {"it_was_not_started",
       {"start db node-02"},
       {},
       {},
       {},
       "NOT_STARTED db on node-02 was predicted to start, and did not\n"},
  };
}

class Compare : public testing::TestWithParam<CompareCase> {};

TEST_P(Compare, Surprises) {
  v1::PredictedTransition predicted;
  for (const std::string& words : GetParam().predicted) {
    v1::PredictedOperation* const operation = predicted.add_operations();
    const size_t first = words.find(' ');
    const size_t second = words.find(' ', first + 1);
    operation->set_task(words.substr(0, first));
    operation->set_resource(words.substr(first + 1, second - first - 1));
    operation->set_node(words.substr(second + 1));
  }
  std::string text;
  for (const v1::Surprise& surprise :
       CompareTransition(predicted, GetParam().before, GetParam().after, GetParam().restarts)) {
    absl::StrAppend(&text, v1::Surprise::Kind_Name(surprise.kind()).substr(5), " ", surprise.text(), "\n");
  }
  EXPECT_EQ(text, GetParam().surprises);
}

INSTANTIATE_TEST_SUITE_P(Each, Compare, testing::ValuesIn(Cases()),
                         [](const testing::TestParamInfo<CompareCase>& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace jettyfleet
