#include "agent/inspect/jetty/start_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/testing/files/temporary_directory.h"

namespace jettyfleet {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::Not;
using ::testing::Pair;

// A home with modules shaped as Jetty ships them, and a base.
class StartFilesTest : public ::testing::Test {
 protected:
  StartFilesTest() {
    Write("home/modules/server.mod", "[depend]\nthreadpool\n[optional]\next\n[xml]\netc/jetty.xml\n");
    Write("home/modules/ext.mod", "");
    Write("home/modules/sessions.mod", "[depends]\nserver\n[xml]\netc/sessions/id-manager.xml\n");
    Write(
        "home/modules/session-store-file.mod",
        "# "
        "comment\n[tags]\nsession\n[provides]\nsession-store\n[depends]\nsessions\n[xml]\netc/sessions/file/store.xml\n"
        "[ini-template]\njetty.session.file.storeDir=/template/only\n");
    Write(
        "home/modules/session-store-jdbc.mod",
        "[provides]\nsession-store|session-store-file\n[depend]\njdbc\nsessions\nsessions/jdbc/${db-connection-type}\n"
        "[xml]\netc/sessions/jdbc/store.xml\n[ini]\ndb-connection-type?=datasource\n");
    Write("home/modules/sessions/jdbc/datasource.mod", "[xml]\netc/sessions/jdbc/datasource.xml\n");
    Write("home/modules/sessions/jdbc/driver.mod", "[xml]\netc/sessions/jdbc/driver.xml\n");
    Write("home/modules/session-store-cache.mod", "[depend]\nsession-store\n");
    for (const char* const file : {"jetty.xml", "sessions/id-manager.xml", "sessions/jdbc/store.xml",
                                   "sessions/jdbc/driver.xml", "sessions/jdbc/datasource.xml"}) {
      Write(std::string("home/etc/") + file, "<Configure/>");
    }
    Write("base/start.ini", "--module=server\njetty.http.port=8080\n");
  }

  void Write(const std::string& name, const std::string& text) {
    const std::filesystem::path path = directory_ / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }
  StartConfiguration Read(const std::vector<std::string>& command_line = {}) {
    return ReadStartFiles(directory_ / "home", directory_ / "base", command_line);
  }

  const TemporaryDirectory directory_;
};

TEST_F(StartFilesTest, LaterFilesAndTheCommandLineWin) {
  Write("base/start.d/b.ini", "jetty.http.port=2\nonly.b=1\n");
  Write("base/start.d/a.ini", "jetty.http.port=1\nonly.b=0\n");
  Write("base/start.d/c.ini.dpkg-old", "jetty.http.port=3\n");
  EXPECT_THAT(Read().arguments.properties, IsSupersetOf({Pair("jetty.http.port", "2"), Pair("only.b", "1")}));
  const StartConfiguration told = Read({"jetty.http.port=9", "jetty.base=/elsewhere", "extra.xml"});
  EXPECT_THAT(told.arguments.properties,
              IsSupersetOf({Pair("jetty.http.port", std::string("9")), Pair("jetty.base", directory_ / "base")}));
  EXPECT_EQ(told.error, "");
}

TEST_F(StartFilesTest, HomesOwnFilesCountOnlyWhereHomeIsTheBase) {
  Write("home/start.ini", "from.home=1\n");
  EXPECT_THAT(Read().arguments.properties, Not(Contains(Pair("from.home", "1"))));
  EXPECT_THAT(ReadStartFiles(directory_ / "home", directory_ / "home", {}).arguments.properties,
              Contains(Pair("from.home", "1")));
}

TEST_F(StartFilesTest, EnablesWhatModulesNeed) {
  Write("base/start.d/store.ini", "--module=session-store-jdbc\ndb-connection-type=driver\n");
  const StartConfiguration read = Read();
  // Not threadpool and jdbc, which are not there, not ext, which is optional, and not the store's default provider.
  EXPECT_THAT(read.arguments.modules.in_order(),
              ElementsAre("server", "session-store-jdbc", "sessions", "sessions/jdbc/driver"));
  EXPECT_THAT(
      read.xml_files,
      ElementsAre(directory_ / "home/etc/jetty.xml", directory_ / "home/etc/sessions/jdbc/store.xml",
                  directory_ / "home/etc/sessions/id-manager.xml", directory_ / "home/etc/sessions/jdbc/driver.xml"));
}

TEST_F(StartFilesTest, AModulesIniIsADefault) {
  Write("base/start.d/store.ini", "--module=session-store-jdbc\n");
  EXPECT_THAT(Read().arguments.modules.in_order(), Contains("sessions/jdbc/datasource"));
}

TEST_F(StartFilesTest, ATemplateIsNoSetting) {
  Write("base/start.d/store.ini", "--module=session-store-file\n");
  EXPECT_EQ(Read().arguments.properties.count("jetty.session.file.storeDir"), 0u);
}

TEST_F(StartFilesTest, TheBaseHidesHome) {
  Write("base/etc/jetty.xml", "<Configure/>");
  Write("base/modules/server.mod", "[xml]\netc/jetty.xml\netc/own.xml\n");
  Write("base/etc/own.xml", "<Configure/>");
  EXPECT_THAT(Read().xml_files, ElementsAre(directory_ / "base/etc/jetty.xml", directory_ / "base/etc/own.xml"));
}

TEST_F(StartFilesTest, XmlFilesAreAlsoFoundInEtc) {
  Write("base/etc/mine.xml", "<Configure/>");
  EXPECT_THAT(Read({"mine.xml", "missing.xml"}).xml_files, Contains(directory_ / "base/etc/mine.xml"));
}

TEST_F(StartFilesTest, IncludedDirectoriesAreWeakerThanTheBase) {
  Write("common/start.ini",
        "--module=sessions\njetty.http.port=7\nshared=1\n--include-jetty-dir=" + (directory_ / "more"));
  Write("more/start.d/x.ini", "shared=0\nmore=1\n");
  const StartConfiguration read = Read({"--include-jetty-dir=" + (directory_ / "common")});
  EXPECT_THAT(read.arguments.properties,
              IsSupersetOf({Pair("jetty.http.port", "8080"), Pair("shared", "1"), Pair("more", "1")}));
  EXPECT_THAT(read.arguments.modules.in_order(), Contains("sessions"));
}

TEST_F(StartFilesTest, SaysWhatItCouldNotRead) {
  std::filesystem::create_directories(directory_ / "base/start.d/directory.ini");
  EXPECT_THAT(Read().error, HasSubstr("base/start.d/directory.ini: is not a regular file"));
}

TEST_F(StartFilesTest, ModulesThatNeedOneAnotherEnd) {
  Write("base/modules/a.mod", "[depend]\nb\n");
  Write("base/modules/b.mod", "[depend]\na\n");
  EXPECT_THAT(Read({"--module=a"}).arguments.modules.in_order(), ElementsAre("server", "a", "b"));
}

TEST_F(StartFilesTest, NamesNoMoreFilesThanIsSensible) {
  std::string xml = "[xml]\n";
  for (int i = 0; i < 501; ++i) xml += "f" + std::to_string(i) + ".xml\n";
  Write("base/modules/many.mod", xml);
  const std::string in_file = xml.substr(6);
  EXPECT_THAT(Read({"--module=many"}).error, HasSubstr("many.mod: modules name more than 500 XML files"));
  Write("base/start.d/many.ini", in_file);
  EXPECT_THAT(Read().error, HasSubstr("many.ini: more than 500 XML files"));
}

}  // namespace
}  // namespace jettyfleet
