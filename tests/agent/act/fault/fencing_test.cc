#include "agent/act/fault/fencing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace jettyfleet {
namespace {

using testing::HasSubstr;

// As stonith_admin of Pacemaker 2.1.5 printed them.
constexpr char kOne[] = R"(<pacemaker-result api-version="2.25" request="stonith_admin --list=node-02 --output-as=xml">
  <list name="registered fence devices" count="1">
    <item name="device">switch</item>
  </list>
  <status code="0" message="OK"/>
</pacemaker-result>
)";
constexpr char kNone[] = R"(<pacemaker-result api-version="2.25" request="stonith_admin --list=nosuch --output-as=xml">
  <list name="registered fence devices" count="0"/>
  <status code="0" message="OK"/>
</pacemaker-result>
)";
constexpr char kNotConnected[] =
    R"(<pacemaker-result api-version="2.25" request="stonith_admin --list-registered --output-as=xml">
  <status code="102" message="Not connected">
    <errors>
      <error>Could not connect to fencer: Transport endpoint is not connected</error>
    </errors>
  </status>
</pacemaker-result>
)";

TEST(FenceDevices, AsStonithAdminTellsThem) {
  EXPECT_EQ(ParseFenceDevices(kOne).value_or(-1), 1);
  EXPECT_EQ(ParseFenceDevices(kNone).value_or(-1), 0);
  for (const char* none : {kNotConnected, "", "switch\n1 fence device found\n", "<pacemaker-result/>",
                           "<pacemaker-result><list count=\"-1\"/><status code=\"0\"/></pacemaker-result>",
                           "<pacemaker-result><list count=\"1\"/><status code=\"1\"/></pacemaker-result>"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseFenceDevices(none).status())) << none;
  }
}

std::string ProblemOf(const std::string& properties, const std::string& resources) {
  const absl::StatusOr<CibDocument> cib = CibDocument::Parse(
      absl::StrCat("<configuration><crm_config><cluster_property_set id=\"cib-bootstrap-options\">", properties,
                   "</cluster_property_set></crm_config><resources>", resources, "</resources></configuration>"));
  return cib.ok() ? cib->FencingProblem() : std::string(cib.status().message());
}

std::string Set(const std::string& name, const std::string& value) {
  return absl::StrCat("<nvpair id=\"i-", name, "\" name=\"", name, "\" value=\"", value, "\"/>");
}

std::string Device(const std::string& options = "") {
  return absl::StrCat("<primitive id=\"switch\" class=\"stonith\" type=\"fence_lab\"><instance_attributes id=\"s\">",
                      options, "</instance_attributes></primitive>");
}

TEST(Fencing, ThatBringsANodeBack) {
  EXPECT_EQ(ProblemOf("", Device()), "");
  EXPECT_EQ(ProblemOf(Set("stonith-enabled", "true") + Set("stonith-action", "reboot"), Device()), "");
  EXPECT_EQ(ProblemOf("", Device(Set("pcmk_reboot_action", "reboot"))), "");
  EXPECT_EQ(ProblemOf("", absl::StrCat("<group id=\"g\">", Device(), "</group>")), "");
}

TEST(Fencing, ThatDoesNot) {
  for (const char* off : {"false", "off", "no", "0", "nonsense"}) {
    EXPECT_THAT(ProblemOf(Set("stonith-enabled", off), Device()), HasSubstr("fencing is off")) << off;
  }
  EXPECT_THAT(ProblemOf(Set("stonith-action", "off"), Device()), HasSubstr("'off' and not reboot"));
  EXPECT_THAT(ProblemOf(Set("stonith-action", "poweroff"), Device()), HasSubstr("stonith-action"));
  EXPECT_THAT(ProblemOf("", Device(Set("pcmk_reboot_action", "off"))), HasSubstr("does 'off' instead of reboot"));
  EXPECT_THAT(ProblemOf("", Device() + Device(Set("action", "off"))), HasSubstr("(action)"));
  EXPECT_THAT(ProblemOf("", "<primitive id=\"jetty\" class=\"systemd\" type=\"jetty9\"/>"),
              HasSubstr("no fence device"));
}

TEST(Fencing, UnitsOfTheCluster) {
  const absl::StatusOr<CibDocument> cib = CibDocument::Parse(
      "<configuration><resources><clone id=\"c\"><primitive id=\"jetty\" class=\"systemd\" type=\"jetty9\"/></clone>"
      "<primitive id=\"b\" class=\"systemd\" type=\"b.service\"/>"
      "<primitive id=\"ip\" class=\"ocf\" type=\"IPaddr2\"/></resources></configuration>");
  ASSERT_TRUE(cib.ok());
  EXPECT_TRUE(cib->RunsUnit("jetty9"));
  EXPECT_TRUE(cib->RunsUnit("b"));
  for (const char* other : {"jetty", "IPaddr2", "sshd", ""}) EXPECT_FALSE(cib->RunsUnit(other)) << other;
}

}  // namespace
}  // namespace jettyfleet
