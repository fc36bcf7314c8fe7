#include "coordinator/server/route_service.h"

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/identity.h"
#include "coordinator/server/grpc_status.h"

namespace jettyfleet {
namespace {

constexpr std::size_t kLongestText = 1024;
constexpr std::size_t kLongestName = 128;

grpc::Status CheckTexts(const std::string& request_id, const std::string& cluster, const std::string& why) {
  if (request_id.size() > kLongestName || cluster.size() > kLongestName) {
    return {grpc::StatusCode::INVALID_ARGUMENT, "a name in the request is too long"};
  }
  if (why.empty()) {
    return {grpc::StatusCode::INVALID_ARGUMENT, "the request gives no reason; say why (--why)"};
  }
  if (why.size() > kLongestText) {
    return {grpc::StatusCode::INVALID_ARGUMENT, absl::StrCat("the reason is longer than ", kLongestText, " bytes")};
  }
  return grpc::Status::OK;
}

}  // namespace

grpc::ServerUnaryReactor* RouteService::ShowRoute(grpc::CallbackServerContext* context,
                                                  const v1::RouteShowRequest* request,
                                                  v1::RouteShowResponse* response) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  const absl::StatusOr<Caller> caller = gate_.Admit(*context, "ShowRoute");
  if (!caller.ok()) {
    reactor->Finish(ToGrpc(caller.status()));
    return reactor;
  }
  core_.Post([this, request, response, reactor] {
    std::string cluster;
    if (const grpc::Status resolved = fleet_.Resolve(request->cluster(), &cluster); !resolved.ok()) {
      return reactor->Finish(resolved);
    }
    routes_.Show(cluster, response, [reactor](const grpc::Status& status) { reactor->Finish(status); });
  });
  return reactor;
}

template <typename Request>
grpc::ServerWriteReactor<v1::RouteProgress>* RouteService::Change(grpc::CallbackServerContext* context,
                                                                  const char* method, const Request& request,
                                                                  void (RouteDesk::*change)(const Request&,
                                                                                            const RouteDesk::Caller&)) {
  const auto stream = RouteDesk::ProgressStream::Make();
  const absl::StatusOr<Caller> caller = gate_.Admit(*context, method);
  if (!caller.ok()) {
    stream->Close(ToGrpc(caller.status()));
    return stream.get();
  }
  core_.Post([this, request, change, who = DescribeIdentity(caller->identity), stream] {
    std::string cluster;
    const grpc::Status bounded = CheckTexts(request.request_id(), request.cluster(), request.why());
    if (!bounded.ok()) return stream->Close(bounded);
    const grpc::Status resolved = fleet_.Resolve(request.cluster(), &cluster);
    if (!resolved.ok()) return stream->Close(resolved);
    (routes_.*change)(request, {cluster, who, request.why(), stream});
  });
  return stream.get();
}

grpc::ServerWriteReactor<v1::RouteProgress>* RouteService::ApplyRoute(grpc::CallbackServerContext* context,
                                                                      const v1::RouteApplyRequest* request) {
  return Change(context, "ApplyRoute", *request, &RouteDesk::Apply);
}

grpc::ServerWriteReactor<v1::RouteProgress>* RouteService::DrainNode(grpc::CallbackServerContext* context,
                                                                     const v1::RouteDrainRequest* request) {
  return Change(context, "DrainNode", *request, &RouteDesk::Drain);
}

grpc::ServerWriteReactor<v1::RouteProgress>* RouteService::RestoreNode(grpc::CallbackServerContext* context,
                                                                       const v1::RouteRestoreRequest* request) {
  return Change(context, "RestoreNode", *request, &RouteDesk::Restore);
}

grpc::ServerWriteReactor<v1::RouteProgress>* RouteService::ShiftTraffic(grpc::CallbackServerContext* context,
                                                                        const v1::RouteShiftRequest* request) {
  return Change(context, "ShiftTraffic", *request, &RouteDesk::Shift);
}

}  // namespace jettyfleet
