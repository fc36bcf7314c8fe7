#include "agent/inspect/digest/tree_digest.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/escaping.h"
#include "absl/time/clock.h"
#include "common/proto_time.h"
#include "tests/testing/files/temporary_directory.h"

namespace jettyfleet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class TreeDigestTest : public testing::Test {
 protected:
  TreeDigestTest() : cache_(directory_ / "digests", false, absl::Now()) { std::filesystem::create_directory(root()); }

  std::string root() const { return directory_ / "tree"; }
  void Write(const std::string& name, const std::string& content) const {
    const std::filesystem::path path = root() + "/" + name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::trunc) << content;
  }
  v1::TreeFact Digest(const TreeLimits& limits = TreeLimits()) { return DigestTree(root(), &cache_, limits); }
  static std::vector<std::string> Names(const v1::TreeFact& tree) {
    std::vector<std::string> names;
    for (const v1::FileFact& file : tree.files()) names.push_back(file.path());
    return names;
  }

  const TemporaryDirectory directory_;
  DigestCache cache_;
};

TEST_F(TreeDigestTest, EveryFileInTheOrderOfNames) {
  Write("b", "abc");
  Write("a/z", "");
  Write("a/b/c", "abc");
  const v1::TreeFact tree = Digest();
  EXPECT_EQ(tree.error(), "");
  EXPECT_THAT(Names(tree), ElementsAre("a/b/c", "a/z", "b"));
  EXPECT_EQ(absl::BytesToHexString(tree.files(2).sha256()),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(tree.files(0).sha256(), tree.files(2).sha256());
  EXPECT_EQ(tree.files(2).size(), 3u);
  EXPECT_EQ(tree.file_count(), 3u);
  EXPECT_EQ(tree.total_bytes(), 6u);
  EXPECT_EQ(tree.sha256().size(), 32u);
}

TEST_F(TreeDigestTest, TheDigestOverAllTellsWhatDiffers) {
  Write("a", "1");
  Write("b", "2");
  const std::string before = Digest().sha256();
  EXPECT_EQ(Digest().sha256(), before);
  Write("b", "3");
  EXPECT_NE(Digest().sha256(), before) << "content";
  Write("b", "2");
  EXPECT_EQ(Digest().sha256(), before);
  std::filesystem::rename(root() + "/b", root() + "/c");
  EXPECT_NE(Digest().sha256(), before) << "a name";
  std::filesystem::rename(root() + "/c", root() + "/b");
  Write("c", "");
  EXPECT_NE(Digest().sha256(), before) << "one more";
}

TEST_F(TreeDigestTest, ASingleFileIsATreeToo) {
  Write("app.war", "abc");
  const v1::TreeFact tree = DigestTree(root() + "/app.war", &cache_);
  EXPECT_EQ(tree.error(), "");
  EXPECT_THAT(Names(tree), ElementsAre(""));
  EXPECT_EQ(absl::BytesToHexString(tree.files(0).sha256()),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_F(TreeDigestTest, ALinkCountsByItsTextAndIsNotFollowed) {
  Write("a", "1");
  std::filesystem::create_symlink("/proc/self/maps", root() + "/link");
  const v1::TreeFact first = Digest();
  EXPECT_THAT(Names(first), ElementsAre("a", "link"));
  EXPECT_EQ(first.error(), "");
  std::filesystem::remove(root() + "/link");
  std::filesystem::create_symlink("/proc/self/smaps", root() + "/link");
  EXPECT_NE(Digest().files(1).sha256(), first.files(1).sha256());
  std::filesystem::remove(root() + "/link");
  std::filesystem::create_symlink(root(), root() + "/link");
  EXPECT_EQ(Digest().error(), "") << "a link to a directory above is no endless tree";
}

TEST_F(TreeDigestTest, WhatIsNoFileIsNamedAndNotOpened) {
  Write("a", "1");
  ASSERT_EQ(mkfifo((root() + "/pipe").c_str(), 0600), 0);
  const v1::TreeFact tree = Digest();
  EXPECT_THAT(tree.error(), HasSubstr("pipe: it is neither a file, a directory nor a symbolic link"));
  EXPECT_EQ(tree.sha256(), "");
  EXPECT_EQ(tree.files(1).path(), "pipe");
  EXPECT_NE(tree.files(1).error(), "");
  EXPECT_NE(tree.files(0).sha256(), "") << "the others are known";
}

TEST_F(TreeDigestTest, BeyondALimitNothingIsClaimed) {
  for (int i = 0; i < 10; ++i) Write("f" + std::to_string(i), "x");
  Write("a/b/c/d", "deep");
  ASSERT_EQ(Digest({.most_files = 14, .most_name_bytes = 200, .deepest = 3}).error(), "");
  const struct {
    const char* what;
    TreeLimits limits;
    const char* error;
  } kCases[] = {
      {"files", {.most_files = 5}, "more than 5 files and directories"},
      {"directories", {.most_files = 13}, "more than 13 files and directories"},
      {"names", {.most_name_bytes = 30}, "names of its files take more than 30 bytes"},
      {"depth", {.deepest = 2}, "more than 2 directories deep"},
      {"time", {.until = absl::InfinitePast()}, "no time left to list"},
  };
  for (const auto& one : kCases) {
    const v1::TreeFact tree = Digest(one.limits);
    EXPECT_THAT(tree.error(), HasSubstr(one.error)) << one.what;
    EXPECT_EQ(tree.sha256(), "") << one.what;
    EXPECT_THAT(Names(tree), IsEmpty()) << one.what;
  }
}

TEST_F(TreeDigestTest, TheDigestIsOverAllAlsoWhereTheListIsCutShort) {
  for (int i = 0; i < 10; ++i) Write("f" + std::to_string(i), "x");
  const v1::TreeFact cut = Digest({.most_listed = 3});
  EXPECT_EQ(cut.files_size(), 3);
  EXPECT_TRUE(cut.files_cut_short());
  EXPECT_EQ(cut.file_count(), 10u);
  EXPECT_EQ(cut.sha256(), Digest().sha256());
  Write("f9", "y");
  EXPECT_NE(Digest({.most_listed = 3}).sha256(), cut.sha256());
}

TEST_F(TreeDigestTest, TheSameWithAnyNumberOfThreads) {
  for (int i = 0; i < 100; ++i)
    Write("d" + std::to_string(i % 7) + "/f" + std::to_string(i), std::string(i * 100, 'x'));
  const v1::TreeFact one = Digest({.threads = 1});
  const v1::TreeFact four = Digest({.threads = 4});
  EXPECT_EQ(one.SerializeAsString(), four.SerializeAsString());
}

// Its name would make the whole message unreadable.
TEST_F(TreeDigestTest, NamesThatAreNoTextAreShownAsFarAsTheyCanBe) {
  Write("a\xff", "1");
  Write("b\n", "2");
  const v1::TreeFact tree = Digest();
  EXPECT_EQ(tree.error(), "");
  EXPECT_THAT(Names(tree), ElementsAre("a\\xff", "b\\x0a"));
  std::filesystem::rename(root() + "/a\xff", root() + "/a\\xff");
  const v1::TreeFact other = Digest();
  EXPECT_THAT(Names(other), ElementsAre("a\\xff", "b\\x0a"));
  EXPECT_NE(other.sha256(), tree.sha256()) << "that the two are shown alike does not make them alike";
  ASSERT_EQ(mkfifo((root() + "/c\xff").c_str(), 0600), 0);
  EXPECT_THAT(Digest().error(), HasSubstr("/c\\xff: it is neither"));
  EXPECT_EQ(DigestTree(root() + "/\xff", &cache_).root(), root() + "/\\xff");
}

TEST_F(TreeDigestTest, WhatCannotBeReadSaysSo) {
  const v1::TreeFact memory = DigestTree("/proc/self/mem", &cache_);
  EXPECT_EQ(memory.error(), "/proc/self/mem: Input/output error");
  EXPECT_EQ(memory.sha256(), "");
  EXPECT_THAT(DigestTree("/dev/null", &cache_).error(), HasSubstr("neither a file nor a directory"));
}

TEST_F(TreeDigestTest, TheNewestChangeIsTold) {
  Write("a", "1");
  Write("b", "2");
  const timespec times[2] = {{1'000, 0}, {2'000'000'000, 0}};
  ASSERT_EQ(utimensat(AT_FDCWD, (root() + "/a").c_str(), times, 0), 0);
  EXPECT_EQ(FromProto(Digest().newest()), absl::FromUnixSeconds(2'000'000'000));
}

TEST_F(TreeDigestTest, WhatIsNotThereSaysSo) {
  EXPECT_THAT(DigestTree(root() + "/none", &cache_).error(), HasSubstr("No such file"));
  EXPECT_EQ(DigestTree(root(), &cache_).error(), "") << "an empty directory is a tree";
}

}  // namespace
}  // namespace jettyfleet
