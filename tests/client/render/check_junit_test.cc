#include "client/render/check_junit.h"

#include <gtest/gtest.h>

#include <pugixml.hpp>
#include <string>

#include "tests/client/render/golden.h"

namespace jettyfleet {
namespace {

TEST(CheckJunitTest, OneTestCaseForEachFinding) {
  ExpectGolden(RenderCheckJunit(ReadMessage<v1::CheckReport>("check.txtpb")), "check.xml");
}

// Whatever came from elsewhere: the XML is read back, and nothing in it ends a line of an attribute or a tag.
TEST(CheckJunitTest, IsXmlWhateverWasFound) {
  v1::CheckReport report;
  report.set_cluster("a\"<&>'b");
  v1::Finding* const finding = report.add_findings();
  finding->set_id("x.\x01y");
  finding->set_severity(v1::SEVERITY_FATAL);
  finding->set_passed(v1::ANSWER_NO);
  finding->set_resource("r\n\"s\"");
  finding->set_summary("]]> <failure>\n\x1b[31m\xEF\xBF\xBF\xEF\xBF\xBE \xC2\x85 d\xC3\xA9j\xC3\xA0");
  finding->add_evidence()->set_value("a\r\nb\tc");
  const std::string xml = RenderCheckJunit(report);
  for (const char c : xml) EXPECT_TRUE(static_cast<unsigned char>(c) >= 0x20 || c == '\n') << static_cast<int>(c);
  EXPECT_EQ(xml.find("\xEF\xBF"), std::string::npos);
  pugi::xml_document document;
  ASSERT_TRUE(document.load_string(xml.c_str(), pugi::parse_full)) << xml;
  const pugi::xml_node suite = document.child("testsuites").child("testsuite");
  EXPECT_STREQ(suite.attribute("name").value(), "jettyfleet check a\"<&>'b");
  EXPECT_EQ(suite.attribute("failures").as_int(), 1);
  const pugi::xml_node testcase = suite.child("testcase");
  EXPECT_STREQ(testcase.attribute("name").value(), "x.?y r \"s\"");
  EXPECT_STREQ(testcase.child("failure").attribute("message").value(), "]]> <failure> ?[31m?? ?? d\xC3\xA9j\xC3\xA0");
  EXPECT_STREQ(testcase.child("failure").text().get(), "]]> <failure>\n?[31m?? ?? d\xC3\xA9j\xC3\xA0\na?\nb?c");
}

}  // namespace
}  // namespace jettyfleet
