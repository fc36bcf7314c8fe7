// A coordinator for the client's tests: answers what it is told to, and remembers what it was asked.
#ifndef JETTYFLEET_TESTS_CLIENT_FAKE_FLEET_SERVICE_H_
#define JETTYFLEET_TESTS_CLIENT_FAKE_FLEET_SERVICE_H_

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "proto/fleet_service.grpc.pb.h"

namespace jettyfleet {

// Set the answers before the first call, except where a method says otherwise. `status` ends every call.
class FakeFleetService final : public v1::FleetService::Service {
 public:
  grpc::Status status;
  v1::GetStatusResponse cluster_status;
  v1::VerifyResponse verification;
  v1::RestoreResponse restoration;
  v1::OperationReport operation;
  v1::ListOperationsResponse operations;
  v1::PlanRolloutResponse rollout_plan;
  std::vector<v1::ApplyProgress> apply_progress;
  // One stream of reports after another; each but the last ends with UNAVAILABLE.
  std::vector<std::vector<v1::OperationReport>> watches;
  // The same with events; the last stays open until the client leaves where `follow` is asked for.
  std::vector<std::vector<v1::JournalRecord>> events;
  // The last watch stays open until the client leaves.
  bool watch_goes_on = false;

  v1::StartDrillRequest started;
  v1::PlanRolloutRequest planned_rollout;
  v1::StartRolloutRequest started_rollout;
  v1::AbortOperationRequest aborted;
  v1::ApplyRequest applied;
  v1::RestoreRequest restored;
  v1::GetOperationRequest got;
  std::vector<v1::WatchOperationRequest> watched;
  std::vector<v1::ListEventsRequest> listed;

  // Blocks until a stream that stays open has sent all it has.
  void WaitUntilHeld() {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return held_; });
  }

  grpc::Status GetStatus(grpc::ServerContext*, const v1::GetStatusRequest*, v1::GetStatusResponse* response) override {
    *response = cluster_status;
    return status;
  }
  grpc::Status Discover(grpc::ServerContext*, const v1::DiscoverRequest*, v1::DiscoverResponse*) override {
    return status;
  }
  grpc::Status Verify(grpc::ServerContext*, const v1::VerifyRequest*, v1::VerifyResponse* response) override {
    *response = verification;
    return status;
  }
  grpc::Status ListOperations(grpc::ServerContext*, const v1::ListOperationsRequest*,
                              v1::ListOperationsResponse* response) override {
    *response = operations;
    *response->add_operations() = operation;
    return status;
  }
  grpc::Status GetOperation(grpc::ServerContext*, const v1::GetOperationRequest* request,
                            v1::OperationReport* response) override {
    got = *request;
    *response = operation;
    return status;
  }
  grpc::Status StartDrill(grpc::ServerContext*, const v1::StartDrillRequest* request,
                          v1::StartDrillResponse* response) override {
    started = *request;
    response->set_operation_id("d-1");
    return status;
  }
  grpc::Status PlanRollout(grpc::ServerContext*, const v1::PlanRolloutRequest* request,
                           v1::PlanRolloutResponse* response) override {
    planned_rollout = *request;
    *response = rollout_plan;
    return status;
  }
  grpc::Status StartRollout(grpc::ServerContext*, const v1::StartRolloutRequest* request,
                            v1::StartRolloutResponse* response) override {
    started_rollout = *request;
    response->set_operation_id("ro-1");
    return status;
  }
  grpc::Status AbortOperation(grpc::ServerContext*, const v1::AbortOperationRequest* request,
                              v1::AbortOperationResponse* response) override {
    aborted = *request;
    response->set_operation_id("d-1");
    return status;
  }
  grpc::Status Restore(grpc::ServerContext*, const v1::RestoreRequest* request,
                       v1::RestoreResponse* response) override {
    restored = *request;
    *response = restoration;
    return status;
  }
  grpc::Status Apply(grpc::ServerContext*, const v1::ApplyRequest* request,
                     grpc::ServerWriter<v1::ApplyProgress>* writer) override {
    applied = *request;
    for (const v1::ApplyProgress& progress : apply_progress) writer->Write(progress);
    return status;
  }
  grpc::Status WatchOperation(grpc::ServerContext* context, const v1::WatchOperationRequest* request,
                              grpc::ServerWriter<v1::WatchOperationResponse>* writer) override {
    watched.push_back(*request);
    if (watched.size() > watches.size()) return status;
    for (const v1::OperationReport& report : watches[watched.size() - 1]) {
      v1::WatchOperationResponse response;
      *response.mutable_report() = report;
      writer->Write(response);
    }
    if (watched.size() < watches.size()) return {grpc::UNAVAILABLE, "shutting down"};
    if (watch_goes_on) Hold(context);
    return status;
  }
  grpc::Status ListEvents(grpc::ServerContext* context, const v1::ListEventsRequest* request,
                          grpc::ServerWriter<v1::ListEventsResponse>* writer) override {
    listed.push_back(*request);
    if (listed.size() > events.size()) return status;
    for (const v1::JournalRecord& event : events[listed.size() - 1]) {
      v1::ListEventsResponse response;
      *response.mutable_event() = event;
      writer->Write(response);
    }
    if (listed.size() < events.size()) return {grpc::UNAVAILABLE, "shutting down"};
    if (request->follow() && status.ok()) Hold(context);
    return status;
  }

 private:
  // gRPC's synchronous server has no call that waits for the client to leave.
  void Hold(grpc::ServerContext* context) {
    std::unique_lock<std::mutex> lock(mutex_);
    held_ = true;
    changed_.notify_all();
    while (!context->IsCancelled()) changed_.wait_for(lock, std::chrono::milliseconds(5));
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool held_ = false;  // guarded by mutex_
};

// Serves it without TLS on a free port of the loopback address.
class FakeCoordinator {
 public:
  FakeCoordinator() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    // As the coordinator has it: clients may ping, so a quiet stream stays open.
    builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 5000);
    builder.RegisterService(&service);
    server_ = builder.BuildAndStart();
  }

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

  FakeFleetService service;

 private:
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_TESTS_CLIENT_FAKE_FLEET_SERVICE_H_
