#include "agent/inspect/digest/digest_cache.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <vector>

#include "tests/testing/files/temporary_directory.h"

namespace jettyfleet {
namespace {

const absl::Time kRead = absl::FromUnixSeconds(1'000'000'000);
const std::string kDigest(32, 'd');

DigestCache::Key SomeKey() { return {1, 2, 3, 4'000'000'000, 5'000'000'000}; }

class DigestCacheTest : public testing::Test {
 protected:
  std::string path() const { return directory_ / "digests"; }
  std::string Content() const {
    std::stringstream content;
    content << std::ifstream(path(), std::ios::binary).rdbuf();
    return content.str();
  }
  void Overwrite(const std::string& content) { std::ofstream(path(), std::ios::binary | std::ios::trunc) << content; }
  void SaveOne() {
    DigestCache cache(path(), false, kRead);
    cache.Keep(SomeKey(), kDigest, kRead);
    ASSERT_TRUE(cache.Save().ok());
  }

  const TemporaryDirectory directory_;
};

TEST_F(DigestCacheTest, WhatWasKeptIsFoundTheNextTime) {
  SaveOne();
  DigestCache cache(path(), false, kRead);
  ASSERT_TRUE(cache.Find(SomeKey()).has_value());
  EXPECT_EQ(*cache.Find(SomeKey()), kDigest);
  struct stat about;
  ASSERT_EQ(stat(path().c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600u);
}

TEST_F(DigestCacheTest, AnyChangeOfTheFileIsAnotherFile) {
  SaveOne();
  const std::function<void(DigestCache::Key&)> kChanges[] = {
      [](DigestCache::Key& key) { ++key.device; },   [](DigestCache::Key& key) { ++key.inode; },
      [](DigestCache::Key& key) { ++key.size; },     [](DigestCache::Key& key) { ++key.mtime_ns; },
      [](DigestCache::Key& key) { ++key.ctime_ns; },
  };
  DigestCache cache(path(), false, kRead);
  for (std::size_t i = 0; i < std::size(kChanges); ++i) {
    DigestCache::Key key = SomeKey();
    kChanges[i](key);
    EXPECT_FALSE(cache.Find(key).has_value()) << i;
  }
}

TEST_F(DigestCacheTest, AFileThatChangedJustNowIsNotKept) {
  DigestCache cache(path(), false, kRead);
  DigestCache::Key key = SomeKey();
  key.ctime_ns = static_cast<uint64_t>(absl::ToUnixNanos(kRead - absl::Milliseconds(1999)));
  cache.Keep(key, kDigest, kRead);
  EXPECT_FALSE(cache.Find(key).has_value());
  key.ctime_ns = static_cast<uint64_t>(absl::ToUnixNanos(kRead - absl::Seconds(2)));
  cache.Keep(key, kDigest, kRead);
  EXPECT_TRUE(cache.Find(key).has_value());
}

TEST_F(DigestCacheTest, WhatNobodyAskedForIsForgotten) {
  SaveOne();
  DigestCache::Key other = SomeKey();
  ++other.inode;
  {
    DigestCache cache(path(), false, kRead);
    cache.Keep(other, kDigest, kRead);
    ASSERT_TRUE(cache.Save().ok());
  }
  DigestCache cache(path(), false, kRead);
  EXPECT_FALSE(cache.Find(SomeKey()).has_value());
  EXPECT_TRUE(cache.Find(other).has_value());
}

TEST_F(DigestCacheTest, WithoutChangeNothingIsWritten) {
  SaveOne();
  const auto inode = [this] {
    struct stat about;
    return stat(path().c_str(), &about) == 0 ? about.st_ino : 0;
  };
  const ino_t before = inode();
  // Held, so that its number cannot be given to another file.
  std::filesystem::create_hard_link(path(), directory_ / "before");
  DigestCache cache(path(), false, kRead);
  ASSERT_TRUE(cache.Find(SomeKey()).has_value());
  EXPECT_TRUE(cache.Save().ok());
  EXPECT_EQ(inode(), before);
}

TEST_F(DigestCacheTest, ARehashFindsNothingAndKeepsAnew) {
  SaveOne();
  {
    DigestCache cache(path(), true, kRead);
    EXPECT_FALSE(cache.Find(SomeKey()).has_value());
    cache.Keep(SomeKey(), std::string(32, 'e'), kRead);
    ASSERT_TRUE(cache.Save().ok());
  }
  EXPECT_EQ(*DigestCache(path(), false, kRead).Find(SomeKey()), std::string(32, 'e'));
}

TEST_F(DigestCacheTest, NothingIsBelievedForEver) {
  SaveOne();
  const struct {
    absl::Duration age;
    bool believed;
  } kCases[] = {{absl::ZeroDuration(), true},  {absl::Hours(4 * 24), true},   {absl::Hours(7 * 24 + 1), false},
                {absl::Hours(400 * 24), false}, {absl::Seconds(-1), true}, {absl::Hours(-1), false}};
  for (const auto& one : kCases) {
    EXPECT_EQ(DigestCache(path(), false, kRead + one.age).Find(SomeKey()).has_value(), one.believed) << one.age;
  }
}

TEST_F(DigestCacheTest, TheyAreNotAllReadAgainAtOnce) {
  {
    DigestCache cache(path(), false, kRead);
    for (uint64_t i = 0; i < 1000; ++i) {
      DigestCache::Key key = SomeKey();
      key.inode = i;
      cache.Keep(key, kDigest, kRead);
    }
    ASSERT_TRUE(cache.Save().ok());
  }
  DigestCache cache(path(), false, kRead + absl::Hours(5 * 24 + 12));
  int found = 0;
  for (uint64_t i = 0; i < 1000; ++i) {
    DigestCache::Key key = SomeKey();
    key.inode = i;
    found += cache.Find(key).has_value() ? 1 : 0;
  }
  EXPECT_GT(found, 300);
  EXPECT_LT(found, 700);
}

TEST_F(DigestCacheTest, ADamagedFileIsAnEmptyCache) {
  SaveOne();
  const std::string whole = Content();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    Overwrite(whole.substr(0, length));
    EXPECT_FALSE(DigestCache(path(), false, kRead).Find(SomeKey()).has_value()) << "cut to " << length;
  }
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string flipped = whole;
    flipped[at] = static_cast<char>(flipped[at] ^ 1);
    Overwrite(flipped);
    EXPECT_FALSE(DigestCache(path(), false, kRead).Find(SomeKey()).has_value()) << "flipped at " << at;
  }
  Overwrite(whole);
  EXPECT_TRUE(DigestCache(path(), false, kRead).Find(SomeKey()).has_value());
}

TEST_F(DigestCacheTest, IsBounded) {
  DigestCache cache(path(), false, kRead, 3);
  std::vector<DigestCache::Key> keys(4, SomeKey());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    keys[i].inode = i;
    cache.Keep(keys[i], kDigest, kRead);
  }
  EXPECT_FALSE(cache.Find(keys[3]).has_value());
  cache.Keep(keys[2], std::string(32, 'e'), kRead);
  EXPECT_EQ(*cache.Find(keys[2]), std::string(32, 'e')) << "what it holds it may hold anew";
  ASSERT_TRUE(cache.Save().ok());
  EXPECT_TRUE(DigestCache(path(), false, kRead, 3).Find(keys[0]).has_value());
  EXPECT_FALSE(DigestCache(path(), false, kRead, 2).Find(keys[0]).has_value()) << "a file that holds more is none of ours";
}

TEST_F(DigestCacheTest, WhatIsNoFileIsAnEmptyCache) {
  ASSERT_EQ(mkfifo(path().c_str(), 0600), 0);
  EXPECT_FALSE(DigestCache(path(), false, kRead).Find(SomeKey()).has_value());
}

// The file that readers see is another one, which was complete before it got its name.
TEST_F(DigestCacheTest, IsReplacedAsAWhole) {
  SaveOne();
  std::filesystem::create_hard_link(path(), directory_ / "before");
  const std::string before = Content();
  DigestCache cache(path(), false, kRead);
  DigestCache::Key other = SomeKey();
  ++other.inode;
  cache.Keep(other, kDigest, kRead);
  ASSERT_TRUE(cache.Save().ok());
  EXPECT_NE(Content(), before);
  std::stringstream untouched;
  untouched << std::ifstream(directory_ / "before", std::ios::binary).rdbuf();
  EXPECT_EQ(untouched.str(), before);
  EXPECT_FALSE(std::filesystem::exists(path() + ".new"));
}

TEST_F(DigestCacheTest, WhatACrashLeftIsOverwritten) {
  std::ofstream(path() + ".new") << std::string(100'000, 'x');
  SaveOne();
  EXPECT_TRUE(DigestCache(path(), false, kRead).Find(SomeKey()).has_value());
  EXPECT_FALSE(std::filesystem::exists(path() + ".new"));
}

TEST_F(DigestCacheTest, AnotherInspectionsSaveIsLeftToIt) {
  const int other = open((path() + ".new").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  ASSERT_EQ(write(other, "half", 4), 4);
  ASSERT_EQ(flock(other, LOCK_EX), 0);
  SaveOne();
  EXPECT_FALSE(std::filesystem::exists(path()));
  EXPECT_EQ(std::filesystem::file_size(path() + ".new"), 4u);
  close(other);
  SaveOne();
  EXPECT_TRUE(DigestCache(path(), false, kRead).Find(SomeKey()).has_value());
}

TEST_F(DigestCacheTest, WhatCannotBeWrittenIsSaid) {
  DigestCache cache(directory_ / "missing/digests", false, kRead);
  cache.Keep(SomeKey(), kDigest, kRead);
  const absl::Status saved = cache.Save();
  EXPECT_FALSE(saved.ok());
  EXPECT_NE(std::string(saved.message()).find("missing/digests"), std::string::npos) << saved;
}

}  // namespace
}  // namespace jettyfleet
