#include "common/file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>

namespace jettyfleet {
namespace {

class FileTest : public testing::Test {
 protected:
  FileTest() : directory_(testing::TempDir() + "/file_test") {
    std::filesystem::remove_all(directory_);
    std::filesystem::create_directory(directory_);
  }
  ~FileTest() override { std::filesystem::remove_all(directory_); }

  std::size_t Entries() const {
    std::size_t entries = 0;
    for (const auto& entry : std::filesystem::directory_iterator(directory_)) entries += entry.exists() ? 1 : 0;
    return entries;
  }

  const std::string directory_;
  const std::string path_ = directory_ + "/a";
};

TEST_F(FileTest, ReadsBackWhatItWrote) {
  const std::string content(100000, 'x');
  ASSERT_TRUE(WriteNewFile(path_, content, 0600).ok());
  EXPECT_EQ(ReadSmallFile(path_, content.size()).value(), content);
  struct stat about;
  ASSERT_EQ(stat(path_.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 07777, 0600u);
  EXPECT_EQ(Entries(), 1u) << "no temporary file is left";
}

TEST_F(FileTest, NeverReplaces) {
  ASSERT_TRUE(WriteNewFile(path_, "first", 0600).ok());
  EXPECT_EQ(WriteNewFile(path_, "second", 0644).code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(ReadSmallFile(path_, 100).value(), "first");
  EXPECT_EQ(Entries(), 1u);
}

TEST_F(FileTest, SaysWhatIsWrong) {
  EXPECT_EQ(ReadSmallFile(path_, 100).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ReadSmallFile(directory_, 100).status().code(), absl::StatusCode::kFailedPrecondition);
  ASSERT_TRUE(WriteNewFile(path_, "12345", 0600).ok());
  EXPECT_EQ(ReadSmallFile(path_, 4).status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(ReadSmallFile(path_, 5).ok());
  EXPECT_EQ(WriteNewFile(directory_ + "/none/a", "x", 0600).code(), absl::StatusCode::kNotFound);
}

TEST_F(FileTest, APipeIsNoFileAndDoesNotBlock) {
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
  EXPECT_EQ(ReadSmallFile(path_, 100).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(FileTest, ADescriptorIsReadToItsEnd) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  ASSERT_EQ(write(ends[1], "hello", 5), 5);
  close(ends[1]);
  EXPECT_EQ(ReadDescriptor(ends[0], "input", 5).value(), "hello");
  close(ends[0]);
  EXPECT_FALSE(ReadDescriptor(ends[0], "input", 5).ok());
}

}  // namespace
}  // namespace jettyfleet
