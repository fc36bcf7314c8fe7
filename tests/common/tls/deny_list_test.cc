#include "common/tls/deny_list.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <string>

namespace jettyfleet {
namespace {

class DenyListTest : public testing::Test {
 protected:
  DenyListTest() : path_(testing::TempDir() + "/denied") { unlink(path_.c_str()); }
  ~DenyListTest() override { unlink(path_.c_str()); }

  // A new file in the old one's place, as editors do: another inode, so no clock has to tick.
  void Replace(const std::string& text) {
    const std::string fresh = path_ + ".new";
    std::ofstream(fresh) << text;
    ASSERT_EQ(std::rename(fresh.c_str(), path_.c_str()), 0);
  }

  const std::string path_;
};

TEST_F(DenyListTest, WithoutAPathNobodyIsDenied) { EXPECT_TRUE(DenyList("").Check("abc123").ok()); }

TEST_F(DenyListTest, DeniesTheSerialsInTheFileHoweverTheyAreWritten) {
  Replace("# left in May\nABC123  # alice\n\n  00ff\n");
  DenyList list(path_);
  for (const char* serial : {"abc123", "ABC123", "0abc123", "ff"}) {
    EXPECT_EQ(list.Check(serial).code(), absl::StatusCode::kPermissionDenied) << serial;
  }
  for (const char* serial : {"abc124", "f", "abc1230", "0"}) EXPECT_TRUE(list.Check(serial).ok()) << serial;
  EXPECT_EQ(list.Check("not hex").code(), absl::StatusCode::kPermissionDenied);
}

TEST_F(DenyListTest, FollowsTheFile) {
  Replace("aa\n");
  DenyList list(path_);
  EXPECT_FALSE(list.Check("aa").ok());
  EXPECT_TRUE(list.Check("bb").ok());
  Replace("bb\n");
  EXPECT_TRUE(list.Check("aa").ok());
  EXPECT_FALSE(list.Check("bb").ok());
  std::ofstream(path_, std::ios::app) << "cc\n";
  EXPECT_FALSE(list.Check("cc").ok());
}

TEST_F(DenyListTest, RefusesEveryoneWhileTheFileCannotBeUsed) {
  DenyList list(path_);
  EXPECT_EQ(list.Check("aa").code(), absl::StatusCode::kUnavailable) << "missing";
  Replace("aa\nserial bb\n");
  const absl::Status malformed = list.Check("cc");
  EXPECT_EQ(malformed.code(), absl::StatusCode::kUnavailable);
  EXPECT_NE(malformed.message().find("line 2"), absl::string_view::npos) << malformed;
  Replace(std::string((1 << 20) + 1, '\n'));
  EXPECT_EQ(list.Check("cc").code(), absl::StatusCode::kUnavailable) << "too large";
  Replace("aa\n");
  EXPECT_TRUE(list.Check("cc").ok());
}

TEST(ParseDenyListTest, RefusesWhatIsNoSerial) {
  for (const char* text :
       {"xyz", "aa bb", "aa,bb", "0x1f", "12:34", "-1", "00112233445566778899aabbccddeeff0011223344"}) {
    EXPECT_EQ(ParseDenyList(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
  EXPECT_TRUE(ParseDenyList("")->empty());
  EXPECT_EQ(ParseDenyList("aa\r\nbb")->size(), 2u);
}

}  // namespace
}  // namespace jettyfleet
