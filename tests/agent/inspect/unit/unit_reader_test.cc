#include "agent/inspect/unit/unit_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <cstdint>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "tests/agent/inspect/testing/threaded_systemd.h"
#include "tests/agent/inspect/testing/unit_answer.h"
#include "tests/testing/files/temporary_directory.h"

namespace jettyfleet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

std::string Setting(const UnitState& state, const std::string& name) {
  for (const v1::SettingFact& setting : state.facts.settings()) {
    if (setting.name() == name) return setting.value();
  }
  return "-";
}

std::string Hex(const v1::FileFact& file) { return absl::BytesToHexString(file.sha256()); }

class UnitReaderTest : public testing::Test {
 protected:
  UnitReaderTest()
      : systemd_([this](const std::string& unit, sd_bus_message*, sd_bus_message* reply) {
          const auto found = units_.find(unit);
          return found == units_.end() ? -ENOENT : found->second.AppendTo(reply);
        }) {}

  std::string Write(const std::string& name, const std::string& content) {
    std::ofstream(files_ / name) << content;
    return files_ / name;
  }

  UnitState Read(const std::string& unit) { return ReadUnitOn(systemd_.Opener(), unit); }

  TemporaryDirectory files_;
  std::map<std::string, UnitAnswer> units_;
  ThreadedSystemd systemd_;
};

TEST_F(UnitReaderTest, ReadsEveryTypeOfProperty) {
  UnitAnswer& unit = units_["jetty9.service"];
  unit.texts = {{"LoadState", "loaded"}, {"User", "jetty"}, {"WorkingDirectory", "/var/lib/jetty9"}};
  unit.truths = {{"PrivateTmp", true}, {"NeedDaemonReload", false}};
  unit.numbers = {{"TimeoutStopUSec", 90000000}, {"TimeoutStartUSec", UINT64_MAX}, {"LimitNOFILE", 524288}};
  unit.lists = {{"Environment", {"A=1", "B=2"}}, {"ReadWritePaths", {"/var/lib/jetty9/"}}, {"TriggeredBy", {}}};
  unit.commands["ExecStart"] = {{"/usr/bin/java", "-jar", "start.jar"}};
  unit.main_pid = 4711;
  const UnitState state = Read("jetty9");
  EXPECT_EQ(state.facts.error(), "");
  EXPECT_EQ(state.unit, "jetty9.service");
  EXPECT_EQ(Setting(state, "User"), "jetty");
  EXPECT_EQ(Setting(state, "PrivateTmp"), "yes");
  EXPECT_EQ(Setting(state, "NeedDaemonReload"), "no");
  EXPECT_EQ(Setting(state, "TimeoutStopUSec"), "90000000");
  EXPECT_EQ(Setting(state, "TimeoutStartUSec"), "infinity");
  EXPECT_EQ(Setting(state, "LimitNOFILE"), "524288");
  EXPECT_EQ(Setting(state, "Environment"), "A=1 B=2");
  EXPECT_EQ(Setting(state, "ExecStart"), "/usr/bin/java -jar start.jar");
  EXPECT_EQ(state.main_pid, 4711u);
  EXPECT_EQ(state.working_directory, "/var/lib/jetty9");
  EXPECT_THAT(state.exec_start, ElementsAre("/usr/bin/java", "-jar", "start.jar"));
  EXPECT_THAT(state.writable_paths, ElementsAre("/var/lib/jetty9"));
  EXPECT_THAT(systemd_.Calls(), ElementsAre("GetAll jetty9.service"));
}

TEST_F(UnitReaderTest, DigestsItsFiles) {
  UnitAnswer& unit = units_["jetty9.service"];
  unit.texts["FragmentPath"] = Write("jetty9.service", "abc");
  unit.lists["DropInPaths"] = {Write("10.conf", ""), files_ / "gone.conf"};
  const UnitState state = Read("jetty9.service");
  // FIPS 180-2's examples.
  EXPECT_EQ(Hex(state.facts.fragment()), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(state.facts.fragment().size(), 3u);
  ASSERT_EQ(state.facts.drop_ins_size(), 2);
  EXPECT_EQ(Hex(state.facts.drop_ins(0)), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(state.facts.drop_ins(0).error(), "");
  EXPECT_EQ(Hex(state.facts.drop_ins(1)), "");
  EXPECT_EQ(state.facts.drop_ins(1).error(), (files_ / "gone.conf") + ": No such file or directory");
}

TEST_F(UnitReaderTest, ReadsEnvironmentFiles) {
  UnitAnswer& unit = units_["jetty9.service"];
  unit.lists["Environment"] = {"JETTY_HOME=/unit", "JETTY_PORT=8080"};
  unit.environment_files = {{Write("default", "JETTY_HOME=/first\nJETTY_ARGS=\"a b\"\n"), true},
                            {files_ / "optional", true},
                            {files_ / "needed", false},
                            {Write("b.env", "JETTY_HOME=/b\n"), false},
                            {files_ / "*.env", false}};
  Write("c.env", "JETTY_HOME=/c\n");
  const UnitState state = Read("jetty9");
  EXPECT_THAT(state.environment,
              ElementsAre(Pair("JETTY_ARGS", "a b"), Pair("JETTY_HOME", "/c"), Pair("JETTY_PORT", "8080")));
  std::vector<std::string> paths;
  for (const v1::FileFact& file : state.facts.environment_files()) {
    paths.push_back(file.path());
    EXPECT_EQ(file.error().empty(), file.path() != files_ / "needed") << file.path();
    EXPECT_EQ(file.sha256().size(), file.error().empty() ? 32u : 0u) << file.path();
  }
  // One that may be missing and is says so by not being there; one that must not says why it is unknown.
  EXPECT_THAT(paths,
              ElementsAre(files_ / "default", files_ / "needed", files_ / "b.env", files_ / "b.env", files_ / "c.env"));
}

TEST_F(UnitReaderTest, ATooLargeFileIsUnknown) {
  UnitAnswer& unit = units_["jetty9.service"];
  unit.environment_files = {{Write("default", "A=1\n" + std::string(2 << 20, '#')), true}};
  const UnitState state = Read("jetty9");
  EXPECT_TRUE(state.environment.empty());
  ASSERT_EQ(state.facts.environment_files_size(), 1);
  EXPECT_THAT(state.facts.environment_files(0).error(), HasSubstr("1048576"));
}

TEST_F(UnitReaderTest, WhatSystemdDoesNotTellIsUnknown) {
  const UnitState state = Read("other");
  EXPECT_EQ(state.facts.error(), "other.service: systemd: no such thing");
  EXPECT_EQ(state.facts.settings_size(), 0);
  EXPECT_EQ(state.unit, "other.service");
}

}  // namespace
}  // namespace jettyfleet
