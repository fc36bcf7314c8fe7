#include "common/archive/zip_check.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/unique_fd.h"
#include "tests/testing/archive/zips.h"
#include "tests/testing/files/temporary_directory.h"

namespace jettyfleet {
namespace {

absl::Status Check(const std::string& content) {
  const TemporaryDirectory directory;
  const std::string path = directory / "file";
  WriteBytes(path, content);
  const UniqueFd file(open(path.c_str(), O_RDONLY));
  return CheckZip(file.get(), "app.war", content.size());
}

std::string WithComment(std::string zip, const std::string& comment) {
  zip[zip.size() - 2] = static_cast<char>(comment.size());
  zip[zip.size() - 1] = static_cast<char>(comment.size() >> 8);
  return zip + comment;
}

std::string With(std::string zip, std::size_t at, char byte) {
  zip[at] = byte;
  return zip;
}

TEST(ZipCheckTest, Zips) {
  for (const std::string& zip : {SmallZip(), SmallZip64(), WithComment(SmallZip(), "made on a Monday"),
                                 WithComment(SmallZip(), "PK\5\6 is how an end begins"),
                                 WithComment(SmallZip(), std::string(65535, 'x')), ZipOfAbout(200000, 1)}) {
    EXPECT_TRUE(Check(zip).ok()) << Check(zip);
  }
}

TEST(ZipCheckTest, NoZips) {
  const std::string zip = SmallZip();
  const struct {
    const char* what;
    std::string content;
    const char* why;
  } cases[] = {
      {"nothing", "", "ends too early"},
      {"text", "<html>404</html>", "does not begin with a file's header"},
      {"its beginning alone", zip.substr(0, 55), "its end is missing"},
      {"one byte short", zip.substr(0, zip.size() - 1), "its end is missing"},
      {"one byte more", zip + "x", "its end is missing"},
      {"an empty zip", std::string("PK\5\6", 4) + std::string(18, '\0'), "does not begin with a file's header"},
      {"a shifted directory", With(zip, zip.size() - 6, 54), "there is no directory"},
      {"a directory beyond the end", With(zip, zip.size() - 5, 1), "beyond its end"},
      {"a directory of no length", With(zip, zip.size() - 10, 0), "holds nothing"},
      {"zip64 without its locator", With(SmallZip64(), SmallZip64().size() - 42, 'Q'), "locator is missing"},
      {"zip64 with its end elsewhere", With(SmallZip64(), SmallZip64().size() - 34, 3), "zip64 end"},
      {"the beginning of one, the end of another", zip.substr(0, 30) + zip.substr(60), "beyond its end"},
  };
  for (const auto& one : cases) {
    const absl::Status checked = Check(one.content);
    EXPECT_EQ(checked.code(), absl::StatusCode::kInvalidArgument) << one.what << ": " << checked;
    EXPECT_THAT(std::string(checked.message()), testing::HasSubstr(one.why)) << one.what;
    EXPECT_THAT(std::string(checked.message()), testing::HasSubstr("app.war is no zip")) << one.what;
  }
}

}  // namespace
}  // namespace jettyfleet
