#include "agent/inspect/jetty/jetty_facts.h"

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
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

// The layout of Debian's jetty9: a base in /usr/share whose parts are links to /etc and /var.
class JettyFactsTest : public ::testing::Test {
 protected:
  JettyFactsTest() {
    Write("etc/jetty9/start.ini", "--module=deploy,http,ext\njetty.http.port=8080\n");
    std::filesystem::create_directories(directory_ / "etc/jetty9/start.d");
    Write("etc/jetty9/sessions/id-manager.xml",
          "<Configure><Set name='workerName'><Property name='jetty.sessionIdManager.workerName'><Default>node<Env "
          "name='JETTY_WORKER_INSTANCE' default='0'/></Default></Property></Set></Configure>");
    Write("etc/jetty9/webdefault.xml", "<web-app/>");
    Write("etc/default/jetty9", "VERBOSE=yes\n");
    Write("share/modules/sessions.mod", "[xml]\netc/sessions/id-manager.xml\n");
    Write("share/modules/session-store-jdbc.mod", "[depend]\nsessions\nsessions/jdbc/${db-connection-type}\n");
    Write("share/modules/session-store-file.mod", "[depend]\nsessions\n");
    Write("share/modules/session-cache-null.mod", "[depend]\nsessions\n");
    Write("share/modules/sessions/jdbc/driver.mod", "");
    Write("share/lib/jetty-server-9.4.57.v20241219.jar", "");
    Write("share/lib/ext/driver.jar", "");
    Write("var/webapps/app/index.html", "");
    Write("log/x", "");
    Link("etc/jetty9", "share/etc");
    Link("etc/jetty9/start.ini", "share/start.ini");
    Link("etc/jetty9/start.d", "share/start.d");
    Link("var/webapps", "share/webapps");
    Link("log", "share/logs");
    unit_.environment = {{"JETTY_HOME", directory_ / "share/"},
                         {"JAVA", "/none/java"},
                         {"JETTY_ARGS", "jetty.state=" + (directory_ / "var/jetty.state")}};
    unit_.exec_start = {directory_ / "share/bin/jetty.sh", "run"};
    unit_.working_directory = directory_ / "share/";
    unit_.facts.add_environment_files()->set_path(directory_ / "etc/default/jetty9");
  }
  void Write(const std::string& name, const std::string& text) {
    const std::filesystem::path path = directory_ / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }
  void Link(const std::string& target, const std::string& name) {
    std::filesystem::create_symlink(directory_ / target, directory_ / name);
  }

  const TemporaryDirectory directory_;
  UnitState unit_;
};

TEST_F(JettyFactsTest, FindsPlacesWithLinksResolved) {
  const JettyFacts facts = ReadJetty(unit_);
  EXPECT_EQ(facts.runtime.jetty_base(), directory_ / "share");
  EXPECT_EQ(facts.runtime.jetty_version(), "9.4.57.v20241219");
  EXPECT_EQ(facts.runtime.running(), v1::ANSWER_NO);
  EXPECT_THAT(facts.archive_roots, ElementsAre(directory_ / "var/webapps", directory_ / "share/lib/ext"));
  // start.ini and start.d lie below etc.
  EXPECT_THAT(facts.configuration_roots, Contains(directory_ / "etc/jetty9"));
  EXPECT_THAT(facts.configuration_roots, Contains(directory_ / "etc/default/jetty9"));
  EXPECT_THAT(facts.configuration_roots, Contains(directory_ / "share/modules"));
  EXPECT_THAT(facts.configuration_roots, ::testing::Not(Contains(directory_ / "etc/jetty9/start.ini")));
  EXPECT_THAT(facts.writable_paths, UnorderedElementsAre(directory_ / "log", directory_ / "var"));
  EXPECT_EQ(facts.sessions.error(), "");
  EXPECT_EQ(facts.sessions.store(), "memory");
  EXPECT_EQ(facts.sessions.cache(), "default");
  EXPECT_EQ(facts.sessions.worker_name(), "");
  EXPECT_EQ(facts.sessions.cookie(), "");
  EXPECT_THAT(facts.stores, IsEmpty());
}

// The files of start.d are those of the lab.
TEST_F(JettyFactsTest, ReadsSessionsOfTheLab) {
  Write("etc/jetty9/start.d/worker-name.ini", "--module=sessions\njetty.sessionIdManager.workerName=node-01\n");
  Write("etc/jetty9/start.d/session-store-jdbc.ini",
        "--module=session-store-jdbc\ndb-connection-type=driver\n"
        "jetty.session.jdbc.driverClass=org.postgresql.Driver\n"
        "jetty.session.jdbc.driverUrl=jdbc:postgresql://ops-01:5432/sessions?user=jetty&password=hunter2\n");
  Write("etc/jetty9/start.d/session-cache-null.ini", "--module=session-cache-null\n");
  const JettyFacts facts = ReadJetty(unit_);
  EXPECT_EQ(facts.sessions.error(), "");
  EXPECT_EQ(facts.sessions.store(), "jdbc");
  EXPECT_EQ(facts.sessions.cache(), "null");
  EXPECT_EQ(facts.sessions.worker_name(), "node-01");
  ASSERT_EQ(facts.stores.size(), 1u);
  EXPECT_EQ(StoreAddressText(facts.stores[0]), "ops-01:5432");
  EXPECT_THAT(facts.sessions.DebugString(), ::testing::Not(HasSubstr("hunter2")));
  EXPECT_EQ(facts.session_store_directory, "");
}

TEST_F(JettyFactsTest, ReadsAFileStore) {
  Write("etc/jetty9/start.d/session-store-file.ini",
        "--module=session-store-file\njetty.session.file.storeDir=${jetty.base}/sessions\n");
  const JettyFacts facts = ReadJetty(unit_);
  EXPECT_EQ(facts.sessions.store(), "file");
  EXPECT_EQ(facts.session_store_directory, directory_ / "share/sessions");
}

TEST_F(JettyFactsTest, FollowsTheDeploymentDirectory) {
  Write("srv/apps/a/WEB-INF/web.xml",
        "<web-app><session-config><cookie-config><name>SID</name></cookie-config></session-config></web-app>");
  Write("etc/jetty9/start.d/deploy.ini", "jetty.deploy.monitoredPath=" + (directory_ / "srv/apps"));
  const JettyFacts facts = ReadJetty(unit_);
  EXPECT_THAT(facts.archive_roots, Contains(directory_ / "srv/apps"));
  EXPECT_EQ(facts.sessions.cookie(), "SID");
}

TEST_F(JettyFactsTest, SaysWhatItCouldNotRead) {
  Write("etc/jetty9/start.d/a.ini", "--module=sessions\n");
  Write("etc/jetty9/sessions/id-manager.xml", "no xml");
  EXPECT_THAT(ReadJetty(unit_).sessions.error(), HasSubstr("etc/sessions/id-manager.xml: is no XML"));
  unit_.environment.clear();
  unit_.exec_start.clear();
  unit_.working_directory.clear();
  const JettyFacts facts = ReadJetty(unit_);
  EXPECT_THAT(facts.sessions.error(), HasSubstr("Jetty's configuration was not found: "));
  EXPECT_EQ(facts.sessions.store(), "unknown");
  EXPECT_NE(facts.runtime.error(), "");
  EXPECT_THAT(facts.configuration_roots, ElementsAre(directory_ / "etc/default/jetty9"));
}

}  // namespace
}  // namespace jettyfleet
