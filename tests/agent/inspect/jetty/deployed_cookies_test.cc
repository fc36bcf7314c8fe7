#include "agent/inspect/jetty/deployed_cookies.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/testing/files/temporary_directory.h"

namespace jettyfleet {
namespace {

using ::testing::HasSubstr;

std::string WebXml(const std::string& cookie) {
  return absl::StrCat("<web-app><session-config><cookie-config><name>", cookie,
                      "</name></cookie-config></session-config></web-app>");
}
std::string ContextXml(const std::string& cookie) {
  return absl::StrCat("<Configure class='Context'><Get name='sessionHandler'><Set name='sessionCookie'>", cookie,
                      "</Set></Get></Configure>");
}

class DeployedCookiesTest : public ::testing::Test {
 protected:
  void Write(const std::string& name, const std::string& text) {
    const std::filesystem::path path = directory_ / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }
  DeployedCookies Read() { return ReadDeployedCookies(directory_ / "webapps", directory_ / "webdefault.xml", {}); }

  const TemporaryDirectory directory_;
};

TEST_F(DeployedCookiesTest, WithoutApplicationsTheDefaultsCount) {
  EXPECT_EQ(Read().names, "");
  Write("webdefault.xml", "<web-app/>");
  EXPECT_EQ(Read().names, "");
  Write("webdefault.xml", WebXml("ALL"));
  EXPECT_EQ(Read().names, "ALL");
  EXPECT_EQ(Read().error, "");
}

TEST_F(DeployedCookiesTest, EachLayerHidesTheOneBelow) {
  Write("webapps/a/index.html", "");
  EXPECT_EQ(Read().names, "");
  Write("webdefault.xml", WebXml("ALL"));
  EXPECT_EQ(Read().names, "ALL");
  Write("webapps/a/WEB-INF/web.xml", WebXml("APP"));
  EXPECT_EQ(Read().names, "APP");
  Write("webapps/a/WEB-INF/jetty-web.xml", ContextXml("JETTY"));
  EXPECT_EQ(Read().names, "JETTY");
  Write("webapps/a.xml", ContextXml("CONTEXT"));
  EXPECT_EQ(Read().names, "CONTEXT");
  Write("webapps/a.xml", "<Configure/>");
  EXPECT_EQ(Read().names, "JETTY");
  EXPECT_EQ(Read().error, "");
  EXPECT_EQ(Read().context_xml.size(), 2u);
}

TEST_F(DeployedCookiesTest, ApplicationsMayDiffer) {
  Write("webapps/a/WEB-INF/web.xml", WebXml("APP"));
  Write("webapps/b/index.html", "");
  Write("webapps/.hidden/WEB-INF/web.xml", WebXml("HIDDEN"));
  Write("webapps/b.d/override.xml", "");
  Write("webapps/README.txt", "");
  EXPECT_EQ(Read().names, "APP,JSESSIONID");
}

TEST_F(DeployedCookiesTest, SaysWhatItCouldNotRead) {
  Write("webapps/a.war", "no archive");
  EXPECT_THAT(Read().error, HasSubstr("webapps/a.war: is no archive"));
  std::filesystem::remove(directory_ / "webapps/a.war");
  Write("webapps/a/WEB-INF/web.xml", "no xml");
  EXPECT_THAT(Read().error, HasSubstr("webapps/a: is no XML"));
  std::filesystem::remove_all(directory_ / "webapps/a");
  Write("webapps/a.xml", "<Configure><Set name='sessionCookie'><Call name='x'/></Set></Configure>");
  EXPECT_THAT(Read().error, HasSubstr("the cookie's name is computed"));
  for (int i = 0; i < 70; ++i) Write(absl::StrCat("webapps/", i, "/x"), "");
  std::filesystem::remove(directory_ / "webapps/a.xml");
  EXPECT_THAT(Read().error, HasSubstr("more than 64"));
}

}  // namespace
}  // namespace jettyfleet
