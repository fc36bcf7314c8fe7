#include "agent/inspect/digest/quiet_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <utility>

#include "tests/testing/files/temporary_directory.h"

namespace jettyfleet {
namespace {

TEST(QuietFile, DoesNotLookLikeUse) {
  const TemporaryDirectory directory;
  const std::string path = directory / "file";
  std::ofstream(path) << "abc";
  // Older than the last change, so that a read would set it anew.
  const timespec times[2] = {{1'000, 0}, {2'000, 0}};
  ASSERT_EQ(utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
  const QuietFile file = QuietFile::Open(AT_FDCWD, path.c_str(), 0);
  ASSERT_TRUE(file.ok());
  char byte = 0;
  ASSERT_EQ(read(file.get(), &byte, 1), 1);
  struct stat about;
  ASSERT_EQ(stat(path.c_str(), &about), 0);
  EXPECT_EQ(about.st_atim.tv_sec, 1'000);
}

TEST(QuietFile, WaitsForNobodyAndFollowsNoLinkThatItIsNotTo) {
  const TemporaryDirectory directory;
  ASSERT_EQ(mkfifo((directory / "pipe").c_str(), 0600), 0);
  EXPECT_TRUE(QuietFile::Open(AT_FDCWD, (directory / "pipe").c_str(), 0).ok());
  std::filesystem::create_symlink("pipe", directory / "link");
  EXPECT_FALSE(QuietFile::Open(AT_FDCWD, (directory / "link").c_str(), O_NOFOLLOW).ok());
  EXPECT_EQ(errno, ELOOP);
}

TEST(QuietFile, ClosesWhatItOwns) {
  const TemporaryDirectory directory;
  int fd = -1;
  {
    QuietFile moved;
    {
      QuietFile first = QuietFile::Open(AT_FDCWD, directory.path().c_str(), O_DIRECTORY);
      fd = first.get();
      QuietFile second = std::move(first);
      moved = std::move(second);
    }
    EXPECT_EQ(moved.get(), fd);
    EXPECT_GE(fcntl(fd, F_GETFD), 0);
    EXPECT_EQ(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
  }
  EXPECT_LT(fcntl(fd, F_GETFD), 0);
}

TEST(ShownName, IsFitForAMessageAndATerminal) {
  const struct {
    std::string name;
    std::string shown;
  } cases[] = {
      {"webapps/app.war", "webapps/app.war"},
      {"caf\xc3\xa9 \xe2\x82\xac", "caf\xc3\xa9 \xe2\x82\xac"},
      {"caf\xe9", "caf\\xe9"},
      {"cut \xe2\x82", "cut \\xe2\\x82"},
      {"\x1b[31m\n", "\\x1b[31m\\x0a"},
      {"\xc2\x9b", "\\xc2\\x9b"},
      {"", ""},
  };
  for (const auto& test : cases) EXPECT_EQ(ShownName(test.name), test.shown);
}

}  // namespace
}  // namespace jettyfleet
