#include "agent/observe/quorumtool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/testing/files/fixture.h"

namespace jettyfleet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(QuorumtoolTest, Quorate) {
  const v1::QuorumFact fact = ParseQuorumtool(0, ClusterFixture("quorumtool-quorate.txt"));
  EXPECT_EQ(fact.quorate(), v1::ANSWER_YES);
  EXPECT_EQ(fact.expected_votes(), 3u);
  EXPECT_EQ(fact.total_votes(), 3u);
  EXPECT_EQ(fact.quorum(), 2u);
  EXPECT_THAT(fact.flags(), ElementsAre("Quorate"));
  EXPECT_EQ(fact.error(), "");
}

TEST(QuorumtoolTest, NotQuorateIsAnAnswerAndNotAnError) {
  const v1::QuorumFact fact = ParseQuorumtool(2, ClusterFixture("quorumtool-not-quorate.txt"));
  EXPECT_EQ(fact.quorate(), v1::ANSWER_NO);
  EXPECT_EQ(fact.expected_votes(), 3u);
  EXPECT_EQ(fact.total_votes(), 1u);
  EXPECT_EQ(fact.quorum(), 2u);
  EXPECT_THAT(fact.flags(), IsEmpty());
  EXPECT_EQ(fact.error(), "");
}

TEST(QuorumtoolTest, FlagsOfSmallClusters) {
  const v1::QuorumFact fact = ParseQuorumtool(0,
                                              "Quorate:          Yes\nExpected votes:   2\n"
                                              "Flags:            2Node Quorate WaitForAll Qdevice \n");
  EXPECT_THAT(fact.flags(), ElementsAre("2Node", "Quorate", "WaitForAll", "Qdevice"));
}

TEST(QuorumtoolTest, AnythingThatDoesNotAgreeIsUnknown) {
  const std::string quorate = ClusterFixture("quorumtool-quorate.txt");
  const std::string not_quorate = ClusterFixture("quorumtool-not-quorate.txt");
  const struct {
    const char* name;
    int exit_code;
    std::string text;
  } kCases[] = {
      {"failed", 1, "Cannot initialize CMAP service\n"},
      {"failed, and says yes", 1, quorate},
      {"exit says yes, text no", 0, not_quorate},
      {"exit says no, text yes", 2, quorate},
      {"nothing printed", 0, ""},
      {"nothing printed, not quorate", 2, ""},
      {"killed", -1, quorate},
      {"garbage", 0, "\xff\xfe:::\n:\nQuorate\n"},
      {"neither yes nor no", 2, "Quorate: perhaps\n"},
      {"no word", 2, "Quorate:\n"},
      {"yes and no", 0, "Quorate: No\nQuorate: Yes\n"},
      {"no and yes", 2, "Quorate: Yes\nQuorate: No\n"},
      {"cut short", 0, quorate.substr(0, quorate.find("Quorate:"))},
  };
  for (const auto& one : kCases) {
    const v1::QuorumFact fact = ParseQuorumtool(one.exit_code, one.text);
    EXPECT_EQ(fact.quorate(), v1::ANSWER_UNSPECIFIED) << one.name;
    EXPECT_THAT(fact.error(), HasSubstr("corosync-quorumtool")) << one.name;
  }
}

TEST(QuorumtoolTest, NumbersThatAreNoneStayZero) {
  const v1::QuorumFact fact =
      ParseQuorumtool(0, "Quorate: Yes\nExpected votes: many\nTotal votes: -1\nQuorum: 99999999999999\n");
  EXPECT_EQ(fact.expected_votes(), 0u);
  EXPECT_EQ(fact.total_votes(), 0u);
  EXPECT_EQ(fact.quorum(), 0u);
}

}  // namespace
}  // namespace jettyfleet
