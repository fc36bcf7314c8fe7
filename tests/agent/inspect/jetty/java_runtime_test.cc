#include "agent/inspect/jetty/java_runtime.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/testing/files/temporary_directory.h"

namespace jettyfleet {
namespace {

using ::testing::HasSubstr;

// The first lines of the files of Debian's and Adoptium's JDKs.
constexpr char kDebian[] =
    "IMPLEMENTOR=\"Debian\"\nJAVA_RUNTIME_VERSION=\"17.0.21.1+2-1-deb12u1-Debian\"\nJAVA_VERSION=\"17.0.21.1\"\n"
    "JAVA_VERSION_DATE=\"2026-11-17\"\n";
constexpr char kAdoptium[] =
    "IMPLEMENTOR=\"Eclipse Adoptium\"\nIMPLEMENTOR_VERSION=\"Temurin-25.0.3+9\"\nJAVA_VERSION=\"25.0.3\"\n";

TEST(ReleaseValue, ReadsIt) {
  EXPECT_EQ(ReleaseValue(kDebian, "JAVA_VERSION"), "17.0.21.1");
  EXPECT_EQ(ReleaseValue(kAdoptium, "IMPLEMENTOR"), "Eclipse Adoptium");
  EXPECT_EQ(ReleaseValue("JAVA_VERSION=1.8.0\r\n", "JAVA_VERSION"), "1.8.0");
  EXPECT_EQ(ReleaseValue(kDebian, "JAVA"), "");
}

TEST(JettyVersionOfJar, ReadsNames) {
  EXPECT_EQ(JettyVersionOfJar("jetty-server-9.4.57.v20241219.jar"), "9.4.57.v20241219");
  EXPECT_EQ(JettyVersionOfJar("jetty-server-12.0.17.jar"), "12.0.17");
  for (const char* const name :
       {"jetty-servlet-9.jar", "jetty-server-.jar", "jetty-server-tests.jar", "jetty-server-9"}) {
    EXPECT_EQ(JettyVersionOfJar(name), "") << name;
  }
}

class ReadRuntimeTest : public ::testing::Test {
 protected:
  ReadRuntimeTest() {
    Write("jdk/bin/java", "");
    Write("jdk/release", kDebian);
    Write("home/lib/jetty-server-9.4.57.v20241219.jar", "");
    layout_.java = directory_ / "jdk/bin/java";
    layout_.home = directory_ / "home";
    layout_.base = "/srv/app";
    layout_.running = v1::ANSWER_YES;
  }
  void Write(const std::string& name, const std::string& text) {
    const std::filesystem::path path = directory_ / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }

  const TemporaryDirectory directory_;
  JettyLayout layout_;
};

TEST_F(ReadRuntimeTest, TellsVersions) {
  const v1::RuntimeFact fact = ReadRuntime(layout_);
  EXPECT_EQ(fact.error(), "");
  EXPECT_EQ(fact.java_version(), "17.0.21.1");
  EXPECT_EQ(fact.java_vendor(), "Debian");
  EXPECT_EQ(fact.jetty_version(), "9.4.57.v20241219");
  EXPECT_EQ(fact.java_executable(), layout_.java);
  EXPECT_EQ(fact.jetty_home(), layout_.home);
  EXPECT_EQ(fact.jetty_base(), "/srv/app");
  EXPECT_EQ(fact.running(), v1::ANSWER_YES);
}

TEST_F(ReadRuntimeTest, KnowsTheOldLayoutOfAJdk) {
  Write("old/jre/bin/java", "");
  Write("old/release", "JAVA_VERSION=\"1.8.0_392\"\n");
  layout_.java = directory_ / "old/jre/bin/java";
  EXPECT_EQ(ReadRuntime(layout_).java_version(), "1.8.0_392");
  EXPECT_EQ(ReadRuntime(layout_).error(), "");
}

TEST_F(ReadRuntimeTest, DoesNotTakeWhatLiesOnDiskForWhatRuns) {
  layout_.java += " (deleted)";
  EXPECT_EQ(ReadRuntime(layout_).java_version(), "");
  EXPECT_THAT(ReadRuntime(layout_).error(), HasSubstr("was replaced on disk"));
  EXPECT_EQ(ReadRuntime(layout_).jetty_version(), "9.4.57.v20241219");
}

TEST_F(ReadRuntimeTest, SaysWhatItCouldNotTell) {
  std::filesystem::remove(directory_ / "jdk/release");
  EXPECT_THAT(ReadRuntime(layout_).error(), HasSubstr("Java's version: "));
  Write("jdk/release", "NOTHING=1\n");
  EXPECT_THAT(ReadRuntime(layout_).error(), HasSubstr("holds no JAVA_VERSION"));
  layout_.java.clear();
  EXPECT_THAT(ReadRuntime(layout_).error(), HasSubstr("no java was found"));
  Write("home/lib/jetty-server-9.4.58.jar", "");
  EXPECT_THAT(ReadRuntime(layout_).error(), HasSubstr("more than one jetty-server-VERSION.jar"));
  EXPECT_EQ(ReadRuntime(layout_).jetty_version(), "");
  layout_.home = directory_ / "nowhere";
  EXPECT_THAT(ReadRuntime(layout_).error(), HasSubstr("Jetty's version: "));
}

TEST_F(ReadRuntimeTest, FallsBackToStartJar) {
  std::filesystem::remove(directory_ / "home/lib/jetty-server-9.4.57.v20241219.jar");
  // A stored member needs no program to be made: its sizes are those of the text.
  const std::string name = "META-INF/MANIFEST.MF",
                    text = "Manifest-Version: 1.0\r\nImplementation-Version: 12.0.17\r\n";
  const auto number = [](std::size_t value, int bytes) {
    std::string out;
    for (int i = 0; i < bytes; ++i) out.push_back(static_cast<char>(value >> 8 * i & 0xff));
    return out;
  };
  const std::string sizes = number(text.size(), 4) + number(text.size(), 4) + number(name.size(), 2) + number(0, 2);
  const std::string common = number(20, 2) + number(0, 12) + sizes;
  const std::string local = number(0x04034b50, 4) + common + name + text;
  const std::string entry = number(0x02014b50, 4) + number(20, 2) + common + number(0, 14) + name;
  Write("home/start.jar", local + entry + number(0x06054b50, 4) + number(0, 8) + number(entry.size(), 4) +
                              number(local.size(), 4) + number(0, 2));
  EXPECT_EQ(ReadRuntime(layout_).error(), "");
  EXPECT_EQ(ReadRuntime(layout_).jetty_version(), "12.0.17");
}

TEST_F(ReadRuntimeTest, WhatCouldNotBeLookedAtIsUnknown) {
  layout_.running = v1::ANSWER_UNSPECIFIED;
  layout_.error = "its main process 9 cannot be looked at";
  const v1::RuntimeFact fact = ReadRuntime(layout_);
  EXPECT_EQ(fact.error(), layout_.error);
  EXPECT_EQ(fact.java_version(), "");
  EXPECT_EQ(fact.running(), v1::ANSWER_UNSPECIFIED);
}

}  // namespace
}  // namespace jettyfleet
