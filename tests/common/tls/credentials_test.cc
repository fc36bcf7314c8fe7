#include "common/tls/credentials.h"

#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/tls/caller.h"
#include "proto/agent_service.grpc.pb.h"
#include "proto/fleet_service.grpc.pb.h"
#include "tests/testing/pki/test_fleet.h"

namespace jettyfleet {
namespace {

using testing::HasSubstr;

grpc::Status ToGrpc(const absl::Status& status) {
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), std::string(status.message()));
}

// Answers GetStatus with who asked.
class EchoFleet final : public v1::FleetService::Service {
 public:
  explicit EchoFleet(CallerGate& gate) : gate_(gate) {}

  grpc::Status GetStatus(grpc::ServerContext* context, const v1::GetStatusRequest*,
                         v1::GetStatusResponse* response) override {
    const auto caller = gate_.Admit(*context, "GetStatus");
    if (!caller.ok()) return ToGrpc(caller.status());
    response->set_coordinator(absl::StrCat(DescribeIdentity(caller->identity), " ", caller->serial));
    return grpc::Status::OK;
  }

 private:
  CallerGate& gate_;
};

// Ends a session at once: OK for whom it would have let in.
class EchoAgents final : public v1::AgentService::Service {
 public:
  explicit EchoAgents(CallerGate& gate) : gate_(gate) {}

  grpc::Status Session(grpc::ServerContext* context,
                       grpc::ServerReaderWriter<v1::CoordinatorMessage, v1::AgentMessage>*) override {
    return ToGrpc(gate_.Admit(*context, "Session").status());
  }

 private:
  CallerGate& gate_;
};

// A server on a free port of the loopback address, for as long as it lives.
class TestServer {
 public:
  explicit TestServer(std::shared_ptr<grpc::ServerCredentials> credentials, bool insecure = false,
                      const std::string& deny_list = "")
      : deny_list_(deny_list), gate_(&deny_list_, insecure), fleet_(gate_), agents_(gate_) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", std::move(credentials), &port_);
    builder.RegisterService(&fleet_);
    builder.RegisterService(&agents_);
    server_ = builder.BuildAndStart();
  }

  std::string address() const { return absl::StrCat("127.0.0.1:", port_); }

 private:
  DenyList deny_list_;
  CallerGate gate_;
  EchoFleet fleet_;
  EchoAgents agents_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

struct Answer {
  grpc::Status status;
  std::string caller;
};

std::shared_ptr<grpc::Channel> Dial(const TestServer& server, std::shared_ptr<grpc::ChannelCredentials> credentials) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // no test may meet another's connection
  return grpc::CreateCustomChannel(server.address(), credentials, arguments);
}

Answer AskStatus(const TestServer& server, std::shared_ptr<grpc::ChannelCredentials> credentials) {
  const auto stub = v1::FleetService::NewStub(Dial(server, std::move(credentials)));
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(20)));
  v1::GetStatusResponse response;
  const grpc::Status status = stub->GetStatus(&context, {}, &response);
  return {status, response.coordinator()};
}

grpc::Status OpenSession(const TestServer& server, std::shared_ptr<grpc::ChannelCredentials> credentials) {
  const auto stub = v1::AgentService::NewStub(Dial(server, std::move(credentials)));
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(20)));
  const auto stream = stub->Session(&context);
  v1::CoordinatorMessage message;
  while (stream->Read(&message)) {
  }
  return stream->Finish();
}

// TLS credentials without any of our checks: what a stranger's server would use.
std::shared_ptr<grpc::ServerCredentials> StrangersServer(const TlsMaterial& own) {
  grpc::SslServerCredentialsOptions options(GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_BUT_DONT_VERIFY);
  options.pem_root_certs = own.ca_pem;
  options.pem_key_cert_pairs.push_back({own.key_pem, own.certificate_pem});
  return grpc::SslServerCredentials(options);
}

std::shared_ptr<grpc::ChannelCredentials> Peer(const TlsMaterial& own) { return PeerCredentials(own).value(); }

class CredentialsTest : public testing::Test {
 protected:
  std::shared_ptr<grpc::ServerCredentials> Coordinator() const {
    return CoordinatorCredentials(fleet_.Material(Role::kCoordinator)).value();
  }

  const TestFleet fleet_{"lab"};
};

TEST_F(CredentialsTest, EveryRoleIsRecognisedAndHeldToItsOwnRpcs) {
  struct Case {
    Role role;
    const char* name;
    grpc::StatusCode status;
    grpc::StatusCode session;
    const char* words;
  };
  const Case cases[] = {
      {Role::kOperator, "alice", grpc::OK, grpc::PERMISSION_DENIED, "operator alice"},
      {Role::kViewer, "wall", grpc::OK, grpc::PERMISSION_DENIED, "viewer wall"},
      {Role::kAgent, "node-01", grpc::PERMISSION_DENIED, grpc::OK, ""},
      {Role::kLb, "lb-01", grpc::PERMISSION_DENIED, grpc::OK, ""},
      {Role::kCoordinator, "", grpc::PERMISSION_DENIED, grpc::PERMISSION_DENIED, ""},
  };
  const TestServer server(Coordinator());
  for (const Case& c : cases) {
    SCOPED_TRACE(RoleName(c.role));
    const TlsMaterial own = fleet_.Material(c.role, c.name);
    const Answer answer = AskStatus(server, Peer(own));
    EXPECT_EQ(answer.status.error_code(), c.status) << answer.status.error_message();
    if (c.status == grpc::OK) {
      EXPECT_EQ(answer.caller, absl::StrCat(c.words, " ", own.info.serial));
    }
    const grpc::Status session = OpenSession(server, Peer(own));
    EXPECT_EQ(session.error_code(), c.session) << session.error_message();
  }
}

TEST_F(CredentialsTest, ACertificateThatIsNoCoordinatorsCannotServe) {
  const Validity valid = ValidForDays(absl::Now(), 1).value();
  const TlsMaterial client = fleet_.Material(Role::kOperator, "alice");
  const Identity posers[] = {{"lab", Role::kAgent, "blue", "node-01"},
                             {"lab", Role::kLb, "", "lb-01"},
                             {"lab", Role::kOperator, "", "mallory"},
                             {"lab", Role::kOperator, "", "coordinator"}};
  for (const Identity& poser : posers) {
    for (const TlsUse use : {TlsUse::kClientOnly, TlsUse::kServerAndClient}) {
      SCOPED_TRACE(DescribeIdentity(poser));
      const TestServer server(StrangersServer(fleet_.Material(poser, use, valid)), /*insecure=*/true);
      EXPECT_EQ(AskStatus(server, Peer(client)).status.error_code(), grpc::UNAVAILABLE);
    }
  }
  // The same server with the right certificate is accepted, so it was the identity that was refused.
  const TestServer server(StrangersServer(fleet_.Material(Role::kCoordinator)), /*insecure=*/true);
  EXPECT_TRUE(AskStatus(server, Peer(client)).status.ok());
}

TEST_F(CredentialsTest, OursServesOnlyWithACoordinatorsCertificate) {
  const auto refused = CoordinatorCredentials(fleet_.Material(Role::kAgent, "node-01"));
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("agent node-01 of cluster blue"));
}

TEST_F(CredentialsTest, AnotherAuthorityIsRefusedByBothSides) {
  const TestFleet other("lab");
  const TestServer server(Coordinator());
  EXPECT_EQ(AskStatus(server, Peer(other.Material(Role::kOperator, "alice"))).status.error_code(), grpc::UNAVAILABLE);

  // Trusts the coordinator, but shows a certificate of the other authority.
  TlsMaterial half = other.Material(Role::kOperator, "alice");
  half.ca_pem = fleet_.authority().certificate_pem;
  EXPECT_EQ(AskStatus(server, Peer(half)).status.error_code(), grpc::UNAVAILABLE);
}

TEST_F(CredentialsTest, AnotherFleetIsRefusedByBothSidesEvenUnderAnAuthorityThatBothTrust) {
  const TestFleet other("other");
  TlsMaterial theirs = other.Material(Role::kOperator, "alice");
  theirs.ca_pem += fleet_.authority().certificate_pem;
  TlsMaterial coordinator = fleet_.Material(Role::kCoordinator);
  coordinator.ca_pem += other.authority().certificate_pem;
  const TestServer server(CoordinatorCredentials(coordinator).value());
  EXPECT_EQ(AskStatus(server, Peer(theirs)).status.error_code(), grpc::UNAVAILABLE);

  // The client believes itself in fleet lab: now only the coordinator's check is left.
  theirs.identity.fleet = "lab";
  EXPECT_EQ(AskStatus(server, Peer(theirs)).status.error_code(), grpc::UNAVAILABLE);

  // And the other way round: a server without checks, so that only the client's is left.
  const TestServer open(StrangersServer(coordinator), /*insecure=*/true);
  TlsMaterial trusting = other.Material(Role::kOperator, "alice");
  trusting.ca_pem += fleet_.authority().certificate_pem;
  EXPECT_EQ(AskStatus(open, Peer(trusting)).status.error_code(), grpc::UNAVAILABLE);
}

TEST_F(CredentialsTest, AnExpiredCertificateIsRefusedByBothSides) {
  const absl::Time now = absl::Now();
  const Validity past{now - absl::Hours(48), now - absl::Hours(1)};
  const TestServer server(Coordinator());
  const TlsMaterial expired = fleet_.Material({"lab", Role::kOperator, "", "alice"}, TlsUse::kClientOnly, past);
  EXPECT_EQ(AskStatus(server, Peer(expired)).status.error_code(), grpc::UNAVAILABLE);

  const TestServer old(
      StrangersServer(fleet_.Material({"lab", Role::kCoordinator, "", ""}, TlsUse::kServerAndClient, past)),
      /*insecure=*/true);
  EXPECT_EQ(AskStatus(old, Peer(fleet_.Material(Role::kOperator, "alice"))).status.error_code(), grpc::UNAVAILABLE);
}

TEST_F(CredentialsTest, WithoutACertificateNobodyComesIn) {
  const TestServer server(Coordinator());
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = fleet_.authority().certificate_pem;
  EXPECT_EQ(AskStatus(server, grpc::SslCredentials(options)).status.error_code(), grpc::UNAVAILABLE);
  EXPECT_EQ(AskStatus(server, grpc::InsecureChannelCredentials()).status.error_code(), grpc::UNAVAILABLE);
}

TEST_F(CredentialsTest, ADeniedSerialIsRefusedFromTheNextCallOn) {
  const std::string path = testing::TempDir() + "/credentials_test_denied";
  std::ofstream(path).flush();
  const TestServer server(Coordinator(), /*insecure=*/false, path);
  const TlsMaterial alice = fleet_.Material(Role::kOperator, "alice");
  const TlsMaterial node = fleet_.Material(Role::kAgent, "node-01");
  EXPECT_TRUE(AskStatus(server, Peer(alice)).status.ok());
  std::ofstream(path) << alice.info.serial << "\n" << node.info.serial << "\n";
  const Answer denied = AskStatus(server, Peer(alice));
  EXPECT_EQ(denied.status.error_code(), grpc::PERMISSION_DENIED);
  EXPECT_THAT(denied.status.error_message(), HasSubstr(alice.info.serial));
  EXPECT_EQ(OpenSession(server, Peer(node)).error_code(), grpc::PERMISSION_DENIED);
  EXPECT_TRUE(AskStatus(server, Peer(fleet_.Material(Role::kOperator, "alice"))).status.ok()) << "a new one is good";
  std::ofstream(path) << "nonsense\n";
  EXPECT_EQ(AskStatus(server, Peer(fleet_.Material(Role::kOperator, "bob"))).status.error_code(), grpc::UNAVAILABLE);
}

TEST_F(CredentialsTest, PlainTextOnlyOnLoopback) {
  for (const char* good : {"localhost:7411", "127.0.0.1:7411", "127.9.9.9:1", "[::1]:7411", "unix:/run/x"}) {
    EXPECT_TRUE(IsLoopback(good)) << good;
  }
  for (const char* bad : {"", ":7411", "0.0.0.0:7411", "[::]:7411", "10.0.0.1:7411", "127.0.0.1.example.org:1",
                          "localhost.example.org:1", "128.0.0.1:1", "example.org", "[::ffff:10.0.0.1]:1"}) {
    EXPECT_FALSE(IsLoopback(bad)) << bad;
    EXPECT_EQ(InsecureCoordinatorCredentials(bad).status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(InsecurePeerCredentials(bad).status().code(), absl::StatusCode::kInvalidArgument);
  }
}

TEST_F(CredentialsTest, WithoutTlsCallersAreAnOperatorAndNeverAnAgent) {
  const TestServer server(InsecureCoordinatorCredentials("127.0.0.1:0").value(), /*insecure=*/true);
  const auto plain = InsecurePeerCredentials(server.address()).value();
  const Answer answer = AskStatus(server, plain);
  EXPECT_TRUE(answer.status.ok()) << answer.status.error_message();
  EXPECT_EQ(answer.caller, "operator insecure ");
  EXPECT_EQ(OpenSession(server, plain).error_code(), grpc::PERMISSION_DENIED);
}

}  // namespace
}  // namespace jettyfleet
