#include "agent/inspect/cluster/fail_counts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/testing/files/fixture.h"

namespace jettyfleet {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(ParseFailCounts, FindsThem) {
  const absl::StatusOr<std::vector<v1::FailCountFact>> facts =
      ParseFailCounts(ClusterFixture("crm_mon-failed-action.xml"));
  ASSERT_TRUE(facts.ok()) << facts.status();
  ASSERT_EQ(facts->size(), 1u);
  EXPECT_EQ((*facts)[0].resource(), "jetty");
  EXPECT_EQ((*facts)[0].node(), "node-01");
  EXPECT_EQ((*facts)[0].count(), "2");
  EXPECT_EQ((*facts)[0].last_failure(), "Mon Nov 23 00:42:31 2026");
}

TEST(ParseFailCounts, NoneIsNoError) {
  for (const char* const name : {"crm_mon-healthy.xml", "crm_mon-no-resource.xml", "trixie/crm_mon-healthy.xml"}) {
    const absl::StatusOr<std::vector<v1::FailCountFact>> facts = ParseFailCounts(ClusterFixture(name));
    ASSERT_TRUE(facts.ok()) << facts.status();
    EXPECT_THAT(*facts, IsEmpty()) << name;
  }
}

TEST(ParseFailCounts, ZeroIsNone) {
  const absl::StatusOr<std::vector<v1::FailCountFact>> facts = ParseFailCounts(
      "<pacemaker-result><node_history><node name='a'><resource_history id='r' fail-count='0'/><resource_history "
      "id='s' fail-count='INFINITY'/></node></node_history><status code='0'/></pacemaker-result>");
  ASSERT_TRUE(facts.ok()) << facts.status();
  ASSERT_EQ(facts->size(), 1u);
  EXPECT_EQ((*facts)[0].count(), "INFINITY");
}

TEST(ParseFailCounts, SaysWhatItCannotRead) {
  EXPECT_THAT(std::string(ParseFailCounts(ClusterFixture("crm_mon-not-connected.xml")).status().message()),
              HasSubstr("crm_mon: "));
  for (const char* const text : {"", "<html/>", "crm_mon: no"}) EXPECT_FALSE(ParseFailCounts(text).ok()) << text;
}

}  // namespace
}  // namespace jettyfleet
