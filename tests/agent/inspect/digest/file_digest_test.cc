#include "agent/inspect/digest/file_digest.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/testing/files/temporary_directory.h"

namespace jettyfleet {
namespace {

using ::testing::HasSubstr;

class FileDigestTest : public ::testing::Test {
 protected:
  FileDigestTest() : cache_(directory_ / "digests", false, absl::Now()) {
    std::filesystem::create_directories(directory_ / "tree/a/b");
    std::filesystem::create_directories(directory_ / "outside/b");
    root_ = QuietFile::Open(AT_FDCWD, (directory_ / "tree").c_str(), O_DIRECTORY);
  }
  void Write(const std::string& name, const std::string& content) { std::ofstream(directory_ / name) << content; }
  FoundFile Read(FileDigest* digest, const std::string& path) {
    FoundFile file;
    file.path = path;
    digest->Read(&file);
    return file;
  }

  const TemporaryDirectory directory_;
  DigestCache cache_;
  QuietFile root_;
};

TEST_F(FileDigestTest, ReadsOneAfterTheOtherWhereverTheyLie) {
  for (const std::string path : {"x", "a/x", "a/b/x", "a/b/y"}) Write("tree/" + path, path);
  FileDigest digest(root_.get(), absl::InfiniteFuture(), &cache_);
  for (const std::string path : {"x", "a/x", "a/b/x", "a/b/y", "a/x", "x", "a/b/y", "x"}) {
    Sha256 sha256;
    sha256.Add(path);
    const FoundFile file = Read(&digest, path);
    EXPECT_EQ(file.error, "") << path;
    EXPECT_EQ(file.sha256, sha256.Finish()) << path;
    EXPECT_EQ(file.size, path.size()) << path;
  }
}

// Sizes around those of one block and of a large file, which another thread reads.
TEST_F(FileDigestTest, ReadsFilesOfAnySize) {
  for (const std::size_t size : {0, 1, 256 << 10, (256 << 10) + 1, (4 << 20) - 1, 4 << 20, (4 << 20) + 1}) {
    const std::string content(size, 'x');
    Write("tree/x", content);
    FileDigest digest(root_.get(), absl::InfiniteFuture(), &cache_);
    Sha256 sha256;
    sha256.Add(content);
    const FoundFile file = Read(&digest, "x");
    EXPECT_EQ(file.sha256, sha256.Finish()) << size;
    EXPECT_EQ(file.size, size);
  }
}

// What was a directory when the tree was walked may be a link to elsewhere by now.
TEST_F(FileDigestTest, LeavesTheTreeByNoLink) {
  Write("outside/x", "abc");
  Write("outside/b/x", "abc");
  std::filesystem::remove_all(directory_ / "tree/a");
  std::filesystem::create_symlink(directory_ / "outside", directory_ / "tree/a");
  std::filesystem::create_symlink(directory_ / "outside/x", directory_ / "tree/link");
  FileDigest digest(root_.get(), absl::InfiniteFuture(), &cache_);
  for (const char* const path : {"link", "a/x", "a/b/x"}) {
    const FoundFile file = Read(&digest, path);
    EXPECT_EQ(file.sha256, "") << path;
    EXPECT_NE(file.error, "") << path;
  }
}

TEST_F(FileDigestTest, SaysWhatItCannotRead) {
  FileDigest digest(root_.get(), absl::InfiniteFuture(), &cache_);
  EXPECT_EQ(Read(&digest, "a/gone").error, "No such file or directory");
  EXPECT_EQ(Read(&digest, "gone/x").error, "No such file or directory");
  EXPECT_EQ(Read(&digest, "a/b").error, "it is no regular file any more");
  // Nobody may read the beginning of a process's memory.
  const QuietFile memory = QuietFile::Open(AT_FDCWD, "/proc/self/mem", 0);
  FoundFile file;
  digest.ReadOpen(memory.get(), &file);
  EXPECT_EQ(file.error, "Input/output error");
  EXPECT_EQ(file.sha256, "");
}

TEST_F(FileDigestTest, OpensNothingWhenTheTimeIsOver) {
  FileDigest digest(root_.get(), absl::InfinitePast(), &cache_);
  EXPECT_THAT(Read(&digest, "a/gone").error, HasSubstr("there was no time left to read it"));
}

TEST_F(FileDigestTest, LeavesALargeFileWhenTheTimeIsOver) {
  Write("tree/x", "");
  for (const int size : {100, 8 << 20}) {
    std::filesystem::resize_file(directory_ / "tree/x", size);
    const QuietFile open = QuietFile::Open(root_.get(), "x", 0);
    FoundFile file;
    FileDigest(root_.get(), absl::InfinitePast(), &cache_).ReadOpen(open.get(), &file);
    EXPECT_THAT(file.error, HasSubstr("there was no time left to read it")) << size;
  }
}

// It grows for as long as it is read: there is no moment of which the digest could speak.
TEST_F(FileDigestTest, AFileThatChangesIsNotClaimedToBeKnown) {
  Write("tree/x", "");
  std::filesystem::resize_file(directory_ / "tree/x", 64 << 20);
  std::atomic<bool> growing = false;
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    const int fd = open((directory_ / "tree/x").c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
    while (!stop) growing = write(fd, "x", 1) == 1;
    close(fd);
  });
  while (!growing) std::this_thread::yield();
  FileDigest digest(root_.get(), absl::InfiniteFuture(), &cache_);
  const FoundFile file = Read(&digest, "x");
  stop = true;
  writer.join();
  EXPECT_EQ(file.error, "it changed each of the 3 times that it was read");
  EXPECT_EQ(file.sha256, "");
  const FoundFile settled = Read(&digest, "x");
  EXPECT_EQ(settled.error, "");
  EXPECT_EQ(settled.size, std::filesystem::file_size(directory_ / "tree/x"));
}

TEST_F(FileDigestTest, KeepsWhatItReadForTheNextTime) {
  Write("tree/x", "abc");
  // A file that was changed just now is not kept, and a test cannot set the time of its last change.
  const QuietFile old = QuietFile::Open(AT_FDCWD, "/etc/os-release", 0);
  FoundFile file;
  FileDigest(root_.get(), absl::InfiniteFuture(), &cache_).ReadOpen(old.get(), &file);
  ASSERT_EQ(file.error, "");
  struct stat about;
  ASSERT_EQ(fstat(old.get(), &about), 0);
  EXPECT_EQ(cache_.Find(DigestCache::KeyOf(about)), file.sha256);
}

}  // namespace
}  // namespace jettyfleet
