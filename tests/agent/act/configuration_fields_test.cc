#include "agent/act/configuration_fields.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

namespace jettyfleet {
namespace {

using testing::HasSubstr;

v1::CreateResource Create() {
  v1::CreateResource act;
  act.set_name("jetty");
  act.set_unit("jetty@blue");
  act.mutable_monitor_interval()->set_seconds(10);
  return act;
}

v1::SetMeta Meta(const std::string& name, const std::string& value) {
  v1::SetMeta act;
  act.set_target("jetty-clone");
  act.add_meta()->set_name(name);
  act.mutable_meta(0)->set_value(value);
  return act;
}

TEST(ConfigurationFieldsTest, MetaAttributesAreAClosedListOfValues) {
  const std::pair<const char*, const char*> good[] = {
      {"clone-max", "3"},        {"clone-node-max", "1"},        {"interleave", "true"},         {"ordered", "false"},
      {"is-managed", "false"},   {"migration-threshold", "3"},   {"migration-threshold", "INFINITY"},
      {"failure-timeout", "60"}, {"failure-timeout", "500ms"},   {"target-role", "Stopped"},     {"notify", "true"},
      {"resource-stickiness", "-100"}, {"clone-max", ""}};
  for (const auto& [name, value] : good) EXPECT_EQ(ConfigurationProblem(Meta(name, value)), "") << name << "=" << value;
  const std::pair<const char*, const char*> bad[] = {
      {"clone-max", "3 --force"}, {"clone-max", "-1"},       {"interleave", "yes"},     {"failure-timeout", "soon"},
      {"target-role", "Master"},  {"allow-migrate", "true"}, {"", "1"},                 {"clone-max=3 x", "1"},
      {"migration-threshold", "9999999999"}};
  for (const auto& [name, value] : bad) {
    EXPECT_THAT(ConfigurationProblem(Meta(name, value)), HasSubstr("field meta")) << name << "=" << value;
  }
  EXPECT_THAT(ConfigurationProblem(v1::SetMeta()), HasSubstr("field target"));
}

TEST(ConfigurationFieldsTest, Create) {
  EXPECT_EQ(ConfigurationProblem(Create()), "");
  struct Case {
    const char* field;
    std::function<void(v1::CreateResource&)> spoil;
  };
  const Case cases[] = {
      {"name", [](auto& act) { act.set_name("-f"); }},
      {"unit", [](auto& act) { act.set_unit("jetty9.service"); }},
      {"unit", [](auto& act) { act.set_unit("jetty 9"); }},
      {"monitor_interval", [](auto& act) { act.clear_monitor_interval(); }},
      {"monitor_interval", [](auto& act) { act.mutable_monitor_interval()->set_nanos(5); }},
      {"monitor_timeout", [](auto& act) { act.mutable_monitor_timeout()->set_seconds(0); }},
      {"start_timeout", [](auto& act) { act.mutable_start_timeout()->set_seconds(86401); }},
      {"stop_timeout", [](auto& act) { act.mutable_stop_timeout()->set_seconds(-1); }},
      {"on_fail", [](auto& act) { act.set_on_fail("explode"); }},
      {"meta", [](auto& act) { act.add_meta()->set_name("clone-max"); }},  // nothing to remove yet
      {"meta", [](auto& act) { for (int i = 0; i < 33; ++i) act.add_meta()->set_name("notify"); }},
  };
  for (const Case& c : cases) {
    v1::CreateResource act = Create();
    c.spoil(act);
    EXPECT_THAT(ConfigurationProblem(act), HasSubstr(std::string("field ") + c.field));
  }
}

TEST(ConfigurationFieldsTest, Operations) {
  v1::SetOperation act;
  act.set_resource("jetty");
  act.set_operation("monitor");
  EXPECT_THAT(ConfigurationProblem(act), HasSubstr("one of them has to be changed"));
  act.mutable_interval()->set_seconds(10);
  EXPECT_EQ(ConfigurationProblem(act), "");
  act.set_operation("start");
  EXPECT_THAT(ConfigurationProblem(act), HasSubstr("only for monitor"));
  act.set_operation("promote");
  EXPECT_THAT(ConfigurationProblem(act), HasSubstr("field operation"));
}

TEST(ConfigurationFieldsTest, Constraints) {
  v1::AvoidNode avoid;
  avoid.set_resource("jetty-clone");
  avoid.set_node("node-01");
  for (const char* const id : {"", "jettyfleet-lock", "avoid", "jettyfleet-avoid-a b"}) {
    avoid.set_id(id);
    EXPECT_THAT(ConfigurationProblem(avoid), HasSubstr("field id")) << id;
  }
  avoid.set_id("jettyfleet-avoid-jetty-clone-node-01");
  EXPECT_EQ(ConfigurationProblem(avoid), "");
  v1::RemoveLocation remove;
  for (const char* const id : {"cli-ban-jetty-clone-on-node-01", "location-jetty-clone-node-02--INFINITY",
                               "jettyfleet-avoid-jetty-clone-node-01"}) {
    remove.set_id(id);
    EXPECT_EQ(ConfigurationProblem(remove), "") << id;
  }
  for (const char* const id : {"", "--force", "a b", "jettyfleet-d-1-node-01", "jettyfleet-lock"}) {
    remove.set_id(id);
    EXPECT_THAT(ConfigurationProblem(remove), HasSubstr("field id")) << id;
  }
}

TEST(ConfigurationFieldsTest, CleanupAndUnit) {
  v1::CleanupResource cleanup;
  EXPECT_THAT(ConfigurationProblem(cleanup), HasSubstr("field resource"));
  cleanup.set_resource("jetty");
  EXPECT_EQ(ConfigurationProblem(cleanup), "");
  cleanup.set_node("node=x");
  EXPECT_THAT(ConfigurationProblem(cleanup), HasSubstr("field node"));
  v1::DisableUnit disable;
  disable.set_unit("--now");
  EXPECT_THAT(ConfigurationProblem(disable), HasSubstr("field unit"));
}

}  // namespace
}  // namespace jettyfleet
