#include "client/render/drill_junit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <pugixml.hpp>
#include <string>

#include "tests/client/render/golden.h"

namespace jettyfleet {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1795435230);

class Parsed {
 public:
  explicit Parsed(const v1::OperationReport& report) : xml_(RenderDrillJunit(report, kNow)) {
    EXPECT_TRUE(document_.load_string(xml_.c_str(), pugi::parse_full)) << xml_;
  }
  pugi::xml_node suite() const { return document_.child("testsuites").child("testsuite"); }
  pugi::xml_node Case(const std::string& name) const {
    return suite().find_child_by_attribute("testcase", "name", name.c_str());
  }
  std::string Property(const std::string& name, const std::string& property) const {
    return Case(name)
        .child("properties")
        .find_child_by_attribute("property", "name", property.c_str())
        .attribute("value")
        .value();
  }

 private:
  const std::string xml_;
  pugi::xml_document document_;
};

TEST(DrillJunitTest, Passed) {
  ExpectGolden(RenderDrillJunit(ReadMessage<v1::OperationReport>("drill_passed.txtpb"), kNow), "drill_passed.xml");
}

TEST(DrillJunitTest, Failed) {
  ExpectGolden(RenderDrillJunit(ReadMessage<v1::OperationReport>("drill_failed.txtpb"), kNow), "drill_failed.xml");
}

// What is not known is neither a pass nor a failure.
TEST(DrillJunitTest, WhatRunsIsNotKnown) {
  v1::OperationReport report;
  report.set_state(v1::OPERATION_STATE_RUNNING);
  report.mutable_began_at()->set_seconds(1795435200);
  report.add_nodes()->set_node("node-01");
  report.mutable_nodes(0)->set_step(v1::NODE_STEP_DONE);
  report.add_nodes()->set_node("node-02");
  report.mutable_nodes(1)->set_step(v1::NODE_STEP_LEAVE);
  report.add_nodes()->set_node("node-03");
  const Parsed parsed(report);
  EXPECT_EQ(parsed.suite().attribute("errors").as_int(), 3);
  EXPECT_EQ(parsed.suite().attribute("failures").as_int(), 0);
  EXPECT_STREQ(parsed.suite().attribute("time").value(), "30.000");
  EXPECT_FALSE(parsed.Case("node-01").child("error"));
  EXPECT_TRUE(parsed.Case("node-02").child("error"));
  EXPECT_TRUE(parsed.Case("node-03").child("error"));
  EXPECT_TRUE(parsed.Case("end and budget").child("error"));
}

TEST(DrillJunitTest, EndsAndNodes) {
  const struct {
    v1::OperationState state;
    v1::NodeStep step;
    const char* problem;
    uint64_t requests;
    const char* node;   // the element of the node's case; empty: passed
    const char* whole;  // of the last case
  } cases[] = {
      {v1::OPERATION_STATE_PASSED, v1::NODE_STEP_DONE, "", 10, "", ""},
      {v1::OPERATION_STATE_PASSED, v1::NODE_STEP_DONE, "", 0, "", "skipped"},
      {v1::OPERATION_STATE_FAILED, v1::NODE_STEP_DONE, "", 10, "", "failure"},
      {v1::OPERATION_STATE_FAILED, v1::NODE_STEP_DONE, "port 8080 is not bound", 10, "failure", "failure"},
      {v1::OPERATION_STATE_ABORTED, v1::NODE_STEP_WAITING, "", 10, "skipped", "failure"},
      {v1::OPERATION_STATE_ABORTED, v1::NODE_STEP_UNSPECIFIED, "", 10, "skipped", "failure"},
      {v1::OPERATION_STATE_REFUSED, v1::NODE_STEP_GATE, "", 0, "error", "failure"},
      {v1::OPERATION_STATE_RESTORING, v1::NODE_STEP_RESTORE, "", 10, "error", "error"},
      {v1::OPERATION_STATE_UNSPECIFIED, v1::NODE_STEP_DONE, "", 10, "", "error"},
  };
  for (const auto& c : cases) {
    v1::OperationReport report;
    report.set_state(c.state);
    report.mutable_traffic()->set_requests(c.requests);
    report.add_nodes()->set_node("node-01");
    report.mutable_nodes(0)->set_step(c.step);
    report.mutable_nodes(0)->set_problem(c.problem);
    const Parsed parsed(report);
    SCOPED_TRACE(testing::Message() << v1::OperationState_Name(c.state) << " " << v1::NodeStep_Name(c.step));
    for (const char* const element : {"failure", "error", "skipped"}) {
      EXPECT_EQ(!parsed.Case("node-01").child(element).empty(), std::string(element) == c.node) << element;
      EXPECT_EQ(!parsed.Case("end and budget").child(element).empty(), std::string(element) == c.whole) << element;
    }
  }
}

TEST(DrillJunitTest, TimesAndTrafficAreProperties) {
  const Parsed parsed(ReadMessage<v1::OperationReport>("drill_failed.txtpb"));
  EXPECT_EQ(parsed.Property("node-02", "leave_seconds"), "65.000");
  EXPECT_EQ(parsed.Property("node-02", "return_unit_seconds"), "0.450");
  EXPECT_EQ(parsed.Property("node-02", "return_http_seconds"), "") << "it was not measured";
  EXPECT_EQ(parsed.Property("end and budget", "requests_failed_503"), "3");
}

TEST(DrillJunitTest, IsXmlWhateverItHolds) {
  v1::OperationReport report;
  report.set_id("a\"<&>'b");
  report.set_state(v1::OPERATION_STATE_FAILED);
  report.set_reason("]]> <failure>\n\x1b[31m\xEF\xBF\xBF");
  report.add_remarks("</system-out>\x01");
  (*report.mutable_traffic()->mutable_failures_by_kind())["<\">"] = 1;
  const Parsed parsed(report);
  EXPECT_STREQ(parsed.suite().attribute("name").value(), "jettyfleet drill a\"<&>'b");
  const pugi::xml_node whole = parsed.Case("end and budget");
  EXPECT_STREQ(whole.child("failure").attribute("message").value(), "]]> <failure> ?[31m?");
  EXPECT_STREQ(whole.child("system-out").text().get(), "</system-out>?");
  EXPECT_EQ(parsed.Property("end and budget", "requests_failed_<\">"), "1");
}

}  // namespace
}  // namespace jettyfleet
