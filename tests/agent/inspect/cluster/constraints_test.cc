#include "agent/inspect/cluster/constraints.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/testing/files/fixture.h"

namespace jettyfleet {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Lines(const absl::StatusOr<std::vector<v1::ConstraintFact>>& facts) {
  std::vector<std::string> lines;
  if (!facts.ok()) return {std::string(facts.status().message())};
  for (const v1::ConstraintFact& fact : *facts) {
    lines.push_back(
        absl::StrCat(fact.id(), " ", fact.kind(), " [", absl::StrJoin(fact.resources(), " "), "] ", fact.text()));
  }
  return lines;
}

TEST(ParseConstraints, SaysThemInOneLine) {
  EXPECT_THAT(
      Lines(ParseConstraints(ClusterFixture("cibadmin-constraints.xml"))),
      ElementsAre("order-one rsc_order [db web] start db then start web (Optional, not symmetrical)",
                  "order-sets rsc_order [db web jetty-clone] start {db, web} {jetty-clone} in this order (Serialize)",
                  "colocation-one rsc_colocation [web jetty-clone] web with jetty-clone (score 500)",
                  "colocation-sets rsc_colocation [db web] {db, web} as Started together (score INFINITY)",
                  "ticket-one rsc_ticket [web] web needs ticket sitea (when lost: fence)",
                  "ticket-sets rsc_ticket [db] {db} as Started needs ticket siteb (when lost: stop)"));
}

TEST(ParseConstraints, LocationsAreNotAmongThem) {
  EXPECT_THAT(Lines(ParseConstraints(ClusterFixture("cibadmin-evict-rule.xml"))), IsEmpty());
  EXPECT_THAT(Lines(ParseConstraints(ClusterFixture("trixie/cibadmin-healthy.xml"))), IsEmpty());
}

TEST(ParseConstraints, RefusesWhatIsNoCib) {
  for (const char* const text : {"", "<cib/>", "<pacemaker-result/>", "Could not connect to the CIB"}) {
    EXPECT_FALSE(ParseConstraints(text).ok()) << text;
  }
}

}  // namespace
}  // namespace jettyfleet
