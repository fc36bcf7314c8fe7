#include "common/archive/content_hash.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <string>

#include "common/unique_fd.h"
#include "tests/testing/archive/zips.h"
#include "tests/testing/files/temporary_directory.h"

namespace jettyfleet {
namespace {

// As sha256sum prints it.
constexpr char kOfAbc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST(ContentHashTest, KnowsADigest) {
  EXPECT_TRUE(IsSha256Hex(kOfAbc));
  for (const char* text : {"", "ba7816", "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD",
                           "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ag",
                           "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad0"}) {
    EXPECT_FALSE(IsSha256Hex(text)) << text;
  }
}

TEST(ContentHashTest, OfAFilesBeginning) {
  const TemporaryDirectory directory;
  const std::string path = directory / "file";
  WriteBytes(path, "abcdef");
  const UniqueFd file(open(path.c_str(), O_RDONLY));
  const auto beginning = HashDescriptor(file.get(), path, 3);
  ASSERT_TRUE(beginning.ok()) << beginning.status();
  EXPECT_EQ(beginning->HexSoFar(), kOfAbc);
  const auto beyond = HashDescriptor(file.get(), path, 7);
  EXPECT_EQ(beyond.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(*ReadAt(file.get(), path, 4, 10), "ef");
}

}  // namespace
}  // namespace jettyfleet
