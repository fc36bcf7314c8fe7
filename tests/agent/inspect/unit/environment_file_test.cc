#include "agent/inspect/unit/environment_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

namespace jettyfleet {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

std::map<std::string, std::string> Read(const std::string& text) {
  std::map<std::string, std::string> environment;
  ReadEnvironmentFile(text, &environment);
  return environment;
}

TEST(EnvironmentFile, ReadsValuesAsSystemdDoes) {
  struct Case {
    std::string value;
    std::string expected;
  };
  const Case cases[] = {
      {"/usr/share/jetty9", "/usr/share/jetty9"},
      {"", ""},
      {"  two words  ", "two words"},
      {"\"two  words \"", "two  words "},
      {"'single \"quoted\" \\n'", "single \"quoted\" \\n"},
      {"\"-Xmx512m -Djava.io.tmpdir=/tmp\" # no comment", "-Xmx512m -Djava.io.tmpdir=/tmp# no comment"},
      {"\"one\"'two' three", "onetwothree"},
      // A quote within a word is a letter.
      {"it's", "it's"},
      {"a\"b\"", "a\"b\""},
      {"with\\ blank\\ ", "with blank "},
      {"one \\\n two", "one  two"},
      {"\"one\ntwo\"", "one\ntwo"},
      {"\"one\\\ntwo\"", "onetwo"},
      {"\"\\$HOME \\\\ \\` \\\" \\n\"", "$HOME \\ ` \" \\n"},
      {"a=b=c", "a=b=c"},
      // An end in the middle of something.
      {"\"open", "open"},
      {"'open", "open"},
      {"end\\", "end"},
  };
  for (const Case& c : cases) {
    EXPECT_THAT(Read("JAVA_OPTIONS=" + c.value), ElementsAre(Pair("JAVA_OPTIONS", c.expected))) << c.value;
    EXPECT_THAT(Read("JAVA_OPTIONS=" + c.value + "\n"), testing::Contains(testing::Key("JAVA_OPTIONS"))) << c.value;
  }
}

TEST(EnvironmentFile, TakesTheLastAndPassesOverTheRest) {
  EXPECT_THAT(Read("# JAVA=/no\n"
                   "; JAVA=/neither\n"
                   "# a comment ends with its line \\\n"
                   "\n"
                   "  JAVA = /usr/bin/java\r\n"
                   "no assignment\n"
                   "9LIVES=cat\n"
                   "with-dash=x\n"
                   "=nothing\n"
                   "export A=b\n"
                   "JAVA=/opt/java\n"),
              ElementsAre(Pair("JAVA", "/opt/java")));
  EXPECT_THAT(Read(""), IsEmpty());
  EXPECT_THAT(Read("JAVA"), IsEmpty());
}

TEST(EnvironmentFile, WinsOverWhatWasThere) {
  std::map<std::string, std::string> environment = {{"A", "1"}, {"B", "2"}};
  ReadEnvironmentFile("A=3\n", &environment);
  EXPECT_THAT(environment, ElementsAre(Pair("A", "3"), Pair("B", "2")));
}

}  // namespace
}  // namespace jettyfleet
