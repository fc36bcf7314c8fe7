#include "coordinator/server/check_service.h"

#include <cstdint>
#include <memory>
#include <string>

#include "coordinator/server/grpc_status.h"

namespace jettyfleet {
namespace {

// One call under way, which its caller may give up. Owned by itself until gRPC is done with it.
class CheckCall final : public grpc::ServerUnaryReactor {
 public:
  CheckCall(CoreLoop& core, CheckDesk& checks) : core_(core), checks_(checks) {}

  // Core thread, once, before anything that OnCancel posts.
  void Run(const std::string& cluster, const v1::CheckRequest& request, v1::CheckReport* response) {
    // gRPC may be done with this call before Check returns.
    const std::shared_ptr<uint64_t> caller = caller_;
    *caller = checks_.Check(cluster, request, response, [this](const grpc::Status& status) { Finish(status); });
  }

  void OnCancel() override {
    core_.Post([&checks = checks_, caller = caller_] { checks.Cancel(*caller); });
  }

  void OnDone() override { delete this; }

 private:
  CoreLoop& core_;
  CheckDesk& checks_;
  const std::shared_ptr<uint64_t> caller_ = std::make_shared<uint64_t>(0);  // core thread
};

}  // namespace

grpc::ServerUnaryReactor* CheckService::Check(grpc::CallbackServerContext* context, const v1::CheckRequest* request,
                                              v1::CheckReport* response) {
  auto* const call = new CheckCall(core_, checks_);
  const absl::StatusOr<Caller> caller = gate_.Admit(*context, "Check");
  if (!caller.ok()) {
    call->Finish(ToGrpc(caller.status()));
    return call;
  }
  core_.Post([this, request, response, call] {
    std::string cluster;
    if (const grpc::Status resolved = fleet_.Resolve(request->cluster(), &cluster); !resolved.ok()) {
      return call->Finish(resolved);
    }
    call->Run(cluster, *request, response);
  });
  return call;
}

grpc::ServerUnaryReactor* CheckService::ListChecks(grpc::CallbackServerContext* context, const v1::ListChecksRequest*,
                                                   v1::ListChecksResponse* response) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  const absl::StatusOr<Caller> caller = gate_.Admit(*context, "ListChecks");
  if (caller.ok()) *response = list_();
  reactor->Finish(caller.ok() ? grpc::Status::OK : ToGrpc(caller.status()));
  return reactor;
}

}  // namespace jettyfleet
