#include "agent/archive/archive_acts.h"

#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/archive/archive_name.h"
#include "common/proto_time.h"
#include "tests/testing/agent/fake_clock.h"
#include "tests/testing/archive/zips.h"
#include "tests/testing/files/temporary_directory.h"

namespace jettyfleet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;
namespace fs = std::filesystem;

// A coordinator that gives content out as it is told to.
class ScriptedFetchService final : public v1::FetchService::Service {
 public:
  std::string content;
  // Streams break after as many bytes, one after the other; then they are whole.
  std::vector<std::size_t> breaks;
  grpc::Status broken = {grpc::StatusCode::UNAVAILABLE, "the connection broke"};
  // What happens on the node meanwhile.
  std::function<void()> meanwhile = [] {};
  // Of the first stream; npos: none.
  std::size_t flip_at = std::string::npos;
  bool flip_always = false;
  std::vector<v1::FetchArchiveRequest> asked;

  grpc::Status FetchArchive(grpc::ServerContext*, const v1::FetchArchiveRequest* request,
                            grpc::ServerWriter<v1::FetchArchiveResponse>* writer) override {
    asked.push_back(*request);
    meanwhile();
    if (request->sha256() != Sha256Of(content)) return {grpc::StatusCode::NOT_FOUND, "no such content"};
    if (request->offset() > 0 && request->prefix_sha256() != Sha256Of(content.substr(0, request->offset()))) {
      return {grpc::StatusCode::FAILED_PRECONDITION, "begins otherwise"};
    }
    std::string sent = content;
    if (flip_at != std::string::npos && (flip_always || asked.size() == 1)) sent[flip_at] ^= 1;
    const std::size_t end = asked.size() <= breaks.size() ? request->offset() + breaks[asked.size() - 1] : sent.size();
    v1::FetchArchiveResponse response;
    response.set_size(sent.size());
    for (std::size_t at = request->offset(); at < end; at += kArchiveChunkBytes) {
      response.set_data(sent.substr(at, std::min(kArchiveChunkBytes, end - at)));
      writer->Write(response);
      response.clear_size();
    }
    if (request->offset() >= end) writer->Write(response);
    if (asked.size() <= breaks.size()) return broken;
    return grpc::Status::OK;
  }
};

class ArchiveActsTest : public testing::Test {
 protected:
  ArchiveActsTest() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    service_.content = new_;
    fs::create_directory(directory_ / "webapps");
  }

  v1::StageArchive StageOf(const std::string& content, uint32_t keep = 2) const {
    v1::StageArchive act;
    act.set_target(target_);
    act.set_sha256(Sha256Of(content));
    act.set_size(content.size());
    act.set_keep(keep);
    return act;
  }
  v1::ActionResult Stage(const v1::StageArchive& act) {
    std::vector<std::unique_ptr<Fetcher::Stub>> stubs;
    stubs.push_back(v1::FetchService::NewStub(
        grpc::CreateChannel(absl::StrCat("127.0.0.1:", port_), grpc::InsecureChannelCredentials())));
    Fetcher fetcher(std::move(stubs), clock_,
                    [this](absl::Duration pause) {
                      slept_ += pause;
                      clock_.Advance(pause);
                    },
                    {.bytes_per_second = act.bytes_per_second(), .most_idle_breaks = 3});
    return StageArchive(act, fetcher, write_);
  }
  v1::ActionResult Stage(const std::string& content, uint32_t keep = 2) {
    service_.content = content;
    return Stage(StageOf(content, keep));
  }
  v1::ActionResult Switch(const std::string& content) {
    v1::SwitchArchive act;
    act.set_target(target_);
    act.set_sha256(Sha256Of(content));
    act.set_unit("jetty9");
    *act.mutable_before() = ToProto(before_);
    return SwitchArchive(
        act,
        [this](const std::string& unit) {
          EXPECT_EQ(unit, "jetty9");
          return unit_state_;
        },
        clock_, write_);
  }
  v1::ActionResult Drop(const std::string& content) {
    v1::DropStaged act;
    act.set_target(target_);
    act.set_sha256(Sha256Of(content));
    return DropStaged(act);
  }
  std::string Hidden() const { return directory_ / "webapps/.jettyfleet/app.war"; }
  std::string StagedPath(const std::string& content) const { return Hidden() + "/" + Sha256Of(content) + ".war"; }
  std::vector<std::string> InHidden() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(Hidden())) names.push_back(entry.path().filename().string());
    return names;
  }
  // File times are of the kernel's tick: until two acts have times of their own.
  void AwaitNextTick() const {
    const std::string path = directory_ / "tick";
    const auto changed = [&path] {
      WriteBytes(path, "x");
      struct stat about;
      return stat(path.c_str(), &about) == 0 ? absl::TimeFromTimespec(about.st_ctim) : absl::InfiniteFuture();
    };
    const absl::Time first = changed();
    while (changed() == first) {
    }
  }
  static std::string Name(const std::string& content) { return Sha256Of(content) + ".war"; }
  static mode_t Mode(const std::string& path) {
    struct stat about;
    return stat(path.c_str(), &about) == 0 ? about.st_mode & 07777 : 0;
  }

  const TemporaryDirectory directory_;
  const std::string target_ = directory_ / "webapps/app.war";
  const std::string old_ = ZipOfAbout(700000, 1);
  const std::string new_ = ZipOfAbout(1000000, 2);
  FakeClock clock_;
  absl::Time before_ = clock_.WallNow() + absl::Minutes(1);
  absl::Duration slept_;
  absl::StatusOr<std::string> unit_state_ = std::string("inactive");
  WriteCall write_ = SystemWrite();
  ScriptedFetchService service_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

auto IsDone() { return testing::Property(&v1::ActionResult::outcome, v1::ActionResult::OUTCOME_DONE); }
auto Is(v1::ActionResult::Outcome outcome, const std::string& part) {
  return testing::AllOf(testing::Property(&v1::ActionResult::outcome, outcome),
                        testing::Property(&v1::ActionResult::message, HasSubstr(part)));
}
auto IsRefused(const std::string& part) { return Is(v1::ActionResult::OUTCOME_REFUSED, part); }
auto IsFailed(const std::string& part) { return Is(v1::ActionResult::OUTCOME_FAILED, part); }

MATCHER_P(Moves, bytes, "") { return arg.archive().moved_bytes() == static_cast<uint64_t>(bytes); }

TEST_F(ArchiveActsTest, StagesBesideTheTargetAndLeavesItAlone) {
  WriteBytes(target_, old_);
  chmod(target_.c_str(), 0640);
  const v1::ActionResult staged = Stage(new_);
  EXPECT_THAT(staged, IsDone()) << staged.message();
  EXPECT_THAT(staged, Moves(new_.size()));
  EXPECT_EQ(ReadBytes(target_), old_);
  EXPECT_EQ(ReadBytes(StagedPath(new_)), new_);
  EXPECT_EQ(Mode(StagedPath(new_)), 0640u);
  EXPECT_THAT(InHidden(), UnorderedElementsAre(Name(new_), Name(old_)));
  EXPECT_EQ(Mode(directory_ / "webapps/.jettyfleet"), 0755u);
}

TEST_F(ArchiveActsTest, TheFirstOneIsForAllToRead) {
  EXPECT_THAT(Stage(new_), IsDone());
  EXPECT_EQ(Mode(StagedPath(new_)), 0644u);
  EXPECT_FALSE(fs::exists(target_));
  const v1::ActionResult switched = Switch(new_);
  EXPECT_THAT(switched, IsDone()) << switched.message();
  EXPECT_EQ(switched.archive().previous_sha256(), "");
  EXPECT_EQ(ReadBytes(target_), new_);
}

TEST_F(ArchiveActsTest, WhatIsThereMovesNoBytes) {
  WriteBytes(target_, old_);
  EXPECT_THAT(Stage(new_), Moves(new_.size()));
  chmod(target_.c_str(), 0600);
  EXPECT_THAT(Stage(new_), testing::AllOf(IsDone(), Moves(0)));
  EXPECT_EQ(Mode(StagedPath(new_)), 0600u);
  // What is in place, too.
  EXPECT_THAT(Stage(old_), testing::AllOf(IsDone(), Moves(0)));
  EXPECT_EQ(service_.asked.size(), 1u);
}

TEST_F(ArchiveActsTest, BreaksAreGoneOnFrom) {
  service_.breaks = {300000, 1, 0, 0, 400000};
  const v1::ActionResult staged = Stage(new_);
  EXPECT_THAT(staged, IsDone()) << staged.message();
  EXPECT_THAT(staged, Moves(new_.size()));
  std::vector<uint64_t> offsets;
  for (const v1::FetchArchiveRequest& request : service_.asked) offsets.push_back(request.offset());
  EXPECT_THAT(offsets, ElementsAre(0, 300000, 300001, 300001, 300001, 700001));
  EXPECT_EQ(ReadBytes(StagedPath(new_)), new_);
}

TEST_F(ArchiveActsTest, AfterTooManyBreaksTheNextActGoesOn) {
  service_.breaks = {300000, 0, 0, 0};
  EXPECT_THAT(Stage(new_), IsFailed("the connection broke"));
  EXPECT_THAT(InHidden(), ElementsAre(Sha256Of(new_) + ".part"));
  service_.breaks = {};
  EXPECT_THAT(Stage(new_), testing::AllOf(IsDone(), Moves(new_.size() - 300000)));
}

TEST_F(ArchiveActsTest, ACoordinatorsTroubleCostsNothingOfWhatWasFetched) {
  for (const grpc::StatusCode trouble : {grpc::StatusCode::RESOURCE_EXHAUSTED, grpc::StatusCode::DATA_LOSS}) {
    ASSERT_THAT(Drop(new_), IsDone());
    service_.asked.clear();
    service_.breaks = {300000, 0, 0, 0};
    service_.broken = {trouble, "trouble of its own"};
    EXPECT_THAT(Stage(new_), IsFailed("fetching from the coordinator: trouble of its own"));
    EXPECT_EQ(fs::file_size(Hidden() + "/" + Sha256Of(new_) + ".part"), 300000u);
  }
}

TEST_F(ArchiveActsTest, AFlippedByteIsFetchedAnew) {
  service_.flip_at = 500000;
  const v1::ActionResult staged = Stage(new_);
  EXPECT_THAT(staged, testing::AllOf(IsDone(), Moves(2 * new_.size()))) << staged.message();
  EXPECT_EQ(ReadBytes(StagedPath(new_)), new_);
}

TEST_F(ArchiveActsTest, AByteThatIsAlwaysFlippedIsNeverStaged) {
  WriteBytes(target_, old_);
  service_.flip_at = 500000;
  service_.flip_always = true;
  EXPECT_THAT(Stage(new_), IsFailed("arrived twice with another SHA-256"));
  EXPECT_THAT(InHidden(), ElementsAre(Name(old_)));
}

TEST_F(ArchiveActsTest, AnotherBeginningIsThrownAway) {
  service_.breaks = {300000, 0, 0, 0};
  EXPECT_THAT(Stage(new_), IsFailed("the connection broke"));
  WriteBytes(Hidden() + "/" + Sha256Of(new_) + ".part", old_);
  service_.breaks = {};
  EXPECT_THAT(Stage(new_), testing::AllOf(IsDone(), Moves(new_.size())));
}

TEST_F(ArchiveActsTest, TheCoordinatorsRefusal) {
  service_.content = old_;
  EXPECT_THAT(Stage(StageOf(new_)), IsFailed("fetching from the coordinator: no such content"));
  v1::StageArchive act = StageOf(old_);
  act.set_size(act.size() + 1);
  EXPECT_THAT(Stage(act), IsFailed("bytes, not"));
}

TEST_F(ArchiveActsTest, AFullDiskLeavesNothingHalfMade) {
  WriteBytes(target_, old_);
  int writes = 0;
  write_ = [&writes](int fd, const void* data, std::size_t size) -> ssize_t {
    if (++writes <= 2) return write(fd, data, size);
    errno = ENOSPC;
    return -1;
  };
  const v1::ActionResult full = Stage(new_);
  EXPECT_THAT(full, IsFailed("webapps/.jettyfleet/app.war/" + Sha256Of(new_) + ".part: No space left on device"));
  EXPECT_THAT(InHidden(), ElementsAre(Name(old_)));
  EXPECT_EQ(ReadBytes(target_), old_);
  write_ = SystemWrite();
  EXPECT_THAT(Stage(new_), testing::AllOf(IsDone(), Moves(new_.size())));
}

TEST_F(ArchiveActsTest, Pacing) {
  v1::StageArchive act = StageOf(new_);
  act.set_bytes_per_second(100000);
  EXPECT_THAT(Stage(act), IsDone());
  EXPECT_EQ(absl::ToInt64Seconds(slept_), static_cast<int64_t>(new_.size() / 100000));
}

TEST_F(ArchiveActsTest, WhatABreakTookIsNotCaughtUp) {
  v1::StageArchive act = StageOf(new_);
  act.set_bytes_per_second(100000);
  service_.breaks = {500000};
  service_.meanwhile = [this] { clock_.Advance(absl::Seconds(60)); };
  EXPECT_THAT(Stage(act), IsDone());
  EXPECT_GE(slept_, absl::Seconds(static_cast<int64_t>(new_.size() / 100000)));
}

TEST_F(ArchiveActsTest, SwitchesAFileAndBack) {
  WriteBytes(target_, old_);
  ASSERT_THAT(Stage(new_), IsDone());
  const fs::file_time_type long_ago = fs::last_write_time(target_) - std::chrono::hours(1000);
  fs::last_write_time(target_, long_ago);
  const v1::ActionResult switched = Switch(new_);
  EXPECT_THAT(switched, IsDone()) << switched.message();
  EXPECT_EQ(switched.archive().in_place_sha256(), Sha256Of(new_));
  EXPECT_EQ(switched.archive().previous_sha256(), Sha256Of(old_));
  EXPECT_EQ(ReadBytes(target_), new_);
  EXPECT_TRUE(fs::is_regular_file(fs::symlink_status(target_)));
  const v1::ActionResult back = Switch(old_);
  EXPECT_THAT(back, IsDone()) << back.message();
  EXPECT_EQ(ReadBytes(target_), old_);
  // Newer than whatever Jetty has unpacked.
  EXPECT_GT(fs::last_write_time(target_), long_ago + std::chrono::hours(999));
  EXPECT_THAT(InHidden(), UnorderedElementsAre(Name(new_), Name(old_)));
}

TEST_F(ArchiveActsTest, SwitchesALinkAndBack) {
  WriteBytes(directory_ / "app-1.war", old_);
  fs::create_symlink("../app-1.war", target_);
  ASSERT_THAT(Stage(new_), IsDone());
  const v1::ActionResult switched = Switch(new_);
  EXPECT_THAT(switched, IsDone()) << switched.message();
  EXPECT_EQ(switched.archive().previous_sha256(), Sha256Of(old_));
  EXPECT_EQ(fs::read_symlink(target_), ".jettyfleet/app.war/" + Name(new_));
  EXPECT_EQ(ReadBytes(target_), new_);
  EXPECT_EQ(ReadBytes(directory_ / "app-1.war"), old_);
  EXPECT_THAT(Switch(old_), IsDone());
  EXPECT_EQ(ReadBytes(target_), old_);
}

TEST_F(ArchiveActsTest, TheSameSwitchAgainChangesNothing) {
  WriteBytes(target_, old_);
  ASSERT_THAT(Stage(new_), IsDone());
  ASSERT_THAT(Switch(new_), IsDone());
  // Its answer was lost, and Jetty has been started meanwhile.
  unit_state_ = std::string("active");
  before_ = clock_.WallNow();
  const v1::ActionResult again = Switch(new_);
  EXPECT_THAT(again, IsDone()) << again.message();
  EXPECT_EQ(again.archive().in_place_sha256(), Sha256Of(new_));
  EXPECT_EQ(again.archive().previous_sha256(), "");
}

TEST_F(ArchiveActsTest, RefusesAtTheWrongMoment) {
  WriteBytes(target_, old_);
  ASSERT_THAT(Stage(new_), IsDone());
  const auto refuses = [this](const std::string& why) {
    const v1::ActionResult refused = Switch(new_);
    EXPECT_THAT(refused, IsRefused(why));
    EXPECT_EQ(refused.archive().in_place_sha256(), Sha256Of(old_));
    EXPECT_EQ(ReadBytes(target_), old_);
    EXPECT_THAT(InHidden(), UnorderedElementsAre(Name(new_), Name(old_)));
  };
  for (const char* state : {"active", "activating", "deactivating", "reloading", ""}) {
    unit_state_ = std::string(state);
    refuses("an archive is never replaced under it");
  }
  unit_state_ = absl::UnavailableError("no bus");
  refuses("whether jetty9 runs is unknown: no bus");
  unit_state_ = std::string("failed");
  before_ = clock_.WallNow();
  refuses("too late");
  before_ = clock_.WallNow() + absl::Nanoseconds(1);
  EXPECT_THAT(Switch(new_), IsDone());
}

TEST_F(ArchiveActsTest, RefusesWhatIsNotStagedOrDamaged) {
  WriteBytes(target_, old_);
  EXPECT_THAT(Switch(new_), IsRefused("nothing is staged here"));
  ASSERT_THAT(Stage(new_), IsDone());
  EXPECT_THAT(Switch(SmallZip()), IsRefused("is not staged here"));
  std::string flipped = new_;
  flipped[500000] ^= 1;
  WriteBytes(StagedPath(new_), flipped);
  EXPECT_THAT(Switch(new_), IsRefused("or was damaged: stage it first"));
  EXPECT_EQ(ReadBytes(target_), old_);
  EXPECT_THAT(Stage(new_), testing::AllOf(IsDone(), Moves(new_.size())));
  EXPECT_THAT(Switch(new_), IsDone());
}

// A crash between the link's making and the rename leaves `next`; the next switch makes its own.
TEST_F(ArchiveActsTest, ACrashBeforeTheRename) {
  WriteBytes(target_, old_);
  ASSERT_THAT(Stage(new_), IsDone());
  fs::create_hard_link(StagedPath(old_), Hidden() + "/next");
  EXPECT_THAT(Switch(new_), IsDone());
  EXPECT_EQ(ReadBytes(target_), new_);
}

TEST_F(ArchiveActsTest, OlderVersionsGo) {
  WriteBytes(target_, old_);
  std::vector<std::string> versions;
  for (uint32_t seed = 10; seed < 14; ++seed) {
    versions.push_back(ZipOfAbout(1000, seed));
    AwaitNextTick();
    ASSERT_THAT(Stage(versions.back(), /*keep=*/1), IsDone());
    AwaitNextTick();
    ASSERT_THAT(Switch(versions.back()), IsDone());
  }
  // In place, and the ones before it that the last staging left and the last switch put away.
  EXPECT_THAT(InHidden(), UnorderedElementsAre(Name(versions[3]), Name(versions[2]), Name(versions[1])));
  EXPECT_THAT(Stage(versions[3], /*keep=*/0), IsDone());
  EXPECT_THAT(InHidden(), ElementsAre(Name(versions[3])));
}

// What was put in place during a fetch is not cleared away as one that is left over.
TEST_F(ArchiveActsTest, ASwitchWhileAnotherIsStaged) {
  WriteBytes(directory_ / "app-1.war", old_);
  fs::create_symlink("../app-1.war", target_);
  ASSERT_THAT(Stage(new_), IsDone());
  service_.meanwhile = [this] { EXPECT_THAT(Switch(new_), IsDone()); };
  ASSERT_THAT(Stage(SmallZip(), /*keep=*/0), IsDone());
  EXPECT_EQ(ReadBytes(target_), new_);
  EXPECT_THAT(InHidden(), UnorderedElementsAre(Name(new_), Name(SmallZip())));
}

TEST_F(ArchiveActsTest, JettyGetsThroughWhateverOurUmaskIs) {
  const mode_t before = umask(0077);
  const v1::ActionResult staged = Stage(new_);
  umask(before);
  EXPECT_THAT(staged, IsDone());
  EXPECT_EQ(Mode(directory_ / "webapps/.jettyfleet"), 0755u);
  EXPECT_EQ(Mode(Hidden()), 0755u);
}

TEST_F(ArchiveActsTest, Drops) {
  WriteBytes(target_, old_);
  EXPECT_THAT(Drop(new_), IsDone());
  ASSERT_THAT(Stage(new_), IsDone());
  EXPECT_THAT(Drop(old_), IsRefused("is what is in place"));
  EXPECT_THAT(Drop(new_), IsDone());
  EXPECT_THAT(Drop(new_), IsDone());
  EXPECT_THAT(InHidden(), ElementsAre(Name(old_)));
}

TEST_F(ArchiveActsTest, NobodyElsesDirectory) {
  fs::create_directory(directory_ / "elsewhere");
  fs::create_directory_symlink(directory_ / "elsewhere", directory_ / "webapps/.jettyfleet");
  EXPECT_THAT(Stage(new_), IsRefused("cannot open what holds"));
  EXPECT_TRUE(fs::is_empty(directory_ / "elsewhere"));
  fs::remove(directory_ / "webapps/.jettyfleet");
  fs::create_directory(directory_ / "webapps/.jettyfleet");
  chmod((directory_ / "webapps/.jettyfleet").c_str(), 0777);
  EXPECT_THAT(Stage(new_), IsRefused("is not ours alone"));
}

TEST_F(ArchiveActsTest, WrongTargets) {
  fs::create_directory(target_);
  EXPECT_THAT(Stage(new_), IsRefused("is no file, and no link to one"));
  fs::remove(target_);
  fs::create_symlink("nowhere.war", target_);
  EXPECT_THAT(Stage(new_), IsRefused("is a link to nothing"));
  v1::StageArchive act = StageOf(new_);
  act.set_target(directory_ / "missing/app.war");
  EXPECT_THAT(Stage(act), IsRefused("there is no directory"));
  act.set_target("/etc/passwd");
  EXPECT_THAT(Stage(act), IsRefused("is not where an archive is deployed"));
}

}  // namespace
}  // namespace jettyfleet
