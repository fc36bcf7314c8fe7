#include "agent/inspect/jetty/zip_members.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "absl/strings/escaping.h"
#include "tests/testing/files/temporary_directory.h"

namespace jettyfleet {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

// Made by Python's zipfile: MANIFEST.MF stored, web.xml deflated, and another.
std::string Archive() {
  std::string archive;
  EXPECT_TRUE(absl::Base64Unescape(
      "UEsDBBQAAAAAAAAAIVzkcOUYHgAAAB4AAAAUAAAATUVUQS1JTkYvTUFOSUZFU1QuTUZJbXBsZW1lbnRhdGlvbi1WZXJzaW9uOiAx"
      "LjIuMwpQSwMEFAAAAAAAAAAhXIMW3IwBAAAAAQAAAAkAAABpbmRleC5qc3B4UEsDBBQAAAAIAAAAIVzsgQZGCAAAAPQBAAAPAAAA"
      "V0VCLUlORi93ZWIueG1sKy8fBSMNAABQSwECFAMUAAAAAAAAACFc5HDlGB4AAAAeAAAAFAAAAAAAAAAAAAAAgAEAAAAATUVUQS1J"
      "TkYvTUFOSUZFU1QuTUZQSwECFAMUAAAAAAAAACFcgxbcjAEAAAABAAAACQAAAAAAAAAAAAAAgAFQAAAAaW5kZXguanNwUEsBAhQD"
      "FAAAAAgAAAAhXOyBBkYIAAAA9AEAAA8AAAAAAAAAAAAAAIABeAAAAFdFQi1JTkYvd2ViLnhtbFBLBQYAAAAAAwADALYAAACtAAAA"
      "AAA=",
      &archive));
  return archive;
}

class ZipMembersTest : public ::testing::Test {
 protected:
  std::string File(const std::string& content) {
    std::ofstream(directory_ / "a.war", std::ios::binary) << content;
    return directory_ / "a.war";
  }
  const TemporaryDirectory directory_;
};

TEST_F(ZipMembersTest, ReadsStoredAndDeflatedMembers) {
  const absl::StatusOr<std::map<std::string, std::string>> members =
      ReadZipMembers(File(Archive()), {"META-INF/MANIFEST.MF", "WEB-INF/web.xml", "none"}, 1000);
  ASSERT_TRUE(members.ok()) << members.status();
  EXPECT_THAT(*members, ElementsAre(Pair("META-INF/MANIFEST.MF", "Implementation-Version: 1.2.3\n"),
                                    Pair("WEB-INF/web.xml", std::string(500, 'w'))));
}

TEST_F(ZipMembersTest, BoundsMembers) {
  EXPECT_EQ(ReadZipMembers(File(Archive()), {"WEB-INF/web.xml"}, 499).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(ReadZipMembers(File(Archive()), {"WEB-INF/web.xml"}, 500).ok());
}

TEST_F(ZipMembersTest, SaysWhatIsNoArchive) {
  EXPECT_EQ(ReadZipMembers(directory_ / "none", {"x"}, 10).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ReadZipMembers(directory_.path(), {"x"}, 10).status().code(), absl::StatusCode::kFailedPrecondition);
  for (const std::string& content : {std::string(), std::string("no archive"), std::string(70000, '\0')}) {
    EXPECT_EQ(ReadZipMembers(File(content), {"x"}, 10).status().code(), absl::StatusCode::kInvalidArgument);
  }
}

// Cut anywhere, or with any byte turned around, it is refused or read, and never read beyond.
TEST_F(ZipMembersTest, SurvivesDamage) {
  const std::string whole = Archive();
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string damaged = whole;
    damaged[i] = static_cast<char>(~damaged[i]);
    for (const std::string& content : {damaged, whole.substr(0, i), whole.substr(i)}) {
      const absl::StatusOr<std::map<std::string, std::string>> members =
          ReadZipMembers(File(content), {"META-INF/MANIFEST.MF", "WEB-INF/web.xml"}, 1000);
      if (!members.ok()) continue;
      for (const auto& [name, text] : *members) EXPECT_LE(text.size(), 1000u);
    }
  }
  EXPECT_FALSE(ReadZipMembers(File(whole.substr(0, whole.size() - 1)), {"WEB-INF/web.xml"}, 1000).ok());
}

}  // namespace
}  // namespace jettyfleet
