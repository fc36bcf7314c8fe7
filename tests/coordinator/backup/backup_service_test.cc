// A backup from a running core over a real connection.
#include "coordinator/backup/backup_service.h"

#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include "common/sha256.h"
#include "coordinator/backup/inspect_file.h"
#include "tests/coordinator/backup/journal_in.h"
#include "tests/testing/files/temporary_directory.h"

namespace jettyfleet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class BackupServiceTest : public testing::Test {
 protected:
  BackupServiceTest() {
    // More than one step, and more than one part.
    for (int i = 0; i < 30; ++i) EXPECT_TRUE(AppendEvent(*journal_, std::string(100'000, 'x')).ok());
  }
  ~BackupServiceTest() override {
    server_->Shutdown();
    core_.Stop();
    core_thread_.join();
  }

  struct Received {
    grpc::Status status;
    std::string bytes;
    int parts = 0;
    v1::BackupSummary summary;
    bool whole = false;
  };
  Received Take() {
    grpc::ClientContext context;
    const auto stream = stub_->Backup(&context, v1::BackupRequest());
    Received received;
    for (v1::BackupPart part; stream->Read(&part);) {
      EXPECT_FALSE(received.whole) << "something comes after the summary";
      if (part.has_summary()) {
        received.summary = part.summary();
        received.whole = true;
      } else {
        received.bytes += part.bytes();
        ++received.parts;
      }
    }
    received.status = stream->Finish();
    return received;
  }
  // On the core thread, as in the coordinator.
  template <typename Call>
  auto OnCore(Call call) {
    std::promise<decltype(call())> promise;
    core_.Post([&] { promise.set_value(call()); });
    return promise.get_future().get();
  }

  TemporaryDirectory directory_;
  const std::string state_ = directory_ / "state";
  const std::string path_ = state_ + "/journal.backup";
  std::unique_ptr<SqliteJournal> journal_ = JournalIn(state_);
  CoreLoop core_{SystemClock()};
  BackupDesk desk_{core_, journal_->database(), path_, SystemClock()};
  DenyList deny_list_{""};
  CallerGate gate_{&deny_list_, /*insecure=*/true};
  BackupService service_{core_, gate_, desk_};
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_ = [this] {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(&service_);
    return builder.BuildAndStart();
  }();
  std::unique_ptr<v1::BackupService::Stub> stub_ = v1::BackupService::NewStub(
      grpc::CreateChannel("127.0.0.1:" + std::to_string(port_), grpc::InsecureChannelCredentials()));
  std::thread core_thread_{[this] { core_.Run(); }};
};

TEST_F(BackupServiceTest, TheWholeJournalAndWhatItIs) {
  const Received received = Take();
  ASSERT_TRUE(received.status.ok()) << received.status.error_message();
  ASSERT_TRUE(received.whole);
  EXPECT_GT(received.parts, 5);
  EXPECT_EQ(received.summary.size_bytes(), received.bytes.size());
  Sha256 sha256;
  sha256.Add(received.bytes);
  EXPECT_EQ(received.summary.sha256(), sha256.Finish());
  EXPECT_EQ(received.summary.last_sequence(), 30u);
  EXPECT_EQ(received.summary.format(), static_cast<uint32_t>(kDatabaseVersion));
  const std::string taken = directory_ / "taken";
  std::ofstream(taken, std::ios::binary) << received.bytes;
  const auto facts = InspectJournalFile(taken, taken);
  ASSERT_TRUE(facts.ok()) << facts.status();
  EXPECT_EQ(facts->last_sequence, 30);
  EXPECT_THAT(FilesIn(state_), ElementsAre("journal.db", "journal.db-wal", "journal.reserve")) << "nothing is left";
}

TEST_F(BackupServiceTest, TheJournalGoesOnAndTheNextBackupHasIt) {
  ASSERT_TRUE(Take().status.ok());
  ASSERT_TRUE(OnCore([this] { return AppendEvent(*journal_, "more"); }).ok());
  // The file of the first is given back on gRPC's time.
  Received second = Take();
  while (second.status.error_code() == grpc::StatusCode::FAILED_PRECONDITION) second = Take();
  ASSERT_TRUE(second.status.ok()) << second.status.error_message();
  EXPECT_EQ(second.summary.last_sequence(), 31u);
}

TEST_F(BackupServiceTest, OneAtATime) {
  const absl::Status second = OnCore([this] {
    desk_.Make([] { return false; }, [](absl::StatusOr<std::shared_ptr<BackupFile>>) {});
    absl::Status refused;
    desk_.Make([] { return false; },
               [&](absl::StatusOr<std::shared_ptr<BackupFile>> file) { refused = file.status(); });
    return refused;
  });
  EXPECT_EQ(second.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(second.message()), HasSubstr("another backup is being made"));
}

TEST_F(BackupServiceTest, AsLongAsItIsSentItIsTheOne) {
  std::promise<std::shared_ptr<BackupFile>> made;
  core_.Post([&] {
    desk_.Make([] { return false; },
               [&](absl::StatusOr<std::shared_ptr<BackupFile>> file) { made.set_value(file.ok() ? *file : nullptr); });
  });
  std::shared_ptr<BackupFile> file = made.get_future().get();
  ASSERT_NE(file, nullptr);
  EXPECT_EQ(Take().status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  file.reset();
  EXPECT_TRUE(Take().status.ok());
}

TEST_F(BackupServiceTest, WhoIsGoneIsNotWaitedFor) {
  std::promise<absl::Status> ended;
  core_.Post([&] {
    desk_.Make([] { return true; },
               [&](absl::StatusOr<std::shared_ptr<BackupFile>> file) { ended.set_value(file.status()); });
  });
  EXPECT_EQ(ended.get_future().get().code(), absl::StatusCode::kCancelled);
  EXPECT_FALSE(std::filesystem::exists(path_));
  EXPECT_TRUE(Take().status.ok());
}

// The copy is checked before anything is sent.
TEST_F(BackupServiceTest, ADamagedJournalGivesNoBackup) {
  ASSERT_TRUE(OnCore([this] {
                return journal_->database().Execute(
                    "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = 2 WHERE name = 'answers'");
              }).ok());
  const Received received = Take();
  EXPECT_EQ(received.status.error_code(), grpc::StatusCode::DATA_LOSS) << received.status.error_message();
  EXPECT_EQ(received.parts, 0);
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(BackupServiceTest, WithoutACertificateNobodyTakesOne) {
  CallerGate strict(&deny_list_, /*insecure=*/false);
  BackupService service(core_, strict, desk_);
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  const auto stub = v1::BackupService::NewStub(
      grpc::CreateChannel("127.0.0.1:" + std::to_string(port), grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  const auto stream = stub->Backup(&context, v1::BackupRequest());
  v1::BackupPart part;
  EXPECT_FALSE(stream->Read(&part));
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::UNAUTHENTICATED);
}

}  // namespace
}  // namespace jettyfleet
