// `jettyfleet archive` against a coordinator that answers what it is told to.
#include <gmock/gmock.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "client/cli.h"
#include "client/command/archive_upload.h"
#include "tests/testing/archive/zips.h"
#include "tests/testing/files/temporary_directory.h"

namespace jettyfleet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class FakeArchiveService final : public v1::ArchiveService::Service {
 public:
  std::string present;  // what has arrived; a push goes on after it
  // Streams break after as many bytes, one after the other; then they are whole.
  std::vector<std::size_t> breaks;
  grpc::Status refusal;
  v1::ListArchivesResponse archives;

  std::vector<uint64_t> offsets;
  v1::PushHeader header;
  v1::RemoveArchiveRequest removed;

  grpc::Status PreparePush(grpc::ServerContext*, const v1::PreparePushRequest*,
                           v1::PreparePushResponse* response) override {
    response->set_present_bytes(present.size());
    if (!present.empty()) response->set_present_sha256(Sha256Of(present));
    return refusal;
  }
  grpc::Status PushArchive(grpc::ServerContext*, grpc::ServerReader<v1::PushChunk>* reader,
                           v1::PushArchiveResponse* response) override {
    v1::PushChunk chunk;
    reader->Read(&chunk);
    header = chunk.header();
    present.resize(header.offset());
    offsets.push_back(header.offset());
    const bool breaks_off = offsets.size() <= breaks.size();
    std::size_t moved = 0;
    while ((!breaks_off || moved < breaks[offsets.size() - 1]) && reader->Read(&chunk)) {
      moved += chunk.data().size();
      present += chunk.data();
    }
    if (breaks_off) return {grpc::StatusCode::UNAVAILABLE, "shutting down"};
    response->mutable_entry()->set_name(header.name());
    response->mutable_entry()->set_version(header.version());
    response->mutable_entry()->set_sha256(header.sha256());
    response->set_moved_bytes(moved);
    return grpc::Status::OK;
  }
  grpc::Status ListArchives(grpc::ServerContext*, const v1::ListArchivesRequest*,
                            v1::ListArchivesResponse* response) override {
    *response = archives;
    return grpc::Status::OK;
  }
  grpc::Status RemoveArchive(grpc::ServerContext*, const v1::RemoveArchiveRequest* request,
                             v1::RemoveArchiveResponse* response) override {
    removed = *request;
    response->mutable_removed()->set_name(request->name());
    response->mutable_removed()->set_version(request->version());
    response->set_freed_bytes(2048);
    return refusal;
  }
};

class ArchiveTest : public testing::Test {
 protected:
  ArchiveTest() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    WriteBytes(file_, zip_);
  }

  std::string Address() const { return "127.0.0.1:" + std::to_string(port_); }

  int Run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--insecure", "archive"});
    out_.str("");
    err_.str("");
    return RunClient(arguments, {home_.path(), Address()}, console_);
  }
  int Push() { return Run({"push", file_, "--name", "app", "--version", "1.4.2", "--why", "ticket 7"}); }

  const TemporaryDirectory home_;
  const std::string file_ = home_ / "app.war";
  const std::string zip_ = ZipOfAbout(2000000, 1);
  FakeArchiveService service_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
  std::ostringstream out_;
  std::ostringstream err_;
  const Console console_{out_, err_};
};

TEST_F(ArchiveTest, Pushes) {
  EXPECT_EQ(Push(), 0) << err_.str();
  EXPECT_EQ(service_.present, zip_);
  EXPECT_EQ(service_.header.name(), "app");
  EXPECT_EQ(service_.header.version(), "1.4.2");
  EXPECT_EQ(service_.header.why(), "ticket 7");
  EXPECT_EQ(service_.header.size(), zip_.size());
  EXPECT_EQ(out_.str(), "archive app 1.4.2: 1.9 MiB sent, SHA-256 " + Sha256Of(zip_) + "\n");
}

TEST_F(ArchiveTest, SendsOnlyWhatIsNotThere) {
  service_.present = zip_.substr(0, 1234567);
  EXPECT_EQ(Push(), 0) << err_.str();
  EXPECT_THAT(service_.offsets, ElementsAre(1234567));
  EXPECT_EQ(service_.present, zip_);
  EXPECT_EQ(Push(), 0) << err_.str();
  EXPECT_THAT(service_.offsets, ElementsAre(1234567, zip_.size()));
  EXPECT_THAT(out_.str(), HasSubstr("was there already"));
}

TEST_F(ArchiveTest, WhatIsThereMayBeSomethingElse) {
  service_.present = std::string(1000, 'x');
  EXPECT_EQ(Push(), 0) << err_.str();
  EXPECT_THAT(service_.offsets, ElementsAre(0));
  EXPECT_EQ(service_.present, zip_);
}

TEST_F(ArchiveTest, GoesOnAfterABreak) {
  service_.breaks = {600000, 300000};
  Settings settings;
  settings.coordinator = Address();
  settings.insecure = true;
  Session session(settings, console_);
  ASSERT_EQ(session.Open(), kExitYes);
  const auto archive = OpenLocalArchive(file_);
  ASSERT_TRUE(archive.ok()) << archive.status();
  std::vector<int> pauses;
  ArchiveUpload upload(session, *archive, [&pauses](int attempt) { pauses.push_back(attempt); });
  v1::PushArchiveResponse response;
  const grpc::Status status = upload.Push(v1::PushHeader(), &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_THAT(pauses, ElementsAre(2, 3));
  EXPECT_EQ(service_.offsets.size(), 3u);
  EXPECT_EQ(service_.offsets[1], 786432u);
  EXPECT_EQ(service_.present, zip_);
}

TEST_F(ArchiveTest, WhatIsNoZipIsNeverSent) {
  WriteBytes(file_, "<html>404</html>");
  EXPECT_EQ(Push(), 2);
  EXPECT_EQ(err_.str(),
            "jettyfleet: " + file_ + " is no zip, as every WAR is: it does not begin with a file's header\n");
  EXPECT_THAT(service_.offsets, IsEmpty());
  EXPECT_EQ(Run({"push", home_ / "missing.war", "--name", "app", "--version", "1"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("missing.war: No such file or directory"));
  EXPECT_EQ(Run({"push", home_.path(), "--name", "app", "--version", "1"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("is not a regular file"));
}

TEST_F(ArchiveTest, WrongNames) {
  EXPECT_EQ(Run({"push", file_, "--name", "../app", "--version", "1"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("the archive's name '../app' is not"));
  EXPECT_EQ(Run({"push", file_, "--name", "app", "--version", ""}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("the archive's version '' is not"));
  EXPECT_THAT(service_.offsets, IsEmpty());
}

TEST_F(ArchiveTest, TheCoordinatorsRefusals) {
  service_.refusal = {grpc::StatusCode::ALREADY_EXISTS, "archive app 1.4.2 is another content already"};
  EXPECT_EQ(Push(), 2);
  EXPECT_EQ(err_.str(), "jettyfleet: archive app 1.4.2 is another content already\n");
  service_.refusal = {grpc::StatusCode::FAILED_PRECONDITION, "operation r-1 needs it"};
  EXPECT_EQ(Run({"remove", "app", "1.4.2"}), 4);
  EXPECT_EQ(err_.str(), "jettyfleet: operation r-1 needs it\n");
}

TEST_F(ArchiveTest, ListsAndRemoves) {
  EXPECT_EQ(Run({"list"}), 0);
  EXPECT_EQ(out_.str(), "no archives; `jettyfleet archive push` brings one\n");
  v1::ArchiveEntry& entry = *service_.archives.add_entries();
  entry.set_name("app");
  entry.set_version("1.4.2");
  entry.set_sha256(Sha256Of(zip_));
  entry.set_size(zip_.size());
  entry.set_pushed_by("operator alice");
  entry.mutable_pushed_at()->set_seconds(1795435200);
  entry.set_why("ticket \x1b[31m7");
  service_.archives.set_stored_bytes(zip_.size());
  service_.archives.set_most_bytes(uint64_t{32} << 30);
  EXPECT_EQ(Run({"list", "app"}), 0);
  EXPECT_EQ(out_.str(),
            "ARCHIVE  VERSION     SIZE  SHA-256           PUSHED                BY              WHY\n"
            "app      1.4.2    1.9 MiB  " +
                Sha256Of(zip_).substr(0, 16) +
                "  2026-11-23 12:00:00Z  operator alice  ticket ?[31m7\n"
                "1.9 MiB stored, at most 32.0 GiB\n");
  EXPECT_EQ(Run({"remove", "app", "1.4.2", "--why", "old"}), 0);
  EXPECT_EQ(service_.removed.name() + service_.removed.version() + service_.removed.why(), "app1.4.2old");
  EXPECT_EQ(out_.str(), "archive app 1.4.2 removed: 2.0 KiB freed\n");
}

}  // namespace
}  // namespace jettyfleet
