#include "agent/inspect/jetty/start_arguments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace jettyfleet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

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
    EXPECT_EQ(arguments.modules.in_order(), test.modules) << test.text;
    EXPECT_EQ(arguments.properties, test.properties) << test.text;
    EXPECT_EQ(arguments.xml_files.in_order(), test.xml_files) << test.text;
  }
}

TEST(StartArguments, NotesIncludedDirectories) {
  StartArguments arguments;
  EXPECT_TRUE(
      AddStartText("--include-jetty-dir=/srv/common\n--include-jetty-dir=${jetty.home}/x", "", &arguments).ok());
  EXPECT_THAT(arguments.included_directories.in_order(), ElementsAre("/srv/common", "${jetty.home}/x"));
}

TEST(StartArguments, RefusesWhatIsTooMuch) {
  StartArguments arguments;
  const absl::Status long_line = AddStartText(std::string(20000, 'a') + "=1", "start.ini", &arguments);
  EXPECT_THAT(std::string(long_line.message()), HasSubstr("start.ini: a line is longer than"));
  EXPECT_THAT(arguments.properties, IsEmpty());
}

TEST(StartArguments, AddsNoMoreThanIsSensible) {
  const struct {
    const char* before;
    const char* after;
    std::size_t most;
    const char* what;
  } cases[] = {
      {"--module=m", "\n", 1000, "modules"},
      {"p", "=1\n", 5000, "properties"},
      {"-Dp", "\n", 5000, "properties"},
      {"p", "?=1\n", 5000, "properties"},
      {"p", "+=1\n", 5000, "properties"},
      {"f", ".xml\n", 500, "XML files"},
      {"--include-jetty-dir=/d", "\n", 64, "included directories"},
  };
  for (const auto& test : cases) {
    std::string text;
    const auto line = [&](int number) { return test.before + std::to_string(number) + test.after; };
    for (std::size_t i = 0; i < test.most; ++i) text += line(i);
    StartArguments arguments;
    EXPECT_TRUE(AddStartText(text + text, "start.ini", &arguments).ok()) << test.what;
    const auto size = [&] {
      return arguments.modules.size() + arguments.properties.size() + arguments.xml_files.size() +
             arguments.included_directories.size();
    };
    const std::size_t before = size();
    // One that is known already is no more.
    EXPECT_TRUE(AddStartLine(line(0), "a", &arguments).ok()) << test.what;
    for (int i = 6000; i < 9000; ++i) text += line(i);
    const absl::Status status = AddStartText(text, "b.ini", &arguments);
    EXPECT_THAT(std::string(status.message()), StartsWith("b.ini: ")) << test.what;
    EXPECT_THAT(std::string(status.message()), HasSubstr(test.what));
    EXPECT_EQ(size(), before) << test.what;
  }
}

TEST(StartArguments, AddsNoMoreModulesOfOneLine) {
  std::string line = "--modules=m";
  for (int i = 0; i < 1100; ++i) line += "," + std::to_string(i);
  StartArguments arguments;
  EXPECT_FALSE(AddStartLine(line, "", &arguments).ok());
  EXPECT_EQ(arguments.modules.size(), 1000u);
}

TEST(StartArguments, SaysWhatAPropertyLacksRoomFor) {
  StartArguments arguments;
  const std::string more = "a+=" + std::string(6000, 'x');
  EXPECT_TRUE(AddStartText(more + "\n" + more, "", &arguments).ok());
  EXPECT_EQ(AddStartLine(more, "b.ini", &arguments).message(), "b.ini: property a gets longer than 16 KiB");
  EXPECT_EQ(arguments.properties["a"].size(), 12000u);
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
