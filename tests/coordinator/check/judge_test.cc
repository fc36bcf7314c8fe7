#include "coordinator/check/judge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/coordinator/check/healthy.h"

namespace jettyfleet {
namespace {

using testing::HasSubstr;

v1::Finding FindingOf(const HealthyCluster& cluster, const std::string& id) {
  for (const v1::Finding& finding : JudgeChecks(cluster.Input())) {
    if (finding.id() == id) return finding;
  }
  ADD_FAILURE() << "no finding " << id;
  return v1::Finding();
}

void Override(HealthyCluster* cluster, const std::string& id, v1::Severity severity, const std::string& until) {
  v1::CheckOverride* const override = cluster->view.description.add_checks();
  override->set_id(id);
  override->set_severity(severity);
  override->set_reason("known");
  override->set_until(until);
}

TEST(Judge, EveryCheckIsListedOnceAndInWords) {
  std::set<std::string> ids;
  const v1::ListChecksResponse list = ListOfChecks();
  for (const v1::CheckText& check : list.checks()) {
    EXPECT_TRUE(ids.insert(check.id()).second) << check.id();
    EXPECT_THAT(check.id(), testing::MatchesRegex("[a-z]+\\.[a-z-]+"));
    EXPECT_NE(check.severity(), v1::SEVERITY_UNSPECIFIED) << check.id();
    for (const std::string& words : {check.title(), check.looks_at(), check.why(), check.remedy()}) {
      EXPECT_GT(words.size(), 5u) << check.id() << ": " << words;
    }
  }
  EXPECT_GE(ids.size(), 60u);
  std::set<std::string> found;
  for (const v1::Finding& finding : JudgeChecks(HealthyCluster().Input())) found.insert(finding.id());
  EXPECT_EQ(found, ids);
}

TEST(Judge, EachResourceHasItsOwnFinding) {
  HealthyCluster cluster;
  v1::ResourceDescription* const other = cluster.view.description.add_resources();
  *other = cluster.described();
  other->set_name("other");
  other->set_unit("jetty-other");
  std::set<std::string> resources;
  for (const v1::Finding& finding : JudgeChecks(cluster.Input())) {
    if (finding.id() == "resource.exists") resources.insert(finding.resource());
    if (finding.id() == "cluster.quorum") {
      EXPECT_EQ(finding.resource(), "");
    }
  }
  EXPECT_EQ(resources, (std::set<std::string>{"jetty", "other"}));
}

TEST(Judge, OverallCountsWhatCounts) {
  const struct {
    const char* what;
    v1::Answer passed;
    v1::Severity severity;
    bool silenced;
    v1::Answer overall;
  } kCases[] = {
      {"passed", v1::ANSWER_YES, v1::SEVERITY_FATAL, false, v1::ANSWER_YES},
      {"failed", v1::ANSWER_NO, v1::SEVERITY_WARNING, false, v1::ANSWER_NO},
      {"unknown", v1::ANSWER_UNSPECIFIED, v1::SEVERITY_WARNING, false, v1::ANSWER_UNSPECIFIED},
      {"for information", v1::ANSWER_NO, v1::SEVERITY_INFO, false, v1::ANSWER_YES},
      {"silenced", v1::ANSWER_NO, v1::SEVERITY_FATAL, true, v1::ANSWER_YES},
  };
  for (const auto& one : kCases) {
    v1::Finding finding;
    finding.set_passed(one.passed);
    finding.set_severity(one.severity);
    finding.set_silenced(one.silenced);
    v1::Finding good;
    good.set_passed(v1::ANSWER_YES);
    good.set_severity(v1::SEVERITY_FATAL);
    EXPECT_EQ(OverallOf({good, finding, good}), one.overall) << one.what;
  }
}

TEST(Judge, OverridesHoldUntilTheirLastDay) {
  // It is checked on 2026-09-21.
  const struct {
    const char* until;
    v1::Severity severity;
    bool silenced;
    v1::Severity judged;
    v1::Answer description;
  } kCases[] = {
      {"2026-09-21", v1::SEVERITY_UNSPECIFIED, true, v1::SEVERITY_FATAL, v1::ANSWER_YES},
      {"2026-09-20", v1::SEVERITY_UNSPECIFIED, false, v1::SEVERITY_FATAL, v1::ANSWER_NO},
      {"2026-09-21", v1::SEVERITY_INFO, false, v1::SEVERITY_INFO, v1::ANSWER_YES},
      {"2026-09-20", v1::SEVERITY_INFO, false, v1::SEVERITY_FATAL, v1::ANSWER_NO},
  };
  for (const auto& one : kCases) {
    HealthyCluster cluster;
    Override(&cluster, "cluster.quorum", one.severity, one.until);
    const v1::Finding finding = FindingOf(cluster, "cluster.quorum");
    EXPECT_EQ(finding.silenced(), one.silenced) << one.until;
    EXPECT_EQ(finding.severity(), one.judged) << one.until;
    EXPECT_EQ(FindingOf(cluster, "description.checks").passed(), one.description) << one.until;
  }
  HealthyCluster cluster;
  Override(&cluster, "no.such", v1::SEVERITY_UNSPECIFIED, "2099-01-01");
  EXPECT_THAT(FindingOf(cluster, "description.checks").evidence(0).value(), HasSubstr("no.such: there is no such check"));
}

TEST(Judge, RemediesNameWhatIsMeant) {
  HealthyCluster cluster;
  cluster.Setting("node-02", "UnitFileState", "enabled");
  EXPECT_EQ(FindingOf(cluster, "unit.enabled-at-boot").remedy(), "jettyfleet apply offers it: systemctl disable jetty9");
  cluster.server(1).set_admin_state(v1::LbServerFact::ADMIN_STATE_DRAIN);
  EXPECT_THAT(FindingOf(cluster, "routing.left-out").remedy(), HasSubstr("jettyfleet route apply blue"));
  EXPECT_EQ(FindingOf(HealthyCluster(), "unit.enabled-at-boot").remedy(), "");
}

}  // namespace
}  // namespace jettyfleet
