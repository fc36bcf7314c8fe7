#include "agent/inspect/jetty/masked_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/testing/files/temporary_directory.h"

namespace jettyfleet {
namespace {

using ::testing::HasSubstr;

class MaskedTextTest : public ::testing::Test {
 protected:
  MaskedTextTest() {
    std::filesystem::create_directories(directory_ / "etc/start.d");
    std::filesystem::create_directories(directory_ / "other");
    Write("etc/start.ini", "jetty.http.port=8080\nx.password=hunter2\n");
    Write("etc/start.d/a.ini", "a=1\n");
    Write("other/shadow", "root:x\n");
  }
  void Write(const std::string& name, const std::string& text) { std::ofstream(directory_ / name) << text; }
  v1::TextFact Read(const std::string& name) { return ReadMaskedText(directory_ / name, {directory_ / "etc"}); }

  const TemporaryDirectory directory_;
};

TEST_F(MaskedTextTest, ReadsBelowARootWithSecretsMasked) {
  const v1::TextFact fact = Read("etc/start.ini");
  EXPECT_EQ(fact.error(), "");
  EXPECT_EQ(fact.path(), directory_ / "etc/start.ini");
  EXPECT_EQ(fact.text(), "jetty.http.port=8080\nx.password=***f52f\n");
  EXPECT_FALSE(fact.cut_short());
  EXPECT_EQ(Read("etc//start.d/a.ini").text(), "a=1\n");
  // A root may be a file, and may be named with a slash at its end.
  EXPECT_EQ(ReadMaskedText(directory_ / "etc/start.d/a.ini", {directory_ / "etc/start.d/a.ini"}).text(), "a=1\n");
  EXPECT_EQ(ReadMaskedText(directory_ / "etc/start.d/a.ini", {"/nowhere", directory_ / "etc/"}).text(), "a=1\n");
}

TEST_F(MaskedTextTest, ReadsNothingElse) {
  std::filesystem::create_symlink(directory_ / "other/shadow", directory_ / "etc/link.ini");
  std::filesystem::create_symlink(directory_ / "other", directory_ / "etc/dir");
  ASSERT_EQ(mkfifo((directory_ / "etc/fifo").c_str(), 0600), 0);
  const struct {
    const char* name;
    const char* error;
  } cases[] = {
      {"other/shadow", "is not below"},
      {"etcetera", "is not below"},
      {"etc/../other/shadow", "no '.' and no '..'"},
      {"etc/link.ini", "symbolic link"},
      {"etc/dir/shadow", "symbolic link"},
      {"etc/fifo", "is not a regular file"},
      {"etc/start.d", "is not a regular file"},
      {"etc", "is not a regular file"},
      {"etc/missing", "No such file"},
      {"etc/start.ini/x", "no directory"},
  };
  for (const auto& test : cases) {
    const v1::TextFact fact = Read(test.name);
    EXPECT_THAT(fact.error(), HasSubstr(test.error)) << test.name;
    EXPECT_EQ(fact.text(), "") << test.name;
  }
  EXPECT_NE(ReadMaskedText("relative/path", {""}).error(), "");
}

TEST_F(MaskedTextTest, ARootMayBeALink) {
  std::filesystem::create_symlink(directory_ / "etc/start.d", directory_ / "start.d");
  EXPECT_EQ(ReadMaskedText(directory_ / "start.d/a.ini", {directory_ / "start.d"}).text(), "a=1\n");
}

TEST_F(MaskedTextTest, IsBounded) {
  Write("etc/long", std::string(100000, 'a'));
  const v1::TextFact fact = Read("etc/long");
  EXPECT_EQ(fact.text().size(), kMaskedTextLimit);
  EXPECT_TRUE(fact.cut_short());
}

TEST_F(MaskedTextTest, IsFitForATerminal) {
  Write("etc/bytes", std::string("\xff ok \xc3\xa9 \x1b[31m \xc2\x9b \xed\xa0\x80\t\r\nend") + '\0' + ".");
  EXPECT_EQ(Read("etc/bytes").text(), "? ok \xc3\xa9 ?[31m ? ???\t\nend?.");
}

}  // namespace
}  // namespace jettyfleet
