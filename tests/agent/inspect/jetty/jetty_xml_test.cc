#include "agent/inspect/jetty/jetty_xml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace jettyfleet {
namespace {

using ::testing::ElementsAre;

// Shaped as the file that Jetty ships for its sessions module.
constexpr char kIdManager[] = R"(<?xml version="1.0"?>
<!DOCTYPE Configure PUBLIC "-//Jetty//Configure//EN" "https://jetty.org/configure_9_3.dtd">
<Configure id="Server" class="org.eclipse.jetty.server.Server">
  <Set name="sessionIdManager">
    <New id="idMgr" class="org.eclipse.jetty.server.session.DefaultSessionIdManager">
      <Arg><Ref refid="Server"/></Arg>
      <Set name="workerName">
        <Property name="jetty.sessionIdManager.workerName">
          <Default>node<Env name="JETTY_WORKER_INSTANCE"><Default>
            <Env name="GAE_MODULE_INSTANCE"><Default>0</Default></Env></Default></Env>
          </Default>
        </Property>
      </Set>
    </New>
  </Set>
</Configure>)";

TEST(JettyXml, TellsTheWorkerNameAsJettyWould) {
  const struct {
    std::map<std::string, std::string> properties, environment;
    const char* name;
  } cases[] = {
      {{}, {}, "node0"},
      {{{"jetty.sessionIdManager.workerName", "web-1"}}, {{"JETTY_WORKER_INSTANCE", "7"}}, "web-1"},
      {{}, {{"JETTY_WORKER_INSTANCE", "7"}, {"GAE_MODULE_INSTANCE", "8"}}, "node7"},
      {{}, {{"GAE_MODULE_INSTANCE", "8"}}, "node8"},
  };
  for (const auto& test : cases) {
    const absl::StatusOr<JettyXml> xml = ReadJettyXml(kIdManager, {test.properties, test.environment});
    ASSERT_TRUE(xml.ok()) << xml.status();
    EXPECT_EQ(xml->worker_name, test.name);
    EXPECT_THAT(xml->classes, ElementsAre("org.eclipse.jetty.server.Server",
                                          "org.eclipse.jetty.server.session.DefaultSessionIdManager"));
  }
}

TEST(JettyXml, ReadsSettingsInTheirForms) {
  const XmlLookup lookup = {{{"dir", "/srv/s"}, {"cookie", "APP"}}, {{"HOSTNAME", "node-02"}}};
  const struct {
    const char* inside;
    std::optional<std::string> worker, cookie, directory;
  } cases[] = {
      {"<Set name='workerName'>a</Set>", "a", {}, {}},
      {"<Set name='WorkerName'> <Env name='HOSTNAME'/> </Set>", "node-02", {}, {}},
      {"<Set name='workerName'>x-<Property><Name>no</Name><Default>d</Default></Property></Set>", "x-d", {}, {}},
      {"<Set name='workerName'><Property name='no' default='e'/></Set>", "e", {}, {}},
      {"<Call name='setWorkerName'><Arg>b</Arg></Call>", "b", {}, {}},
      // Computed by Java, so that the text does not tell.
      {"<Set name='workerName'><Call class='java.net.InetAddress' name='getLocalHost'/></Set>", "", {}, {}},
      {"<Set name='workerName' property='no'/>", {}, {}, {}},
      {"<Set name='sessionCookie' property='cookie'/>", {}, "APP", {}},
      {"<Get name='sessionHandler'><Set name='sessionCookie'>SID</Set></Get>", {}, "SID", {}},
      {"<Set name='storeDir'><Property name='dir'/></Set>", {}, {}, "/srv/s"},
      {"<!-- <Set name='workerName'>no</Set> -->", {}, {}, {}},
  };
  for (const auto& test : cases) {
    const absl::StatusOr<JettyXml> xml = ReadJettyXml(absl::StrCat("<Configure>", test.inside, "</Configure>"), lookup);
    ASSERT_TRUE(xml.ok()) << test.inside;
    EXPECT_EQ(xml->worker_name, test.worker) << test.inside;
    EXPECT_EQ(xml->cookie, test.cookie) << test.inside;
    EXPECT_EQ(xml->store_directory, test.directory) << test.inside;
  }
}

TEST(JettyXml, FindsStoresByTheirUrls) {
  const absl::StatusOr<JettyXml> xml = ReadJettyXml(
      "<Configure><New class='x.DataSource'><Set name='url'>jdbc:postgresql://<Property name='db' default='h'/>/s</Set>"
      "<Set name='other' value='redis://c'/><Arg>mongodb://m</Arg><Arg>http://no</Arg></New></Configure>",
      {});
  ASSERT_TRUE(xml.ok());
  EXPECT_THAT(xml->store_urls, ElementsAre("jdbc:postgresql://h/s", "redis://c", "mongodb://m"));
}

TEST(JettyXml, IsNotDrownedByElementsOrDepth) {
  std::string deep, ends;
  for (int i = 0; i < 5000; ++i) {
    absl::StrAppend(&deep, "<Set name='workerName'><Property name='x'><Default>");
    absl::StrAppend(&ends, "</Default></Property></Set>");
  }
  EXPECT_TRUE(ReadJettyXml(deep + ends, {}).ok());
  std::string wide = "<Configure>";
  for (int i = 0; i < 30000; ++i) wide += "<New class='c'/>";
  const absl::StatusOr<JettyXml> xml = ReadJettyXml(wide + "</Configure>", {});
  ASSERT_TRUE(xml.ok());
  EXPECT_LE(xml->classes.size(), 20000u);
}

TEST(JettyXml, RefusesWhatIsNone) {
  for (const char* const text : {"", "jetty.http.port=1", "<Configure>"}) {
    EXPECT_FALSE(ReadJettyXml(text, {}).ok()) << text;
    EXPECT_FALSE(CookieOfDescriptor(text).ok()) << text;
  }
}

TEST(CookieOfDescriptor, ReadsWhatAWebXmlSays) {
  const struct {
    const char* inside;
    const char* cookie;
  } cases[] = {
      {"", ""},
      {"<session-config><session-timeout>30</session-timeout></session-config>", ""},
      {"<session-config><cookie-config><name> SID </name><secure>true</secure></cookie-config></session-config>",
       "SID"},
      {"<context-param><param-name>x</param-name><param-value>y</param-value></context-param>"
       "<context-param><param-name>org.eclipse.jetty.servlet.SessionCookie</param-name><param-value>C</param-value>"
       "</context-param>",
       "C"},
  };
  for (const auto& test : cases) {
    const absl::StatusOr<std::string> cookie =
        CookieOfDescriptor(absl::StrCat("<web-app xmlns='x'>", test.inside, "</web-app>"));
    ASSERT_TRUE(cookie.ok()) << test.inside;
    EXPECT_EQ(*cookie, test.cookie) << test.inside;
  }
}

}  // namespace
}  // namespace jettyfleet
