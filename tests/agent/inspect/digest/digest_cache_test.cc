#include "agent/inspect/digest/digest_cache.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>

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
  std::filesystem::permissions(directory_.path(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
  const auto written = std::filesystem::last_write_time(path());
  DigestCache cache(path(), false, kRead);
  ASSERT_TRUE(cache.Find(SomeKey()).has_value());
  EXPECT_TRUE(cache.Save().ok());
  EXPECT_EQ(std::filesystem::last_write_time(path()), written);
  std::filesystem::permissions(directory_.path(), std::filesystem::perms::owner_all);
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

TEST_F(DigestCacheTest, WhatCannotBeWrittenIsSaid) {
  DigestCache cache(directory_ / "missing/digests", false, kRead);
  cache.Keep(SomeKey(), kDigest, kRead);
  const absl::Status saved = cache.Save();
  EXPECT_FALSE(saved.ok());
  EXPECT_NE(std::string(saved.message()).find("missing/digests"), std::string::npos) << saved;
}

}  // namespace
}  // namespace jettyfleet
