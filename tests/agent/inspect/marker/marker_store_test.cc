#include "agent/inspect/marker/marker_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/proto_time.h"
#include "tests/testing/files/temporary_directory.h"

namespace jettyfleet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

v1::MarkerRecord Record(const std::string& marker) {
  v1::MarkerRecord record;
  record.set_marker(marker);
  *record.mutable_ends_at() = ToProto(absl::FromUnixSeconds(1763900000));
  v1::MarkedPath* const path = record.add_paths();
  path->set_unit("jetty9.service");
  path->set_path("/tmp");
  path->set_host_path("/tmp/private/tmp");
  return record;
}

TEST(MarkerName, CannotLeadOutOfADirectory) {
  EXPECT_TRUE(IsMarkerName("jettyfleet-marker-a"));
  EXPECT_TRUE(IsMarkerName("jettyfleet-marker-node1-9f3a-0"));
  EXPECT_TRUE(IsMarkerName("jettyfleet-marker-" + std::string(80, 'x')));
  const std::string bad[] = {"",
                             "jettyfleet-marker-",
                             "jettyfleet-marker-" + std::string(81, 'x'),
                             "jettyfleet-marker-A",
                             "jettyfleet-marker-a/b",
                             "jettyfleet-marker-..",
                             "jettyfleet-marker-a.json",
                             std::string("jettyfleet-marker-a\0b", 20),
                             "jettyfleet-marker-\xc3\xa4",
                             "../jettyfleet-marker-a",
                             "marker-a"};
  for (const std::string& name : bad) EXPECT_FALSE(IsMarkerName(name)) << name;
}

class MarkerStoreTest : public testing::Test {
 protected:
  MarkerStoreTest() : store_(directory_ / "state") {}

  TemporaryDirectory directory_;
  MarkerStore store_;
};

TEST_F(MarkerStoreTest, KeepsRecordsUntilTheyAreRemoved) {
  EXPECT_THAT(*store_.List(), IsEmpty());
  ASSERT_TRUE(store_.Add(Record("jettyfleet-marker-b")).ok());
  ASSERT_TRUE(store_.Add(Record("jettyfleet-marker-a")).ok());
  const MarkerStore another(directory_ / "state");
  EXPECT_THAT(*another.List(), ElementsAre("jettyfleet-marker-a", "jettyfleet-marker-b"));
  const absl::StatusOr<v1::MarkerRecord> read = another.Read("jettyfleet-marker-a");
  ASSERT_TRUE(read.ok()) << read.status();
  v1::MarkerRecord expected = Record("jettyfleet-marker-a");
  expected.set_schema(1);
  EXPECT_EQ(read->SerializeAsString(), expected.SerializeAsString());
  ASSERT_TRUE(store_.Remove("jettyfleet-marker-a").ok());
  ASSERT_TRUE(store_.Remove("jettyfleet-marker-a").ok());
  EXPECT_THAT(*another.List(), ElementsAre("jettyfleet-marker-b"));
  EXPECT_EQ(another.Read("jettyfleet-marker-a").status().code(), absl::StatusCode::kNotFound);
}

TEST_F(MarkerStoreTest, ANameIsUsedOnce) {
  ASSERT_TRUE(store_.Add(Record("jettyfleet-marker-a")).ok());
  EXPECT_EQ(store_.Add(Record("jettyfleet-marker-a")).code(), absl::StatusCode::kAlreadyExists);
}

TEST_F(MarkerStoreTest, IsBounded) {
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(store_.Add(Record(absl::StrCat("jettyfleet-marker-", i))).ok());
  const absl::Status status = store_.Add(Record("jettyfleet-marker-x"));
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(status.message()), HasSubstr(directory_ / "state/markers"));
}

TEST_F(MarkerStoreTest, OthersFilesAreNotOurs) {
  ASSERT_TRUE(store_.Add(Record("jettyfleet-marker-a")).ok());
  for (const char* const name : {"jettyfleet-marker-b.json.new", "notes.json", "jettyfleet-marker-c"}) {
    std::ofstream(directory_ / ("state/markers/" + std::string(name))) << "x";
  }
  EXPECT_THAT(*store_.List(), ElementsAre("jettyfleet-marker-a"));
}

TEST_F(MarkerStoreTest, DamageIsNamed) {
  ASSERT_TRUE(store_.Add(Record("jettyfleet-marker-a")).ok());
  const std::string path = directory_ / "state/markers/jettyfleet-marker-a.json";
  const std::string damages[] = {
      "",
      "{",
      "{\"schema\":2}",
      "{\"schema\":1}",
      "{\"schema\":1,\"marker\":\"jettyfleet-marker-b\",\"endsAt\":\"2026-01-01T00:00:00Z\"}",
      "{\"schema\":1,\"marker\":\"jettyfleet-marker-a\"}"};
  for (const std::string& damage : damages) {
    std::ofstream(path, std::ios::trunc) << damage;
    const absl::Status status = store_.Read("jettyfleet-marker-a").status();
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << damage;
    EXPECT_THAT(std::string(status.message()), HasSubstr(path)) << damage;
  }
}

TEST_F(MarkerStoreTest, IsForNobodyElse) {
  ASSERT_TRUE(store_.Add(Record("jettyfleet-marker-a")).ok());
  struct stat about;
  ASSERT_EQ(stat((directory_ / "state/markers").c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0700u);
  ASSERT_EQ(stat((directory_ / "state/markers/jettyfleet-marker-a.json").c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600u);
}

}  // namespace
}  // namespace jettyfleet
