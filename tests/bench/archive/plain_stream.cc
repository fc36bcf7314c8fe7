// What archive_speed compares with: the same bytes in the same chunks over gRPC and TLS, read by nobody who stores or
// checks them. `serve` prints its port; `fetch` ends with the stream.
#include <grpcpp/create_channel.h>
#include <grpcpp/server_builder.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <utility>

#include "common/archive/archive_name.h"
#include "common/tls/credentials.h"
#include "proto/archive_service.grpc.pb.h"

namespace {

using namespace jettyfleet;

class PlainStream final : public v1::FetchService::Service {
 public:
  explicit PlainStream(std::string content) : content_(std::move(content)) {}

  grpc::Status FetchArchive(grpc::ServerContext*, const v1::FetchArchiveRequest*,
                            grpc::ServerWriter<v1::FetchArchiveResponse>* writer) override {
    v1::FetchArchiveResponse response;
    for (std::size_t at = 0; at < content_.size(); at += kArchiveChunkBytes) {
      response.set_data(content_.data() + at, std::min(kArchiveChunkBytes, content_.size() - at));
      if (!writer->Write(response)) return grpc::Status::CANCELLED;
    }
    return grpc::Status::OK;
  }

 private:
  const std::string content_;
};

int Serve(const std::string& pki, const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  PlainStream service(std::string{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()});
  const auto credentials = CoordinatorCredentials(TlsFilesIn(pki));
  if (!in || !credentials.ok()) {
    std::cerr << path << ": " << credentials.status().ToString() << "\n";
    return 3;
  }
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", *credentials, &port);
  builder.RegisterService(&service);
  const auto server = builder.BuildAndStart();
  std::cout << port << std::endl;
  server->Wait();
  return 0;
}

int Fetch(const std::string& pki, const std::string& address) {
  const auto credentials = PeerCredentials(TlsFilesIn(pki));
  if (!credentials.ok()) {
    std::cerr << credentials.status() << "\n";
    return 3;
  }
  grpc::ClientContext context;
  const auto stub = v1::FetchService::NewStub(grpc::CreateChannel(address, *credentials));
  const auto stream = stub->FetchArchive(&context, v1::FetchArchiveRequest());
  v1::FetchArchiveResponse response;
  uint64_t bytes = 0;
  while (stream->Read(&response)) bytes += response.data().size();
  const grpc::Status status = stream->Finish();
  std::cout << bytes << " bytes " << status.error_message() << std::endl;
  return status.ok() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  std::string pki;
  std::string file;
  std::string address;
  CLI::App app("a plain stream over gRPC and TLS");
  app.require_subcommand(1);
  CLI::App* const serve = app.add_subcommand("serve");
  serve->add_option("--pki", pki)->required();
  serve->add_option("--file", file)->required();
  CLI::App* const fetch = app.add_subcommand("fetch");
  fetch->add_option("--pki", pki)->required();
  fetch->add_option("--address", address)->required();
  CLI11_PARSE(app, argc, argv);
  // gRPC says in its own words that nobody is known by an address, which nobody is.
  setenv("GRPC_VERBOSITY", "NONE", 0);
  return serve->parsed() ? Serve(pki, file) : Fetch(pki, address);
}
