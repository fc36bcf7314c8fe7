#include <gmock/gmock.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "client/cli.h"
#include "client/command/backup_commands.h"
#include "common/sha256.h"
#include "proto/backup_service.grpc.pb.h"
#include "tests/testing/files/temporary_directory.h"

namespace jettyfleet {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// Sends what it is told to.
class FakeBackupService final : public v1::BackupService::Service {
 public:
  std::vector<v1::BackupPart> parts;
  grpc::Status status;
  bool ctrl_c = false;  // comes when everything has been sent, and then nothing more does

  grpc::Status Backup(grpc::ServerContext* context, const v1::BackupRequest*,
                      grpc::ServerWriter<v1::BackupPart>* writer) override {
    for (const v1::BackupPart& part : parts) writer->Write(part);
    if (!ctrl_c) return status;
    kill(getpid(), SIGINT);
    while (!context->IsCancelled()) std::this_thread::yield();
    return grpc::Status::CANCELLED;
  }
};

class BackupCliTest : public testing::Test {
 protected:
  BackupCliTest() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    service_.parts.resize(3);
    service_.parts[0].set_bytes("the jour");
    service_.parts[1].set_bytes("nal");
    Sha256 sha256;
    sha256.Add("the journal");
    v1::BackupSummary* const summary = service_.parts[2].mutable_summary();
    summary->set_size_bytes(11);
    summary->set_sha256(sha256.Finish());
    summary->set_last_sequence(4711);
    summary->mutable_at()->set_seconds(1795435200);
  }

  struct Outcome {
    int code;
    std::string out;
    std::string err;
  };
  Outcome Run(std::vector<std::string> arguments) {
    std::ostringstream out;
    std::ostringstream err;
    const int code = RunClient(arguments, {"", "127.0.0.1:" + std::to_string(port_)}, Console{out, err});
    return {code, out.str(), err.str()};
  }
  Outcome Backup(const std::string& output = "text") {
    return Run({"backup", file_, "--insecure", "-o", output});
  }
  // One line, and no file.
  void ExpectNone(const Outcome& outcome, int code, const std::string& words) {
    EXPECT_EQ(outcome.code, code);
    EXPECT_EQ(outcome.out, "");
    EXPECT_THAT(outcome.err, StartsWith("jettyfleet: "));
    EXPECT_THAT(outcome.err, HasSubstr(words));
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
    EXPECT_TRUE(std::filesystem::is_empty(directory_.path()));
  }
  static std::string Content(const std::string& path) {
    std::ifstream in(path);
    return std::string(std::istreambuf_iterator<char>(in), {});
  }

  TemporaryDirectory directory_;
  const std::string file_ = directory_ / "backup.db";
  FakeBackupService service_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

TEST_F(BackupCliTest, TakesAllAndSaysWhatItIs) {
  const mode_t before = umask(0);
  const Outcome outcome = Backup();
  umask(before);
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(outcome.out,
            file_ + ": the journal up to record 4711, of 2026-11-23 12:00:00Z, 11 bytes, checked\n");
  EXPECT_EQ(Content(file_), "the journal");
  struct stat about = {};
  ASSERT_EQ(stat(file_.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 07777, 0600u);
  EXPECT_FALSE(std::filesystem::exists(file_ + ".partial"));
}

TEST_F(BackupCliTest, Json) { EXPECT_THAT(Backup("json").out, HasSubstr("\"lastSequence\": \"4711\"")); }

TEST_F(BackupCliTest, WhatIsThereIsLeftAlone) {
  for (const char* const there : {"", ".partial"}) {
    std::ofstream(file_ + there) << "mine";
    const Outcome outcome = Backup();
    EXPECT_EQ(outcome.code, 2);
    EXPECT_THAT(outcome.err, StartsWith("jettyfleet: " + file_ + there + ": "));
    EXPECT_EQ(Content(file_ + there), "mine");
    std::filesystem::remove(file_ + there);
    EXPECT_TRUE(std::filesystem::is_empty(directory_.path()));
  }
}

TEST_F(BackupCliTest, NotWhole) {
  service_.parts.pop_back();
  ExpectNone(Backup(), 1, "the coordinator sent no end");
}

TEST_F(BackupCliTest, SomethingIsMissing) {
  service_.parts.erase(service_.parts.begin());
  ExpectNone(Backup(), 1, "what came is not what the coordinator has sent (3 of 11 bytes)");
}

TEST_F(BackupCliTest, SomethingIsDifferent) {
  service_.parts[1].set_bytes("nail");
  service_.parts[2].mutable_summary()->set_size_bytes(12);
  ExpectNone(Backup(), 1, "what came is not what the coordinator has sent");
}

TEST_F(BackupCliTest, SomethingComesAfterTheEnd) {
  service_.parts.push_back(service_.parts[0]);
  ExpectNone(Backup(), 1, "sends on after the end");
}

TEST_F(BackupCliTest, TheCoordinatorHasNone) {
  service_.parts.clear();
  service_.status = {grpc::StatusCode::FAILED_PRECONDITION, "another backup is being made: wait for its end"};
  ExpectNone(Backup(), 4, "another backup is being made: wait for its end");
}

TEST_F(BackupCliTest, TheCoordinatorDiesMeanwhile) {
  service_.parts.pop_back();
  service_.status = {grpc::StatusCode::UNAVAILABLE, "gone"};
  ExpectNone(Backup(), 3, "cannot be reached");
}

TEST_F(BackupCliTest, CtrlCLeavesNothing) {
  service_.parts.pop_back();
  service_.ctrl_c = true;
  ExpectNone(Backup(), 1, "given up, and nothing is left");
}

TEST_F(BackupCliTest, NoSuchFolder) {
  const Outcome outcome = Run({"backup", directory_ / "no/such", "--insecure"});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("no/such.partial: cannot be made: No such file or directory"));
}

TEST_F(BackupCliTest, RestoringNeedsTheCoordinatorsProgram) {
  const Outcome outcome = Run({"restore-backup", file_});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_EQ(outcome.out, "");
  EXPECT_THAT(outcome.err, HasSubstr("jettyfleet-coordinator: No such file or directory: run this on the "
                                     "coordinator's host"));
}

TEST_F(BackupCliTest, RestoringIsTheCoordinatorsProgramsWork) {
  const std::string program = directory_ / "jettyfleet-coordinator";
  const std::string heard = directory_ / "heard";
  std::ofstream(program) << "#!/bin/sh\nfor argument; do echo \"$argument\"; done > " << heard << "\nexit $STATUS\n";
  std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  std::ostringstream out;
  std::ostringstream err;
  const Console console{out, err};
  setenv("STATUS", "0", 1);
  EXPECT_EQ(RunRestoreBackup(console, program, "--help", "/a b"), 0);
  EXPECT_EQ(Content(heard), "--state=/a b\nrestore-backup\n--\n--help\n");
  EXPECT_EQ(RunRestoreBackup(console, program, "x", ""), 0);
  EXPECT_EQ(Content(heard), "restore-backup\n--\nx\n");
  setenv("STATUS", "1", 1);
  EXPECT_EQ(RunRestoreBackup(console, program, "x", ""), 1);
  EXPECT_EQ(err.str(), "") << "the program has said why";
}

}  // namespace
}  // namespace jettyfleet
