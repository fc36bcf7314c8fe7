// The services over TLS, with those who may call and those who may not.
#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "agent/archive/fetcher.h"
#include "common/archive/archive_name.h"
#include "common/tls/credentials.h"
#include "coordinator/archive/archive_service.h"
#include "coordinator/archive/fetch_service.h"
#include "tests/coordinator/archive/archive_store.h"
#include "tests/testing/pki/test_fleet.h"

namespace jettyfleet {
namespace {

using testing::HasSubstr;

class ServicesTest : public testing::Test {
 protected:
  ServicesTest() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", *CoordinatorCredentials(fleet_.Material(Role::kCoordinator)), &port_);
    builder.RegisterService(&archives_);
    builder.RegisterService(&fetches_);
    server_ = builder.BuildAndStart();
  }
  ~ServicesTest() override { server_->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(1)); }

  std::shared_ptr<grpc::Channel> ChannelOf(Role role) {
    return grpc::CreateChannel(absl::StrCat("127.0.0.1:", port_), *PeerCredentials(fleet_.Material(role, "node-01")));
  }

  grpc::Status Push(const std::shared_ptr<grpc::Channel>& channel, const v1::PushHeader& header,
                    const std::string& content, v1::PushArchiveResponse* response) {
    grpc::ClientContext context;
    const auto stream = v1::ArchiveService::NewStub(channel)->PushArchive(&context, response);
    v1::PushChunk chunk;
    *chunk.mutable_header() = header;
    stream->Write(chunk);
    for (std::size_t at = header.offset(); at < content.size(); at += kArchiveChunkBytes) {
      chunk.set_data(content.substr(at, kArchiveChunkBytes));
      if (!stream->Write(chunk)) break;
    }
    stream->WritesDone();
    return stream->Finish();
  }

  absl::StatusOr<uint64_t> Fetch(Role role, const std::string& content, const std::string& path) {
    std::vector<std::unique_ptr<Fetcher::Stub>> stubs;
    stubs.push_back(v1::FetchService::NewStub(ChannelOf(role)));
    Fetcher fetcher(std::move(stubs), SystemClock(), [](absl::Duration) {}, {});
    const auto part = PartFile::Open(path);
    return fetcher.Fetch(Sha256Of(content), content.size(), **part);
  }

  const TemporaryDirectory directory_;
  const TestFleet fleet_{"lab"};
  RunningStore store_{directory_ / "store", {.keep_free_bytes = 0}, FreeBytesOf, SystemWrite()};
  DenyList deny_list_{""};
  CallerGate gate_{&deny_list_, false};
  ArchiveService archives_{gate_, store_.desk()};
  FetchService fetches_{gate_, store_.desk()};
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
  const std::string zip_ = ZipOfAbout(3000000, 1);
};

TEST_F(ServicesTest, FromAnOperatorToThreeAgentsAtOnce) {
  v1::PushArchiveResponse pushed;
  const grpc::Status status = Push(ChannelOf(Role::kOperator), HeaderOf("1", zip_), zip_, &pushed);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(pushed.moved_bytes(), zip_.size());
  EXPECT_EQ(pushed.entry().pushed_by(), "operator node-01");
  std::vector<std::thread> agents;
  for (const char* name : {"a", "b", "c"}) {
    agents.emplace_back([this, name] {
      const auto moved = Fetch(Role::kAgent, zip_, directory_ / name);
      ASSERT_TRUE(moved.ok()) << moved.status();
      EXPECT_EQ(*moved, zip_.size());
      EXPECT_EQ(ReadBytes(directory_ / name), zip_);
    });
  }
  for (std::thread& agent : agents) agent.join();
}

TEST_F(ServicesTest, AFetchGoesOnAndNoBytesMoveTwice) {
  v1::PushArchiveResponse pushed;
  ASSERT_TRUE(Push(ChannelOf(Role::kOperator), HeaderOf("1", zip_), zip_, &pushed).ok());
  WriteBytes(directory_ / "a", zip_.substr(0, 1234567));
  EXPECT_EQ(*Fetch(Role::kAgent, zip_, directory_ / "a"), zip_.size() - 1234567);
  EXPECT_EQ(ReadBytes(directory_ / "a"), zip_);
  EXPECT_EQ(*Fetch(Role::kAgent, zip_, directory_ / "a"), 0u);
  // Something else was there: nothing of it stays.
  WriteBytes(directory_ / "b", "what is this");
  EXPECT_EQ(*Fetch(Role::kAgent, zip_, directory_ / "b"), zip_.size());
  EXPECT_EQ(ReadBytes(directory_ / "b"), zip_);
}

TEST_F(ServicesTest, WhoMayNot) {
  v1::PushArchiveResponse pushed;
  for (const Role role : {Role::kAgent, Role::kViewer}) {
    const grpc::Status status = Push(ChannelOf(role), HeaderOf("1", zip_), zip_, &pushed);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::PERMISSION_DENIED);
    EXPECT_THAT(status.error_message(), HasSubstr("may not call PushArchive"));
  }
  ASSERT_TRUE(Push(ChannelOf(Role::kOperator), HeaderOf("1", zip_), zip_, &pushed).ok());
  for (const Role role : {Role::kOperator, Role::kLb}) {
    const auto fetched = Fetch(role, zip_, directory_ / "no");
    EXPECT_EQ(fetched.status().code(), absl::StatusCode::kPermissionDenied);
    EXPECT_EQ(ReadBytes(directory_ / "no"), "");
  }
}

TEST_F(ServicesTest, AStreamWithoutAHeader) {
  grpc::ClientContext context;
  v1::PushArchiveResponse pushed;
  const auto stream = v1::ArchiveService::NewStub(ChannelOf(Role::kOperator))->PushArchive(&context, &pushed);
  stream->WritesDone();
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(ServicesTest, AStreamThatBreaksLeavesWhatArrived) {
  const auto channel = ChannelOf(Role::kOperator);
  const auto stub = v1::ArchiveService::NewStub(channel);
  {
    grpc::ClientContext context;
    v1::PushArchiveResponse pushed;
    const auto stream = stub->PushArchive(&context, &pushed);
    v1::PushChunk chunk;
    *chunk.mutable_header() = HeaderOf("1", zip_);
    stream->Write(chunk);
    chunk.set_data(zip_.substr(0, 100000));
    stream->Write(chunk);
    // Half closed: the coordinator has read all of it before it answers.
    stream->WritesDone();
    EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::ABORTED);
  }
  v1::PushHeader header = HeaderOf("1", zip_);
  const auto there = store_.Prepare(header);
  ASSERT_TRUE(there.ok()) << there.status();
  EXPECT_EQ(there->present_bytes(), 100000u);
  header.set_offset(100000);
  v1::PushArchiveResponse pushed;
  const grpc::Status status = Push(channel, header, zip_, &pushed);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(pushed.moved_bytes(), zip_.size() - 100000);
}

TEST_F(ServicesTest, AnAgentThatLeavesInTheMiddle) {
  v1::PushArchiveResponse pushed;
  ASSERT_TRUE(Push(ChannelOf(Role::kOperator), HeaderOf("1", zip_), zip_, &pushed).ok());
  // More often than there may be at once: what has ended counts no more.
  const auto stub = v1::FetchService::NewStub(ChannelOf(Role::kAgent));
  for (int i = 0; i < kMostFetches + 5; ++i) {
    grpc::ClientContext context;
    v1::FetchArchiveRequest request;
    request.set_sha256(Sha256Of(zip_));
    const auto stream = stub->FetchArchive(&context, request);
    v1::FetchArchiveResponse response;
    ASSERT_TRUE(stream->Read(&response));
    context.TryCancel();
    EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
  }
  EXPECT_EQ(*Fetch(Role::kAgent, zip_, directory_ / "a"), zip_.size());
}

}  // namespace
}  // namespace jettyfleet
