#include "agent/inspect/jetty/jetty_layout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_join.h"
#include "tests/testing/files/temporary_directory.h"

namespace jettyfleet {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

class JettyLayoutTest : public ::testing::Test {
 protected:
  // A process as /proc shows it.
  void AddProcess(const std::string& pid, const std::string& exe, const std::vector<std::string>& command,
                  const std::vector<std::string>& environment, const std::string& cwd,
                  const std::string& children = "") {
    const std::filesystem::path place = directory_ / pid;
    std::filesystem::create_directories(place / "task" / pid);
    std::filesystem::create_symlink(exe, place / "exe");
    std::filesystem::create_symlink(cwd, place / "cwd");
    WriteZeros(place / "cmdline", command);
    WriteZeros(place / "environ", environment);
    std::ofstream(place / "task" / pid / "children") << children;
  }
  static void WriteZeros(const std::filesystem::path& path, const std::vector<std::string>& words) {
    std::ofstream out(path);
    for (const std::string& word : words) out << word << '\0';
  }
  JettyLayout Locate(uint32_t pid) { return LocateJetty({pid, "", {}, {}}, directory_.path()); }

  const TemporaryDirectory directory_;
};

// The command line of Debian 12's jetty9, as ps showed it.
TEST_F(JettyLayoutTest, ReadsARunningJettyOfDebian) {
  AddProcess(
      "42", "/usr/lib/jvm/java-17-openjdk-amd64/bin/java",
      {"/usr/bin/java", "-Djetty.home=/usr/share/jetty9", "-Djetty.base=/usr/share/jetty9", "-Djava.io.tmpdir=/tmp",
       "-jar", "/usr/share/jetty9/start.jar", "jetty.state=/var/lib/jetty9/jetty.state", "jetty-started.xml"},
      {"JETTY_HOME=/usr/share/jetty9", "VERBOSE=yes"}, "/usr/share/jetty9");
  const JettyLayout layout = Locate(42);
  EXPECT_EQ(layout.error, "");
  EXPECT_EQ(layout.running, v1::ANSWER_YES);
  EXPECT_EQ(layout.home, "/usr/share/jetty9");
  EXPECT_EQ(layout.base, "/usr/share/jetty9");
  EXPECT_EQ(layout.java, "/usr/lib/jvm/java-17-openjdk-amd64/bin/java");
  EXPECT_EQ(layout.working_directory, "/usr/share/jetty9");
  EXPECT_THAT(layout.arguments, ElementsAre("jetty.state=/var/lib/jetty9/jetty.state", "jetty-started.xml"));
  EXPECT_THAT(layout.system_properties, Contains(Pair("java.io.tmpdir", "/tmp")));
  EXPECT_THAT(layout.environment, Contains(Pair("VERBOSE", "yes")));
}

TEST_F(JettyLayoutTest, FindsHomeAndBaseOfOtherCommandLines) {
  const struct {
    std::vector<std::string> command;
    std::vector<std::string> environment;
    const char* home;
    const char* base;
  } cases[] = {
      // start.jar takes where it lies and where it is started, and looks at no environment.
      {{"java", "-jar", "/opt/jetty/start.jar"}, {"JETTY_BASE=/no", "JETTY_HOME=/no"}, "/opt/jetty", "/srv/app"},
      {{"java", "-jar", "../jetty/start.jar"}, {}, "/srv/app/../jetty", "/srv/app"},
      {{"java", "-jar", "/opt/jetty/start.jar", "jetty.base=/srv/other/"}, {}, "/opt/jetty", "/srv/other"},
      {{"java", "-jar", "/opt/jetty/start.jar", "jetty.base=base"}, {}, "/opt/jetty", "/srv/app/base"},
      {{"java", "-Djetty.base=/a", "-cp", "/x.jar", "org.eclipse.jetty.start.Main", "jetty.home=/h"}, {}, "/h", "/a"},
      {{"java", "-jar", "app.jar"}, {"JETTY_BASE=/b", "JETTY_HOME=/h"}, "/h", "/b"},
      {{"java", "-jar", "app.jar"}, {"JETTY_HOME=/h/"}, "/h", "/h"},
  };
  int pid = 1;
  for (const auto& test : cases) {
    AddProcess(std::to_string(pid), "/jdk/bin/java", test.command, test.environment, "/srv/app");
    const JettyLayout layout = Locate(static_cast<uint32_t>(pid++));
    EXPECT_EQ(layout.error, "") << absl::StrJoin(test.command, " ");
    EXPECT_EQ(layout.home, test.home) << absl::StrJoin(test.command, " ");
    EXPECT_EQ(layout.base, test.base) << absl::StrJoin(test.command, " ");
  }
}

TEST_F(JettyLayoutTest, LooksBelowAScript) {
  AddProcess("1", "/usr/bin/bash", {"bash", "jetty.sh"}, {}, "/", "2 3 ");
  AddProcess("2", "/usr/bin/sleep", {"sleep"}, {}, "/");
  AddProcess("3", "/usr/bin/dash", {"sh"}, {}, "/", "4");
  AddProcess("4", "/jdk/bin/java (deleted)", {"java", "-jar", "/opt/jetty/start.jar"}, {}, "/srv/app");
  const JettyLayout layout = Locate(1);
  EXPECT_EQ(layout.base, "/srv/app");
  EXPECT_EQ(layout.java, "/jdk/bin/java (deleted)");
}

TEST_F(JettyLayoutTest, SaysWhatItDidNotFind) {
  AddProcess("1", "/usr/bin/bash", {"bash"}, {}, "/");
  EXPECT_THAT(Locate(1).error, HasSubstr("neither its main process 1 nor one started by it is java"));
  EXPECT_THAT(Locate(9).error, HasSubstr("its main process 9 cannot be looked at"));
  EXPECT_EQ(Locate(9).running, v1::ANSWER_UNSPECIFIED);
  AddProcess("2", "/jdk/bin/java", {"java", "-jar", "app.jar"}, {}, "/srv/app");
  EXPECT_THAT(Locate(2).error, HasSubstr("names jetty.base"));
  EXPECT_EQ(Locate(2).base, "");
  EXPECT_EQ(Locate(2).running, v1::ANSWER_YES);
}

TEST_F(JettyLayoutTest, TellsHowAStoppedOneWouldBeStarted) {
  std::filesystem::create_directories(directory_ / "bin");
  std::ofstream(directory_ / "bin/java");
  std::filesystem::permissions(directory_ / "bin/java", std::filesystem::perms::owner_all);
  const struct {
    JettyStart start;
    const char* home;
    const char* base;
    std::string java;
    std::vector<std::string> arguments;
  } cases[] = {
      // Debian 12's jetty9.service.
      {{0,
        "/usr/share/jetty9/",
        {{"JETTY_HOME", "/usr/share/jetty9/"}, {"JAVA_OPTS", "-Djava.awt.headless=true"}, {"PATH", directory_ / "bin"}},
        {"/usr/share/jetty9/bin/jetty.sh", "run"}},
       "/usr/share/jetty9",
       "/usr/share/jetty9",
       directory_ / "bin/java",
       {}},
      {{0,
        "",
        {{"JETTY_BASE", "/srv/app"}, {"JAVA_HOME", "/jdk/"}, {"JETTY_ARGS", "a=1  --module=x"}, {"PATH", "/none"}},
        {"/opt/jetty/bin/jetty.sh", "run"}},
       "/srv/app",
       "/srv/app",
       "/jdk/bin/java",
       {"a=1", "--module=x"}},
      {{0, "", {{"JAVA_OPTIONS", "-Djetty.base=/b -Djetty.home=/h"}, {"JAVA", "/x/java"}}, {"/usr/bin/start"}},
       "/h",
       "/b",
       "/x/java",
       {}},
      {{0, "/srv/app", {}, {"/jdk/bin/java", "-jar", "/opt/jetty/start.jar", "a=1"}},
       "/opt/jetty",
       "/srv/app",
       "/jdk/bin/java",
       {"a=1"}},
      {{0, "", {{"PATH", "/none"}}, {"/opt/jetty/bin/jetty.sh", "run"}}, "/opt/jetty", "/opt/jetty", "", {}},
  };
  for (const auto& test : cases) {
    const JettyLayout layout = LocateJetty(test.start, directory_.path());
    const std::string what = absl::StrJoin(test.start.exec_start, " ");
    EXPECT_EQ(layout.error, "") << what;
    EXPECT_EQ(layout.running, v1::ANSWER_NO) << what;
    EXPECT_EQ(layout.home, test.home) << what;
    EXPECT_EQ(layout.base, test.base) << what;
    EXPECT_EQ(layout.java, test.java) << what;
    EXPECT_EQ(layout.arguments, test.arguments) << what;
  }
  const JettyLayout unknown = LocateJetty({0, "", {}, {"/usr/bin/start"}}, directory_.path());
  EXPECT_THAT(unknown.error, HasSubstr("names jetty.base"));
  EXPECT_THAT(unknown.home, IsEmpty());
}

}  // namespace
}  // namespace jettyfleet
