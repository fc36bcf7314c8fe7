// The checks of a coordinator for the client's tests: answers what it is told to, and remembers what it was asked.
#ifndef JETTYFLEET_TESTS_CLIENT_FAKE_CHECK_SERVICE_H_
#define JETTYFLEET_TESTS_CLIENT_FAKE_CHECK_SERVICE_H_

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "proto/check_service.grpc.pb.h"

namespace jettyfleet {

// Set the answers before the first call.
class FakeCheckService final : public v1::CheckService::Service {
 public:
  struct Answer {
    grpc::Status status;
    v1::CheckReport report;
  };
  // One after the other; when they are used up a call stays open until the client leaves.
  std::vector<Answer> answers;
  grpc::Status list_status;
  v1::ListChecksResponse checks;

  std::vector<v1::CheckRequest> asked;

  // Blocks until a call that stays open has come.
  void WaitUntilHeld() {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return held_; });
  }

  grpc::Status Check(grpc::ServerContext* context, const v1::CheckRequest* request,
                     v1::CheckReport* response) override {
    asked.push_back(*request);
    if (asked.size() <= answers.size()) {
      *response = answers[asked.size() - 1].report;
      return answers[asked.size() - 1].status;
    }
    std::unique_lock<std::mutex> lock(mutex_);
    held_ = true;
    changed_.notify_all();
    // gRPC's synchronous server has no call that waits for the client to leave.
    while (!context->IsCancelled()) changed_.wait_for(lock, std::chrono::milliseconds(5));
    return grpc::Status::CANCELLED;
  }

  grpc::Status ListChecks(grpc::ServerContext*, const v1::ListChecksRequest*,
                          v1::ListChecksResponse* response) override {
    *response = checks;
    return list_status;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool held_ = false;  // guarded by mutex_
};

// Serves it without TLS on a free port of the loopback address.
class FakeCheckCoordinator {
 public:
  FakeCheckCoordinator() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(&service);
    server_ = builder.BuildAndStart();
  }

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

  FakeCheckService service;

 private:
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_TESTS_CLIENT_FAKE_CHECK_SERVICE_H_
