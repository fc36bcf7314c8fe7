#include "agent/inspect/unit/unit_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace jettyfleet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;

// What Debian 12's package sets, as systemd 252 tells it.
BusProperties Jetty9() {
  BusProperties properties;
  properties.values = {
      {"LoadState", {"loaded"}},
      {"FragmentPath", {"/lib/systemd/system/jetty9.service"}},
      {"DropInPaths", {"/run/systemd/system/jetty9.service.d/50-pacemaker.conf"}},
      {"UnitFileState", {"disabled"}},
      {"User", {"jetty"}},
      {"Group", {""}},
      {"Restart", {"on-abort"}},
      {"TimeoutStopUSec", {"90000000"}},
      {"TimeoutStartUSec", {"infinity"}},
      {"LimitNOFILE", {"524288"}},
      {"PrivateTmp", {"yes"}},
      {"NeedDaemonReload", {"no"}},
      {"ReadWritePaths", {"/var/lib/jetty9/"}},
      {"StateDirectory", {}},
      {"LogsDirectory", {"jetty9"}},
      {"WorkingDirectory", {""}},
      {"Environment", {"JETTY_HOME=/usr/share/jetty9", "JETTY_STATE=/var/lib/jetty9/jetty.state"}},
      {"EnvironmentFiles", {"-/etc/default/jetty9"}},
      {"MainPID", {"4711"}},
      {"TriggeredBy", {"jetty9.timer"}},
      {"WantedBy", {"multi-user.target"}},
  };
  properties.commands["ExecStart"] = {
      {{"/usr/share/jetty9/bin/jetty.sh", "start"}, true},
      {{"/usr/bin/java", "-Djetty.home=/usr/share/jetty9", "-jar", "/usr/share/jetty9/start.jar", "two words"}, false}};
  return properties;
}

UnitState From(const BusProperties& properties) {
  UnitState state;
  SetFromProperties(properties, &state);
  return state;
}

// "-": there is no such setting.
std::string Setting(const UnitState& state, const std::string& name) {
  for (const v1::SettingFact& setting : state.facts.settings()) {
    if (setting.name() == name) return setting.value();
  }
  return "-";
}

TEST(UnitSettings, AreStableTexts) {
  const UnitState state = From(Jetty9());
  EXPECT_EQ(Setting(state, "User"), "jetty");
  EXPECT_EQ(Setting(state, "TimeoutStopUSec"), "90000000");
  EXPECT_EQ(Setting(state, "TimeoutStartUSec"), "infinity");
  EXPECT_EQ(Setting(state, "PrivateTmp"), "yes");
  EXPECT_EQ(Setting(state, "StateDirectory"), "");
  EXPECT_EQ(Setting(state, "Environment"), "JETTY_HOME=/usr/share/jetty9 JETTY_STATE=/var/lib/jetty9/jetty.state");
  EXPECT_EQ(Setting(state, "EnvironmentFiles"), "-/etc/default/jetty9");
  EXPECT_EQ(Setting(state, "ExecStart"),
            "-/usr/share/jetty9/bin/jetty.sh start ; /usr/bin/java -Djetty.home=/usr/share/jetty9 -jar "
            "/usr/share/jetty9/start.jar \"two words\"");
  // What systemd does not tell is not made up, and what differs from run to run is no setting.
  EXPECT_EQ(Setting(state, "MemoryMax"), "-");
  EXPECT_EQ(Setting(state, "MainPID"), "-");
  std::vector<std::string> names;
  for (const v1::SettingFact& setting : state.facts.settings()) names.push_back(setting.name());
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
}

TEST(UnitSettings, NameFilesAndStarters) {
  BusProperties properties = Jetty9();
  properties.values["RequiredBy"] = {"shop.service", "jetty9.timer"};
  const UnitState state = From(properties);
  EXPECT_EQ(state.facts.fragment().path(), "/lib/systemd/system/jetty9.service");
  ASSERT_EQ(state.facts.drop_ins_size(), 1);
  EXPECT_EQ(state.facts.drop_ins(0).path(), "/run/systemd/system/jetty9.service.d/50-pacemaker.conf");
  EXPECT_THAT(state.facts.started_by(), ElementsAre("jetty9.timer", "shop.service"));
}

TEST(UnitSettings, TellWhereTheUnitWrites) {
  BusProperties properties = Jetty9();
  properties.values["ReadWritePaths"] = {"-/srv/data//", "+/srv/more", "-+/var/lib/jetty9/", "relative"};
  properties.values["StateDirectory"] = {"jetty9", "jetty9/sub:link"};
  properties.values["CacheDirectory"] = {"jetty9"};
  const UnitState state = From(properties);
  EXPECT_THAT(state.writable_paths, ElementsAre("/srv/data", "/srv/more", "/var/lib/jetty9", "/var/lib/jetty9/sub",
                                                "/var/log/jetty9", "/var/cache/jetty9"));
}

TEST(UnitSettings, TellHowItRuns) {
  const UnitState state = From(Jetty9());
  EXPECT_EQ(state.main_pid, 4711u);
  EXPECT_EQ(state.user, "jetty");
  EXPECT_EQ(state.group, "");
  EXPECT_THAT(state.exec_start, ElementsAre("/usr/bin/java", "-Djetty.home=/usr/share/jetty9", "-jar",
                                            "/usr/share/jetty9/start.jar", "two words"));
  EXPECT_THAT(state.environment,
              ElementsAre(Pair("JETTY_HOME", "/usr/share/jetty9"), Pair("JETTY_STATE", "/var/lib/jetty9/jetty.state")));
}

TEST(UnitSettings, KeepNoSecretButForLookingOn) {
  BusProperties properties = Jetty9();
  properties.values["Environment"] = {"DB_PASSWORD=tiger tiger", "URL=jdbc:postgresql://app:tiger@db:5432/s", "A=b c"};
  properties.commands["ExecStart"] = {{{"/usr/bin/java", "-Djavax.net.ssl.keyStorePassword=tiger"}, false}};
  const UnitState state = From(properties);
  EXPECT_THAT(Setting(state, "Environment"), HasSubstr("DB_PASSWORD=***"));
  EXPECT_THAT(Setting(state, "Environment"), HasSubstr("\"A=b c\""));
  EXPECT_THAT(Setting(state, "ExecStart"), HasSubstr("-Djavax.net.ssl.keyStorePassword=***"));
  EXPECT_THAT(state.facts.DebugString(), Not(HasSubstr("tiger")));
  EXPECT_EQ(state.environment.at("DB_PASSWORD"), "tiger tiger");
}

TEST(UnitSettings, OfAUnitThatIsNotThere) {
  BusProperties properties;
  properties.values = {{"LoadState", {"not-found"}}, {"FragmentPath", {""}}};
  const UnitState state = From(properties);
  EXPECT_EQ(state.facts.error(), "");
  EXPECT_EQ(Setting(state, "LoadState"), "not-found");
  EXPECT_EQ(Setting(state, "User"), "-");
  EXPECT_FALSE(state.facts.has_fragment());
  EXPECT_EQ(state.main_pid, 0u);
  EXPECT_THAT(state.writable_paths, IsEmpty());
}

}  // namespace
}  // namespace jettyfleet
