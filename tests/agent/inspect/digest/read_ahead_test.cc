#include "agent/inspect/digest/read_ahead.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <string>

#include "tests/testing/files/temporary_directory.h"

namespace jettyfleet {
namespace {

std::string Pattern(std::size_t length) {
  std::string text(length, '\0');
  for (std::size_t i = 0; i < length; ++i) text[i] = static_cast<char>((i * 2654435761u) >> 13);
  return text;
}

TEST(ReadAhead, GivesTheWholeFileInItsOrder) {
  const TemporaryDirectory directory;
  for (const std::size_t length : {0, 1, 512 << 10, (512 << 10) + 1, (512 << 10) * 4, 3'000'001}) {
    const std::string content = Pattern(length);
    std::ofstream(directory / "file", std::ios::binary | std::ios::trunc) << content;
    const int fd = open((directory / "file").c_str(), O_RDONLY);
    ASSERT_GE(fd, 0);
    {
      ReadAhead ahead(fd);
      std::string read;
      for (absl::string_view next = ahead.Next(); !next.empty(); next = ahead.Next())
        read.append(next.data(), next.size());
      EXPECT_TRUE(read == content) << length;
      EXPECT_EQ(ahead.error(), 0);
      EXPECT_TRUE(ahead.Next().empty()) << "the end stays the end";
    }
    close(fd);
  }
}

TEST(ReadAhead, EndsBeforeTheFileDoes) {
  const TemporaryDirectory directory;
  std::ofstream(directory / "file", std::ios::binary) << Pattern(2'000'000);
  const int fd = open((directory / "file").c_str(), O_RDONLY);
  ReadAhead(fd).Next();
  ReadAhead unread(fd);
  (void)unread;
  close(fd);
}

TEST(ReadAhead, SaysWhyItCannotRead) {
  const TemporaryDirectory directory;
  const int fd = open(directory.path().c_str(), O_RDONLY | O_DIRECTORY);
  ReadAhead ahead(fd);
  EXPECT_TRUE(ahead.Next().empty());
  EXPECT_EQ(ahead.error(), EISDIR);
  EXPECT_TRUE(ahead.Next().empty());
  EXPECT_EQ(ahead.error(), EISDIR);
  close(fd);
}

}  // namespace
}  // namespace jettyfleet
