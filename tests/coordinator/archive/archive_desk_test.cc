#include "coordinator/archive/archive_desk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/coordinator/archive/archive_store.h"

namespace jettyfleet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr absl::StatusCode kOk = absl::StatusCode::kOk;

class ArchiveDeskTest : public testing::Test {
 protected:
  ArchiveDeskTest() { Restart(); }

  // A new coordinator on the same disk.
  void Restart() {
    store_.reset();
    store_ = std::make_unique<RunningStore>(
        directory_.path(), limits_, [this](const std::string&) -> absl::StatusOr<uint64_t> { return free_; }, write_);
  }

  std::vector<std::string> Stored() const { return Names("/content"); }
  std::vector<std::string> Arriving() const { return Names("/incoming"); }
  std::vector<std::string> Names(const std::string& folder) const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(directory_.path() + folder)) {
      names.push_back(entry.path().filename().string());
    }
    return names;
  }
  std::string ContentPath(const std::string& content) const {
    return directory_.path() + "/content/" + Sha256Of(content);
  }
  std::vector<std::string> Listed() {
    std::vector<std::string> listed;
    const v1::ListArchivesResponse list = store_->List();
    for (const v1::ArchiveEntry& entry : list.entries()) listed.push_back(entry.name() + " " + entry.version());
    return listed;
  }

  const TemporaryDirectory directory_;
  StoreLimits limits_;
  uint64_t free_ = uint64_t{100} << 30;
  WriteCall write_ = SystemWrite();
  std::unique_ptr<RunningStore> store_;
  const std::string zip_ = ZipOfAbout(1000000, 1);
  const std::string other_ = ZipOfAbout(1000000, 2);
};

#define EXPECT_CODE(expression, expected_code, part)                   \
  do {                                                                 \
    const absl::Status found = (expression);                           \
    EXPECT_EQ(found.code(), absl::StatusCode::expected_code) << found; \
    EXPECT_THAT(std::string(found.message()), HasSubstr(part));        \
  } while (false)

TEST_F(ArchiveDeskTest, APushIsStoredNamedAndSurvivesARestart) {
  const auto there = store_->Prepare(HeaderOf("1", zip_));
  ASSERT_TRUE(there.ok()) << there.status();
  EXPECT_EQ(there->present_bytes(), 0u);
  const auto pushed = store_->Push(HeaderOf("1", zip_), zip_);
  ASSERT_TRUE(pushed.ok()) << pushed.status();
  EXPECT_EQ(pushed->moved_bytes(), zip_.size());
  Restart();
  const v1::ListArchivesResponse list = store_->List();
  ASSERT_EQ(list.entries_size(), 1);
  EXPECT_EQ(list.entries(0).sha256(), Sha256Of(zip_));
  EXPECT_EQ(list.entries(0).pushed_by(), "operator alice");
  EXPECT_EQ(list.entries(0).why(), "ticket 7");
  EXPECT_EQ(list.entries(0).pushed_at().seconds(), 1763900000);
  EXPECT_EQ(list.stored_bytes(), zip_.size());
  EXPECT_EQ(ReadBytes(ContentPath(zip_)), zip_);
  EXPECT_THAT(Arriving(), IsEmpty());
}

TEST_F(ArchiveDeskTest, WhatIsThereMovesNoBytes) {
  ASSERT_TRUE(store_->Push(HeaderOf("1", zip_), zip_).ok());
  for (const char* version : {"1", "2"}) {
    v1::PushHeader header = HeaderOf(version, zip_);
    const auto there = store_->Prepare(header);
    ASSERT_TRUE(there.ok()) << there.status();
    EXPECT_EQ(there->present_bytes(), zip_.size());
    EXPECT_EQ(there->present_sha256(), Sha256Of(zip_));
    header.set_offset(zip_.size());
    const auto pushed = store_->Push(header, zip_);
    ASSERT_TRUE(pushed.ok()) << pushed.status();
    EXPECT_EQ(pushed->moved_bytes(), 0u);
    EXPECT_EQ(pushed->entry().version(), version);
  }
  EXPECT_THAT(Listed(), ElementsAre("app 1", "app 2"));
  EXPECT_EQ(Stored().size(), 1u);
}

TEST_F(ArchiveDeskTest, AVersionIsNeverAnotherContent) {
  ASSERT_TRUE(store_->Push(HeaderOf("1", zip_), zip_).ok());
  EXPECT_CODE(store_->Prepare(HeaderOf("1", other_)).status(), kAlreadyExists, "app 1 is another content already");
  EXPECT_CODE(store_->Push(HeaderOf("1", other_), other_).status(), kAlreadyExists,
              "give this one a version of its own");
  EXPECT_EQ(store_->List().entries(0).sha256(), Sha256Of(zip_));
  EXPECT_EQ(Stored().size(), 1u);
}

TEST_F(ArchiveDeskTest, ABrokenPushGoesOnWhereItBroke) {
  {
    auto push = store_->Begin(HeaderOf("1", zip_));
    ASSERT_TRUE(push.ok()) << push.status();
    ASSERT_TRUE(store_->Write(*push, zip_.substr(0, 200000)).ok());
    EXPECT_CODE(store_->Finish(*std::move(push)).status(), kAborted, "ended after 200000 of 1000");
  }
  Restart();
  v1::PushHeader header = HeaderOf("1", zip_);
  const auto there = store_->Prepare(header);
  ASSERT_TRUE(there.ok()) << there.status();
  EXPECT_EQ(there->present_bytes(), 200000u);
  EXPECT_EQ(there->present_sha256(), Sha256Of(zip_.substr(0, 200000)));
  header.set_offset(200001);
  EXPECT_CODE(store_->Begin(header).status(), kFailedPrecondition, "only 200000 bytes");
  header.set_offset(200000);
  const auto pushed = store_->Push(header, zip_);
  ASSERT_TRUE(pushed.ok()) << pushed.status();
  EXPECT_EQ(pushed->moved_bytes(), zip_.size() - 200000);
  EXPECT_EQ(ReadBytes(ContentPath(zip_)), zip_);
}

// Whole and synced, but without its name: as much is there as had arrived, and nothing is named.
TEST_F(ArchiveDeskTest, ACrashBeforeTheRename) {
  WriteBytes(directory_ / "incoming/" + Sha256Of(zip_) + ".part", zip_);
  Restart();
  EXPECT_THAT(Listed(), IsEmpty());
  EXPECT_THAT(Stored(), IsEmpty());
  v1::PushHeader header = HeaderOf("1", zip_);
  header.set_offset(store_->Prepare(header)->present_bytes());
  EXPECT_EQ(header.offset(), zip_.size());
  const auto pushed = store_->Push(header, zip_);
  ASSERT_TRUE(pushed.ok()) << pushed.status();
  EXPECT_EQ(pushed->moved_bytes(), 0u);
}

// Named nowhere, because the coordinator died in between: gone with the first clearing up, unless something needs it.
TEST_F(ArchiveDeskTest, ACrashBetweenRenameAndName) {
  WriteBytes(ContentPath(zip_), zip_);
  WriteBytes(ContentPath(other_), other_);
  Restart();
  store_->desk().Hold("r-1", {Sha256Of(other_)});
  store_->desk().Start();
  EXPECT_THAT(Listed(), IsEmpty());
  EXPECT_THAT(Stored(), ElementsAre(Sha256Of(other_)));
  store_->desk().Release("r-1");
  store_->desk().Start();
  EXPECT_THAT(Listed(), IsEmpty());
  EXPECT_THAT(Stored(), IsEmpty());
}

TEST_F(ArchiveDeskTest, AFlippedByteIsRefusedAndForgotten) {
  std::string flipped = zip_;
  flipped[500000] ^= 1;
  EXPECT_CODE(store_->Push(HeaderOf("1", zip_), flipped).status(), kDataLoss,
              "has arrived with SHA-256 " + Sha256Of(flipped));
  EXPECT_THAT(Arriving(), IsEmpty());
  EXPECT_THAT(Stored(), IsEmpty());
  EXPECT_THAT(Listed(), IsEmpty());
}

TEST_F(ArchiveDeskTest, WhatIsNoZipIsRefused) {
  const std::string html = "<html>404 not found</html>";
  EXPECT_CODE(store_->Push(HeaderOf("1", html), html).status(), kInvalidArgument, "archive app 1 is no zip");
  EXPECT_THAT(Arriving(), IsEmpty());
  EXPECT_THAT(Stored(), IsEmpty());
}

TEST_F(ArchiveDeskTest, TwoPushesOfTheSameContent) {
  const auto first = store_->Begin(HeaderOf("1", zip_));
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_CODE(store_->Begin(HeaderOf("2", zip_)).status(), kAborted, "try again");
}

TEST_F(ArchiveDeskTest, TwoPushesOfOneVersion) {
  const auto first = store_->Begin(HeaderOf("1", zip_));
  const auto second = store_->Begin(HeaderOf("1", other_));
  ASSERT_TRUE(first.ok() && second.ok()) << first.status() << second.status();
  for (std::size_t at = 0; at < zip_.size(); at += 250000) {
    ASSERT_TRUE(store_->Write(*first, zip_.substr(at, 250000)).ok());
    ASSERT_TRUE(store_->Write(*second, other_.substr(at, 250000)).ok());
  }
  EXPECT_TRUE(store_->Finish(*first).ok());
  EXPECT_CODE(store_->Finish(*second).status(), kAlreadyExists, "app 1 is another content already");
  EXPECT_THAT(Stored(), ElementsAre(Sha256Of(zip_)));
}

TEST_F(ArchiveDeskTest, MoreThanAnnounced) {
  const auto push = store_->Begin(HeaderOf("1", SmallZip()));
  ASSERT_TRUE(push.ok());
  EXPECT_CODE(store_->Write(*push, SmallZip() + "x"), kInvalidArgument, "more content than the");
  const auto large = store_->Begin(HeaderOf("1", zip_));
  ASSERT_TRUE(large.ok());
  EXPECT_CODE(store_->Write(*large, std::string(300000, 'x')), kInvalidArgument, "at most 262144");
}

TEST_F(ArchiveDeskTest, ANearlyFullDiskIsRefusedBeforehand) {
  free_ = limits_.keep_free_bytes + zip_.size() - 1;
  EXPECT_CODE(store_->Prepare(HeaderOf("1", zip_)).status(), kResourceExhausted,
              "1025 MiB free at " + directory_.path());
  EXPECT_CODE(store_->Push(HeaderOf("1", zip_), zip_).status(), kResourceExhausted, "jettyfleet archive remove");
  EXPECT_THAT(Arriving(), IsEmpty());
  free_ += 1;
  EXPECT_EQ(store_->Prepare(HeaderOf("1", zip_)).status().code(), kOk);
}

TEST_F(ArchiveDeskTest, ADiskThatFillsUpMeanwhileKeepsNothingHalfMade) {
  int writes = 0;
  write_ = [&writes](int fd, const void* data, std::size_t size) -> ssize_t {
    if (++writes <= 2) return write(fd, data, size);
    errno = ENOSPC;
    return -1;
  };
  Restart();
  EXPECT_CODE(store_->Push(HeaderOf("1", zip_), zip_).status(), kResourceExhausted, "No space left on device");
  EXPECT_THAT(Arriving(), IsEmpty());
  EXPECT_THAT(Listed(), IsEmpty());
}

TEST_F(ArchiveDeskTest, Limits) {
  limits_.most_bytes = 3 * zip_.size() / 2;
  Restart();
  ASSERT_TRUE(store_->Push(HeaderOf("1", zip_), zip_).ok());
  EXPECT_CODE(store_->Push(HeaderOf("2", other_), other_).status(), kResourceExhausted, "keeps 1 MiB of archives");
  limits_ = {.most_contents = 1};
  Restart();
  EXPECT_CODE(store_->Push(HeaderOf("2", other_), other_).status(), kResourceExhausted, "keeps 1 archives, at most 1");
}

TEST_F(ArchiveDeskTest, RemovingFreesWhatNothingElseNeeds) {
  ASSERT_TRUE(store_->Push(HeaderOf("1", zip_), zip_).ok());
  v1::PushHeader same = HeaderOf("2", zip_);
  same.set_offset(zip_.size());
  ASSERT_TRUE(store_->Push(same, zip_).ok());
  store_->desk().Hold("r-1", {Sha256Of(zip_)});
  EXPECT_CODE(store_->Remove("app", "1").status(), kFailedPrecondition, "operation r-1 needs it");
  store_->desk().Release("r-1");
  EXPECT_EQ(store_->Remove("app", "1")->freed_bytes(), 0u);
  EXPECT_EQ(Stored().size(), 1u);
  EXPECT_EQ(store_->Remove("app", "2")->freed_bytes(), zip_.size());
  EXPECT_THAT(Stored(), IsEmpty());
  EXPECT_CODE(store_->Remove("app", "2").status(), kNotFound, "there is no archive app 2");
  Restart();
  EXPECT_THAT(Listed(), IsEmpty());
}

TEST_F(ArchiveDeskTest, DamageOnTheDiskIsFoundAndCanBePushedAnew) {
  ASSERT_TRUE(store_->Push(HeaderOf("1", zip_), zip_).ok());
  v1::FetchArchiveRequest fetch;
  fetch.set_sha256(Sha256Of(zip_));
  ASSERT_TRUE(store_->OpenFetch(fetch).ok());
  std::string flipped = zip_;
  flipped[500000] ^= 1;
  WriteBytes(ContentPath(zip_), flipped);
  EXPECT_CODE(store_->OpenFetch(fetch).status(), kDataLoss, "was damaged on its disk");
  EXPECT_CODE(store_->OpenFetch(fetch).status(), kNotFound, "push it again");
  EXPECT_TRUE(store_->Push(HeaderOf("1", zip_), zip_).ok());
  EXPECT_TRUE(store_->OpenFetch(fetch).ok());
}

TEST_F(ArchiveDeskTest, AFetchGoesOnOnlyFromItsOwnBeginning) {
  ASSERT_TRUE(store_->Push(HeaderOf("1", zip_), zip_).ok());
  v1::FetchArchiveRequest fetch;
  fetch.set_sha256(Sha256Of(zip_));
  fetch.set_offset(1000);
  EXPECT_CODE(store_->OpenFetch(fetch).status(), kInvalidArgument, "SHA-256");
  fetch.set_prefix_sha256(Sha256Of(zip_.substr(0, 1000)));
  EXPECT_TRUE(store_->OpenFetch(fetch).ok());
  fetch.set_prefix_sha256(Sha256Of(zip_.substr(0, 999)));
  EXPECT_CODE(store_->OpenFetch(fetch).status(), kFailedPrecondition, "does not begin with the 1000 bytes");
  fetch.set_offset(zip_.size() + 1);
  EXPECT_CODE(store_->OpenFetch(fetch).status(), kFailedPrecondition, "does not begin with");
}

TEST_F(ArchiveDeskTest, PartsOfLongAgoGo) {
  ASSERT_TRUE(store_->Begin(HeaderOf("1", zip_)).ok());
  // The fake clock is far from the file's own time: a day before it, and then after.
  store_->desk().Start();
  EXPECT_THAT(Listed(), IsEmpty());
  EXPECT_EQ(Arriving().size(), 1u);
  store_->On<bool>([this] {
    store_->clock().Advance(absl::Hours(24 * 365 * 100));
    return true;
  });
  store_->desk().Start();
  EXPECT_THAT(Listed(), IsEmpty());
  EXPECT_THAT(Arriving(), IsEmpty());
}

// What could not be read again is not written.
TEST_F(ArchiveDeskTest, AnIndexNeverOutgrowsWhatIsRead) {
  store_.reset();
  std::string text = "{\"schema\":1,\"entries\":[";
  const std::string why(8100, 'x');
  for (int version = 0; version < 1000; ++version) {
    absl::StrAppend(&text, version == 0 ? "" : ",", "{\"name\":\"app\",\"version\":\"", version, "\",\"sha256\":\"",
                    Sha256Of(zip_), "\",\"size\":\"1\",\"why\":\"", why, "\"}");
  }
  text += "]}";
  WriteBytes(directory_ / "index.json", text);
  const auto table = ArchiveTable::Open(directory_ / "index.json");
  ASSERT_TRUE(table.ok()) << table.status();
  v1::ArchiveEntry entry;
  entry.set_name("app");
  entry.set_version("more");
  entry.set_sha256(Sha256Of(zip_));
  entry.set_size(1);
  entry.set_why(std::string(200000, 'x'));
  EXPECT_CODE((*table)->Bind(entry), kResourceExhausted, "remove old versions");
  EXPECT_EQ((*table)->Find("app", "more"), nullptr);
  EXPECT_EQ(ReadBytes(directory_ / "index.json"), text);
}

TEST_F(ArchiveDeskTest, ADamagedIndexIsNeverReset) {
  store_.reset();
  for (const char* text : {"{", "{\"schema\": 2}", "{\"schema\": 1, \"colour\": 1}",
                           "{\"schema\": 1, \"entries\": [{\"name\": \"../x\", \"version\": \"1\"}]}"}) {
    WriteBytes(directory_ / "index.json", text);
    EXPECT_CODE(ArchiveTable::Open(directory_ / "index.json").status(), kDataLoss,
                "is damaged or from another version");
    EXPECT_EQ(ReadBytes(directory_ / "index.json"), text);
  }
}

}  // namespace
}  // namespace jettyfleet
