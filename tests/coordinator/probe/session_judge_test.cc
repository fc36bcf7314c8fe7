#include "coordinator/probe/session_judge.h"

#include <gtest/gtest.h>

#include <vector>

namespace jettyfleet {
namespace {

using enum SessionVerdict;

struct Answered {
  SessionEvidence evidence;
  SessionVerdict verdict;
};

TEST(SessionJudgeTest, JudgesSuccessiveAnswers) {
  const struct {
    const char* what;
    std::vector<Answered> answers;
  } kCases[] = {
      {"nothing to judge by", {{{}, kUnknown}, {{.node = "n1"}, kUnknown}, {{.node = "n2"}, kUnknown}}},
      {"kept", {{{"s1", 1}, kEstablished}, {{"s1", 2}, kKept}, {{"s1", 9}, kKept}}},
      {"kept by the cookie alone", {{{"s1"}, kEstablished}, {{"s1"}, kKept}}},
      {"lost: a new session", {{{"s1", 5}, kEstablished}, {{"s2", 1}, kLost}, {{"s2", 2}, kKept}}},
      {"lost: a new session that counts higher", {{{"s1", 5}, kEstablished}, {{"s2", 6}, kLost}}},
      {"lost: the cookie was deleted",
       {{{"s1"}, kEstablished}, {{""}, kLost}, {{""}, kUnknown}, {{"s2"}, kEstablished}}},
      {"lost: the cookie was deleted, the counter is new",
       {{{"s1", 5}, kEstablished}, {{"", 1}, kLost}, {{"", 2}, kKept}}},
      {"regressed", {{{"s1", 5}, kEstablished}, {{"s1", 4}, kRegressed}, {{"s1", 5}, kKept}}},
      {"regressed: an update was lost", {{{"s1", 5}, kEstablished}, {{"s1", 5}, kRegressed}}},
      {"regressed: restarted under the same id", {{{"s1", 5}, kEstablished}, {{"s1", 1}, kRegressed}}},
      // Seen on two Jettys with a session store and the default cache (docs: sessions need affinity).
      {"two nodes that cache",
       {{{"s1", 2, "n1"}, kEstablished},
        {{"s1", 3, "n2"}, kMoved},
        {{"s1", 3, "n1"}, kRegressed},
        {{"s1", 4, "n2"}, kMoved},
        {{"s1", 5, "n1"}, kMoved},
        {{"s1", 4, "n2"}, kRegressed}}},
      {"moved", {{{"s1", 1, "n1"}, kEstablished}, {{"s1", 2, "n2"}, kMoved}, {{"s1", 3, "n2"}, kKept}}},
      {"moved: an answer that names no node is passed over",
       {{{"s1", 1, "n1"}, kEstablished}, {{"s1", 2, ""}, kKept}, {{"s1", 3, "n2"}, kMoved}}},
      {"moved: by the worker in the cookie", {{{"s1.w1"}, kEstablished}, {{"s1.w2"}, kMoved}, {{"s1.w2"}, kKept}}},
      {"the pattern's node goes before the worker", {{{"s1.w1", 1, "n1"}, kEstablished}, {{"s1.w2", 2, "n1"}, kKept}}},
      {"a lost session is not moved",
       {{{"s1", 1, "n1"}, kEstablished}, {{"s2", 1, "n2"}, kLost}, {{"s2", 2, "n2"}, kKept}}},
      {"a dot at the start is no worker", {{{".s1"}, kEstablished}, {{".s2"}, kLost}}},
      {"an id with dots", {{{"a.b.w1"}, kEstablished}, {{"a.b.w2"}, kMoved}, {{"a.c.w2"}, kLost}}},
      {"by the counter alone",
       {{{"", 1}, kEstablished}, {{"", 2}, kKept}, {{"", 2}, kRegressed}, {{"", 1}, kLost}, {{"", 2}, kKept}}},
      {"a page without the counter is passed over",
       {{{"s1", 5}, kEstablished}, {{"s1"}, kKept}, {{"s1", 4}, kRegressed}}},
      {"the same without cookies", {{{"", 5}, kEstablished}, {{""}, kUnknown}, {{"", 6}, kKept}}},
      {"a cookie that comes later, the counter goes on",
       {{{"", 5}, kEstablished}, {{"s1", 6}, kKept}, {{"s2", 7}, kLost}}},
      {"a cookie that comes with a new session", {{{"", 5}, kEstablished}, {{"s1", 1}, kLost}}},
  };
  for (const auto& test : kCases) {
    SessionJudge judge;
    int number = 0;
    for (const Answered& answer : test.answers) {
      EXPECT_EQ(judge.Judge(answer.evidence), answer.verdict) << test.what << ", answer " << ++number;
    }
  }
}

}  // namespace
}  // namespace jettyfleet
