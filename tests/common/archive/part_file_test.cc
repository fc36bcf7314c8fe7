#include "common/archive/part_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string>

#include "tests/testing/archive/zips.h"
#include "tests/testing/files/temporary_directory.h"

namespace jettyfleet {
namespace {

class PartFileTest : public testing::Test {
 protected:
  std::unique_ptr<PartFile> Open(WriteCall write = SystemWrite()) {
    auto opened = PartFile::Open(path_, std::move(write));
    EXPECT_TRUE(opened.ok()) << opened.status();
    return *std::move(opened);
  }

  const TemporaryDirectory directory_;
  const std::string path_ = directory_ / "app.part";
};

TEST_F(PartFileTest, GrowsAndGetsItsName) {
  const auto part = Open();
  EXPECT_TRUE(part->Append("one ").ok());
  EXPECT_TRUE(part->Append("two").ok());
  EXPECT_EQ(part->size(), 7u);
  struct stat about;
  ASSERT_EQ(stat(path_.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600u);
  ASSERT_TRUE(part->PublishAs(directory_ / "app").ok());
  EXPECT_EQ(ReadBytes(directory_ / "app"), "one two");
  EXPECT_FALSE(std::filesystem::exists(path_));
}

// A crash between the last byte and the name: what is there stays a part, and the next one goes on with it.
TEST_F(PartFileTest, WithoutItsNameItStaysAPart) {
  Open()->Append("one ").IgnoreError();
  EXPECT_FALSE(std::filesystem::exists(directory_ / "app"));
  const auto next = Open();
  EXPECT_EQ(next->size(), 4u);
  EXPECT_TRUE(next->Append("two").ok());
  EXPECT_EQ(ReadBytes(path_), "one two");
  EXPECT_TRUE(next->Truncate(4).ok());
  EXPECT_EQ(next->size(), 4u);
  EXPECT_TRUE(next->Append("three").ok());
  EXPECT_EQ(ReadBytes(path_), "one three");
}

TEST_F(PartFileTest, OneAtATime) {
  auto first = Open();
  EXPECT_EQ(PartFile::Open(path_).status().code(), absl::StatusCode::kAborted);
  first.reset();
  EXPECT_TRUE(PartFile::Open(path_).ok());
}

// Whoever waited for the lock must not write on into what has its name by now.
TEST_F(PartFileTest, NeverWritesIntoWhatWasPublished) {
  auto first = Open();
  EXPECT_TRUE(first->Append("whole").ok());
  EXPECT_TRUE(first->PublishAs(directory_ / "app").ok());
  const auto second = Open();
  EXPECT_TRUE(second->Append("other").ok());
  EXPECT_EQ(ReadBytes(directory_ / "app"), "whole");
}

TEST_F(PartFileTest, AFullDisk) {
  int calls = 0;
  const auto part = Open([&calls](int fd, const void* data, std::size_t size) -> ssize_t {
    if (++calls == 1) return write(fd, data, size / 2);
    errno = ENOSPC;
    return -1;
  });
  const absl::Status full = part->Append("12345678");
  EXPECT_EQ(full.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(full.message()), testing::HasSubstr(path_ + ": No space left on device: free space there"));
  EXPECT_EQ(part->size(), 4u);
  EXPECT_TRUE(part->Discard().ok());
  EXPECT_TRUE(std::filesystem::is_empty(directory_.path()));
}

TEST_F(PartFileTest, ALinkIsNoPart) {
  WriteBytes(directory_ / "precious", "x");
  std::filesystem::create_symlink(directory_ / "precious", path_);
  EXPECT_EQ(PartFile::Open(path_).status().code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace jettyfleet
