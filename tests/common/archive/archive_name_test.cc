#include "common/archive/archive_name.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace jettyfleet {
namespace {

constexpr char kDigest[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST(ArchiveNameTest, Names) {
  const std::string longest(kLongestArchiveName, 'a');
  for (const std::string& good : {std::string("app"), std::string("1.4.2"), std::string("2.0-rc1+b7_x"), longest}) {
    EXPECT_TRUE(CheckArchiveName("version", good).ok()) << good;
  }
  for (const std::string& bad : {std::string(""), std::string("../etc"), std::string(".war"), std::string("-rf"),
                                 std::string("a b"), std::string("a/b"), std::string("\xc3\xa4"), longest + "a"}) {
    const absl::Status checked = CheckArchiveName("version", bad);
    EXPECT_EQ(checked.code(), absl::StatusCode::kInvalidArgument) << bad;
    EXPECT_THAT(std::string(checked.message()), testing::HasSubstr("the archive's version '"));
  }
}

TEST(ArchiveNameTest, Content) {
  EXPECT_TRUE(CheckArchiveContent(kDigest, 1).ok());
  EXPECT_TRUE(CheckArchiveContent(kDigest, kLargestArchiveBytes).ok());
  EXPECT_FALSE(CheckArchiveContent(kDigest, 0).ok());
  EXPECT_FALSE(CheckArchiveContent(kDigest, kLargestArchiveBytes + 1).ok());
  EXPECT_FALSE(CheckArchiveContent("ba78", 1).ok());
}

TEST(ArchiveNameTest, Targets) {
  for (const char* good : {"/app.war", "/var/lib/jetty9/webapps/root.war", "/srv/a b/app-1.war"}) {
    EXPECT_TRUE(CheckArchiveTarget(good).ok()) << good;
  }
  for (const std::string& bad :
       {std::string(""), std::string("app.war"), std::string("/etc/passwd"), std::string("/srv/../etc/app.war"),
        std::string("/srv//app.war"), std::string("/srv/.jettyfleet/app.war"), std::string("/srv/.war"),
        std::string("/srv/app.war/"), std::string("/srv/app\n.war"), "/" + std::string(600, 'a') + ".war"}) {
    EXPECT_EQ(CheckArchiveTarget(bad).code(), absl::StatusCode::kInvalidArgument) << bad;
  }
}

}  // namespace
}  // namespace jettyfleet
