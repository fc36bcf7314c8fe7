#include "client/render/check_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/render/finding_words.h"
#include "tests/client/render/golden.h"

namespace jettyfleet {
namespace {

using testing::HasSubstr;
using testing::Not;

v1::CheckReport Report() { return ReadMessage<v1::CheckReport>("check.txtpb"); }

TEST(CheckViewTest, WhatDidNotPassComesFirst) {
  ExpectGolden(RenderCheck(Report(), false, false), "check.txt");
  ExpectGolden(RenderCheck(Report(), true, true), "check_all_colour.txt");
}

TEST(CheckViewTest, NothingToSay) {
  v1::CheckReport report;
  report.set_cluster("blue");
  EXPECT_THAT(RenderCheck(report, false, false), HasSubstr("nothing was checked"));
  EXPECT_THAT(RenderCheck(report, false, false), HasSubstr("unknown"));
}

TEST(CheckViewTest, EvidenceIsBounded) {
  v1::CheckReport report;
  v1::Finding* const finding = report.add_findings();
  finding->set_id("a.b");
  for (int i = 0; i < 100; ++i) finding->add_evidence()->set_host("node-" + std::to_string(i));
  const std::string text = RenderCheck(report, false, false);
  EXPECT_THAT(text, HasSubstr("node-63\n"));
  EXPECT_THAT(text, Not(HasSubstr("node-64\n")));
  EXPECT_THAT(text, HasSubstr("and 36 more\n"));
}

TEST(CheckViewTest, OnlyWhatChangedIsSaidAgain) {
  const v1::CheckReport before = Report();
  EXPECT_EQ(RenderCheckChanges(before, before, false), "");
  v1::CheckReport now = before;
  now.mutable_at()->set_seconds(before.at().seconds() + 10);
  now.mutable_findings(0)->set_summary("2 of 2 votes, by both sources");
  now.mutable_findings(2)->mutable_evidence(0)->set_value("-1ms to 1ms");
  EXPECT_EQ(RenderCheckChanges(before, now, false), "") << "what passed, and evidence alone, are no news";

  now.mutable_findings(3)->set_passed(v1::ANSWER_NO);
  now.mutable_findings(3)->set_summary("not on node-02");
  now.mutable_findings(4)->set_passed(v1::ANSWER_YES);
  now.mutable_findings(4)->clear_nodes();
  now.mutable_findings(4)->set_summary("nobody else listens");
  now.mutable_findings(7)->set_summary("2 files differ");
  now.mutable_findings()->RemoveLast();          // passed: nobody misses it
  now.mutable_findings()->DeleteSubrange(5, 1);  // did not
  *now.add_findings() = now.findings(0);
  now.mutable_findings(now.findings_size() - 1)->set_id("cluster.other");
  *now.add_findings() = now.findings(2);
  now.mutable_findings(now.findings_size() - 1)->set_id("cluster.new");
  std::string lines = RenderCheckChanges(before, now, false);
  v1::CheckReport later = now;
  later.set_passed(v1::ANSWER_YES);
  later.mutable_at()->set_seconds(now.at().seconds() + 10);
  for (v1::Finding& finding : *later.mutable_findings()) finding.set_passed(v1::ANSWER_YES);
  lines += RenderCheckChanges(now, later, false);
  ExpectGolden(lines, "check_changes.txt");
}

TEST(CheckViewTest, TwoFindingsOfOneCheckAndResourceAreTwo) {
  v1::CheckReport before;
  for (int i = 0; i < 2; ++i) {
    before.add_findings()->set_id("checks.expired");
    before.mutable_findings(i)->set_passed(v1::ANSWER_NO);
    before.mutable_findings(i)->set_summary("entry " + std::to_string(i));
  }
  EXPECT_EQ(RenderCheckChanges(before, before, false), "");
  v1::CheckReport now = before;
  now.mutable_findings(1)->set_summary("another");
  EXPECT_THAT(RenderCheckChanges(before, now, false), HasSubstr("another"));
  EXPECT_THAT(RenderCheckChanges(before, now, false), Not(HasSubstr("entry 0")));
}

TEST(CheckViewTest, Texts) {
  const auto checks = ReadMessage<v1::ListChecksResponse>("checks.txtpb");
  ExpectGolden(RenderCheckList(checks, false) + "---\n" + RenderCheckText(checks.checks(0)) + "---\n" +
                   RenderCheckText(checks.checks(1)),
               "checks.txt");
}

TEST(FindingWordsTest, WhatAmountsToAYes) {
  const auto finding = [](v1::Severity severity, v1::Answer passed, bool silenced) {
    v1::Finding made;
    made.set_severity(severity);
    made.set_passed(passed);
    made.set_silenced(silenced);
    return made;
  };
  const struct {
    std::vector<v1::Finding> findings;
    v1::Answer passed;
  } cases[] = {
      {{}, v1::ANSWER_YES},
      {{finding(v1::SEVERITY_WARNING, v1::ANSWER_YES, false)}, v1::ANSWER_YES},
      {{finding(v1::SEVERITY_WARNING, v1::ANSWER_NO, false)}, v1::ANSWER_NO},
      {{finding(v1::SEVERITY_WARNING, v1::ANSWER_UNSPECIFIED, false)}, v1::ANSWER_UNSPECIFIED},
      {{finding(v1::SEVERITY_FATAL, v1::ANSWER_UNSPECIFIED, false), finding(v1::SEVERITY_FATAL, v1::ANSWER_NO, false)},
       v1::ANSWER_NO},
      {{finding(v1::SEVERITY_FATAL, v1::ANSWER_NO, true)}, v1::ANSWER_YES},
      {{finding(v1::SEVERITY_INFO, v1::ANSWER_NO, false)}, v1::ANSWER_YES},
      {{finding(v1::SEVERITY_UNSPECIFIED, v1::ANSWER_NO, false)}, v1::ANSWER_NO},
  };
  for (const auto& one : cases) {
    Findings findings;
    for (const v1::Finding& each : one.findings) *findings.Add() = each;
    EXPECT_EQ(PassedOf(findings), one.passed);
  }
}

}  // namespace
}  // namespace jettyfleet
