#include "common/pki/directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <set>
#include <string>

#include "absl/time/clock.h"
#include "common/file.h"
#include "common/tls/deny_list.h"
#include "common/tls/tls_files.h"

namespace jettyfleet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class DirectoryTest : public testing::Test {
 protected:
  DirectoryTest() : root_(testing::TempDir() + "/pki_directory_test") {
    std::filesystem::remove_all(root_);
    std::filesystem::create_directory(root_);
  }
  ~DirectoryTest() override { std::filesystem::remove_all(root_); }

  static mode_t Mode(const std::string& path) {
    struct stat about;
    return stat(path.c_str(), &about) == 0 ? about.st_mode & 07777 : 0;
  }

  static std::set<std::string> Names(const std::string& path) {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(path)) names.insert(entry.path().filename());
    return names;
  }

  const std::string root_;
  const std::string pki_ = root_ + "/pki";
  const absl::Time now_ = absl::Now();
};

TEST_F(DirectoryTest, WhatIsIssuedCanBeLoaded) {
  ASSERT_TRUE(InitPki(pki_, "lab", kAuthorityDays, now_).ok());
  EXPECT_THAT(Names(pki_), ElementsAre("ca-key.pem", "ca.pem", "denied"));
  EXPECT_EQ(Mode(pki_), 0700u);
  EXPECT_EQ(Mode(pki_ + "/ca-key.pem"), 0600u);

  const auto info = IssueTo(pki_, {"", Role::kAgent, "blue", "node-01"}, kCertificateDays, root_ + "/out", now_);
  ASSERT_TRUE(info.ok()) << info.status();
  EXPECT_THAT(Names(root_ + "/out"), ElementsAre("ca.pem", "cert.pem", "key.pem"));
  EXPECT_EQ(Mode(root_ + "/out"), 0700u);
  EXPECT_EQ(Mode(root_ + "/out/key.pem"), 0600u);
  const auto loaded = LoadTlsFiles(TlsFilesIn(root_ + "/out"), now_);
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(loaded->identity, (Identity{"lab", Role::kAgent, "blue", "node-01"}));
  EXPECT_EQ(loaded->info.serial, info->serial);
}

TEST_F(DirectoryTest, NothingIsOverwritten) {
  ASSERT_TRUE(InitPki(pki_, "lab", kAuthorityDays, now_).ok());
  const std::string before = ReadSmallFile(pki_ + "/ca-key.pem", 1 << 16).value();
  EXPECT_EQ(InitPki(pki_, "lab", kAuthorityDays, now_).code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(ReadSmallFile(pki_ + "/ca-key.pem", 1 << 16).value(), before);

  const Identity alice{"", Role::kOperator, "", "alice"};
  const std::string out = root_ + "/out";
  for (const char* present : {"/key.pem", "/cert.pem", "/ca.pem"}) {
    std::filesystem::remove_all(out);
    std::filesystem::create_directory(out);
    ASSERT_TRUE(WriteNewFile(out + present, "precious", 0600).ok());
    EXPECT_EQ(IssueTo(pki_, alice, 1, out, now_).status().code(), absl::StatusCode::kAlreadyExists);
    EXPECT_EQ(Names(out).size(), 1u) << "nothing beside it";
    EXPECT_EQ(ReadSmallFile(out + present, 100).value(), "precious");
  }
}

TEST_F(DirectoryTest, BadInputSaysWhatAndChangesNothing) {
  EXPECT_FALSE(InitPki(pki_, "Bad Fleet", kAuthorityDays, now_).ok());
  EXPECT_FALSE(InitPki(pki_, "lab", 0, now_).ok());
  EXPECT_FALSE(std::filesystem::exists(pki_));
  EXPECT_THAT(std::string(IssueTo(pki_, {"", Role::kOperator, "", "a"}, 1, root_ + "/o", now_).status().message()),
              HasSubstr("jettyfleet pki init"));
  ASSERT_TRUE(InitPki(pki_, "lab", 10, now_).ok());
  EXPECT_FALSE(IssueTo(pki_, {"", Role::kOperator, "", "a/b"}, 1, root_ + "/o", now_).ok());
  EXPECT_FALSE(IssueTo(pki_, {"", Role::kAgent, "", "node"}, 1, root_ + "/o", now_).ok());
  EXPECT_THAT(std::string(IssueTo(pki_, {"", Role::kOperator, "", "a"}, 11, root_ + "/o", now_).status().message()),
              HasSubstr("fewer --days"));
  EXPECT_FALSE(std::filesystem::exists(root_ + "/o"));
}

TEST_F(DirectoryTest, DeniedSerialsAreOnTheListOnce) {
  ASSERT_TRUE(InitPki(pki_, "lab", kAuthorityDays, now_).ok());
  DenyList list(pki_ + "/denied");
  EXPECT_TRUE(list.Check("abc").ok());
  ASSERT_TRUE(DenySerial(pki_, "0ABC", now_).ok());
  ASSERT_TRUE(DenySerial(pki_, "abc", now_).ok());
  ASSERT_TRUE(DenySerial(pki_, "ab", now_).ok());
  EXPECT_FALSE(list.Check("abc").ok());
  EXPECT_FALSE(list.Check("ab").ok());
  EXPECT_EQ(ParseDenyList(ReadSmallFile(pki_ + "/denied", 1 << 16).value())->size(), 2u);
  EXPECT_FALSE(DenySerial(pki_, "zz", now_).ok());
  EXPECT_FALSE(DenySerial(root_, "aa", now_).ok()) << "no list there";
}

}  // namespace
}  // namespace jettyfleet
