// Tells one agent to do one action, with a coordinator's certificate and without its judgement: what an agent refuses by
// itself can be seen only when somebody tells it to do what a coordinator would not.
//
// Listens where the coordinator does, which has to be stopped meanwhile; waits for the host's agent, sends the action
// (text format of v1::Action, on stdin) and prints the result in the same form. Exit code 0: there was a result.
#include <google/protobuf/text_format.h>
#include <grpcpp/grpcpp.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <future>
#include <iostream>
#include <iterator>
#include <string>

#include "common/tls/credentials.h"
#include "proto/agent_service.grpc.pb.h"
#include "proto/session.pb.h"

namespace {

using namespace jettyfleet;

class Teller final : public v1::AgentService::Service {
 public:
  Teller(std::string host, v1::Action action) : host_(std::move(host)), action_(std::move(action)) {}

  std::future<v1::ActionResult> Result() { return result_.get_future(); }

  grpc::Status Session(grpc::ServerContext*,
                       grpc::ServerReaderWriter<v1::CoordinatorMessage, v1::AgentMessage>* stream) override {
    v1::AgentMessage hello;
    if (!stream->Read(&hello) || hello.hello().host() != host_) {
      return grpc::Status(grpc::StatusCode::UNAVAILABLE, "somebody else is being told something");
    }
    v1::CoordinatorMessage message;
    message.mutable_welcome()->set_protocol(1);
    message.mutable_welcome()->set_coordinator("tell_agent");
    message.mutable_welcome()->set_epoch(action_.epoch());
    message.mutable_welcome()->mutable_heartbeat()->set_seconds(30);
    stream->Write(message);
    *message.mutable_action() = action_;
    stream->Write(message);
    for (v1::AgentMessage heard; stream->Read(&heard);) {
      if (!heard.has_result() || heard.result().action_id() != action_.id()) continue;
      result_.set_value(heard.result());
      return grpc::Status::OK;
    }
    return grpc::Status::OK;
  }

 private:
  const std::string host_;
  const v1::Action action_;
  std::promise<v1::ActionResult> result_;
};

int Fail(const std::string& line) {
  std::cerr << "tell_agent: " << line << "\n";
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  std::string listen = "0.0.0.0:7411";
  std::string pki = "/etc/jettyfleet/pki";
  std::string host;
  int seconds = 60;
  CLI::App app("tells one agent to do one action (text format, on stdin)");
  app.add_option("--listen", listen);
  app.add_option("--pki", pki);
  app.add_option("--seconds", seconds, "to wait for agent and result");
  app.add_option("host", host, "the agent's host")->required();
  CLI11_PARSE(app, argc, argv);

  v1::Action action;
  const std::string text{std::istreambuf_iterator<char>(std::cin), {}};
  if (!google::protobuf::TextFormat::ParseFromString(text, &action)) return Fail("no action on stdin");
  const auto credentials = CoordinatorCredentials(TlsFilesIn(pki));
  if (!credentials.ok()) return Fail(std::string(credentials.status().message()));

  Teller teller(host, action);
  std::future<v1::ActionResult> result = teller.Result();
  grpc::ServerBuilder builder;
  builder.AddListeningPort(listen, *credentials);
  builder.RegisterService(&teller);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) return Fail("cannot listen on " + listen);
  const bool heard = result.wait_for(std::chrono::seconds(seconds)) == std::future_status::ready;
  if (heard) std::cout << result.get().ShortDebugString() << "\n";
  server->Shutdown(std::chrono::system_clock::now());
  return heard ? 0 : Fail("no result from " + host);
}
