#include "agent/inspect/jetty/start_arguments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace jettyfleet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(StartArguments, ReadsLinesAsStartJarDoes) {
  const struct {
    const char* text;
    std::vector<std::string> modules;
    std::map<std::string, std::string> properties;
    std::vector<std::string> xml_files;
  } cases[] = {
      {"--module=deploy,http, jsp\n--modules=sessions\n--module=http\n", {"deploy", "http", "jsp", "sessions"}, {}, {}},
      {"--add-module=session-store-jdbc", {"session-store-jdbc"}, {}, {}},
      {"# --module=ssl\n#jetty.http.port=1\n\n   \n", {}, {}, {}},
      {"jetty.http.port=8080\r\njetty.http.port=8081\r\n", {}, {{"jetty.http.port", "8081"}}, {}},
      {"  a=b=c d  ", {}, {{"a", "b=c d"}}, {}},
      {"-Da=1\n-Db\n", {}, {{"a", "1"}, {"b", ""}}, {}},
      {"a?=1\na?=2\nb=3\nb?=4\n", {}, {{"a", "1"}, {"b", "3"}}, {}},
      {"a+=,1\na+=,2\n", {}, {{"a", "1,2"}}, {}},
      {"--exec\n-Xmx1g\n--lib=lib/x.jar\n", {}, {}, {}},
      {"jetty-started.xml\netc/my.XML\netc/my.XML\n", {}, {}, {"jetty-started.xml", "etc/my.XML"}},
      {"what is this", {}, {}, {}},
  };
  for (const auto& test : cases) {
    StartArguments arguments;
    EXPECT_TRUE(AddStartText(test.text, "test.ini", &arguments).ok()) << test.text;
    EXPECT_EQ(arguments.modules, test.modules) << test.text;
    EXPECT_EQ(arguments.properties, test.properties) << test.text;
    EXPECT_EQ(arguments.xml_files, test.xml_files) << test.text;
  }
}

TEST(StartArguments, NotesIncludedDirectories) {
  StartArguments arguments;
  EXPECT_TRUE(
      AddStartText("--include-jetty-dir=/srv/common\n--include-jetty-dir=${jetty.home}/x", "", &arguments).ok());
  EXPECT_THAT(arguments.included_directories, ElementsAre("/srv/common", "${jetty.home}/x"));
}

TEST(StartArguments, RefusesWhatIsTooMuch) {
  StartArguments arguments;
  const absl::Status long_line = AddStartText(std::string(20000, 'a') + "=1", "start.ini", &arguments);
  EXPECT_THAT(std::string(long_line.message()), HasSubstr("start.ini: a line is longer than"));
  EXPECT_THAT(arguments.properties, IsEmpty());
  std::string modules;
  for (int i = 0; i < 1001; ++i) modules += "--module=m" + std::to_string(i) + "\n";
  EXPECT_FALSE(AddStartText(modules, "start.ini", &arguments).ok());
  std::string properties;
  for (int i = 0; i < 5001; ++i) properties += "p" + std::to_string(i) + "=1\n";
  StartArguments others;
  EXPECT_FALSE(AddStartText(properties, "start.ini", &others).ok());
  for (const std::string before : {"", "--include-jetty-dir=/srv/"}) {
    std::string files;
    for (int i = 0; i < 201; ++i) files += before + std::to_string(i) + ".xml\n";
    StartArguments many;
    EXPECT_THAT(std::string(AddStartText(files, "start.ini", &many).message()), HasSubstr("more than 200 XML files"));
  }
  std::string one_line = "--module=";
  for (int i = 0; i < 1500; ++i) one_line += "m" + std::to_string(i) + ",";
  StartArguments wide;
  EXPECT_FALSE(AddStartText(one_line, "start.ini", &wide).ok());
  EXPECT_LE(wide.modules.size(), 1001u);
}

TEST(ExpandProperties, ReplacesWhatIsSetAndLeavesTheRest) {
  const std::map<std::string, std::string> properties = {
      {"jetty.base", "/srv/app"}, {"dir", "${jetty.base}/sessions"}, {"loop", "x${pool}"}, {"pool", "${loop}y"}};
  const struct {
    const char* text;
    const char* expanded;
  } cases[] = {
      {"plain", "plain"},
      {"${jetty.base}", "/srv/app"},
      {"a${dir}b${ jetty.base }c", "a/srv/app/sessionsb/srv/appc"},
      {"${HOSTNAME}-1", "${HOSTNAME}-1"},
      {"${unclosed", "${unclosed"},
      {"${loop}", "x${loop}y"},
      {"", ""},
  };
  for (const auto& test : cases) EXPECT_EQ(ExpandProperties(test.text, properties), test.expanded) << test.text;
}

// Ten properties that each name the next a hundred times would be 10^20 replacements.
TEST(ExpandProperties, EndsWhateverIsWritten) {
  std::map<std::string, std::string> properties;
  for (int i = 0; i < 10; ++i) {
    for (int n = 0; n < 100; ++n) properties["p" + std::to_string(i)] += "${p" + std::to_string(i + 1) + "}";
  }
  properties["p10"] = "";
  EXPECT_LE(ExpandProperties("${p0}", properties).size(), 16u << 10);
}

}  // namespace
}  // namespace jettyfleet
