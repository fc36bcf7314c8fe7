#include "coordinator/server/fleet_service.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/log.h"
#include "coordinator/server/grpc_status.h"

namespace jettyfleet {
namespace {

// Longest free text and name that a request may carry.
constexpr std::size_t kLongestText = 1024;
constexpr std::size_t kLongestName = 128;

grpc::Status CheckTexts(std::initializer_list<const std::string*> names,
                        std::initializer_list<const std::string*> texts) {
  for (const std::string* const name : names) {
    if (name->size() > kLongestName) return {grpc::StatusCode::INVALID_ARGUMENT, "a name in the request is too long"};
  }
  for (const std::string* const text : texts) {
    if (text->size() > kLongestText) {
      return {grpc::StatusCode::INVALID_ARGUMENT, absl::StrCat("the reason is longer than ", kLongestText, " bytes")};
    }
  }
  return grpc::Status::OK;
}

}  // namespace

template <typename Answer>
grpc::ServerUnaryReactor* FleetService::Unary(grpc::CallbackServerContext* context, const char* method, Answer answer) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  const absl::StatusOr<Caller> caller = gate_.Admit(*context, method);
  if (!caller.ok()) {
    reactor->Finish(ToGrpc(caller.status()));
    return reactor;
  }
  core_.Post([answer = std::move(answer), who = DescribeIdentity(caller->identity), reactor] {
    answer(who, [reactor](const grpc::Status& status) { reactor->Finish(status); });
  });
  return reactor;
}

template <typename Response, typename Answer>
grpc::ServerWriteReactor<Response>* FleetService::Streaming(grpc::CallbackServerContext* context, const char* method,
                                                            Answer answer) {
  const auto stream = ResponseStream<Response>::Make();
  const absl::StatusOr<Caller> caller = gate_.Admit(*context, method);
  if (!caller.ok()) {
    stream->Close(ToGrpc(caller.status()));
  } else {
    core_.Post([answer = std::move(answer), who = DescribeIdentity(caller->identity), stream] { answer(who, stream); });
  }
  return stream.get();
}

template <typename Response, typename Finish, typename Answer>
void FleetService::Once(const std::string& who, const std::string& request_id, Response* response, const Finish& finish,
                        Answer answer) {
  if (request_id.empty()) return finish({grpc::StatusCode::INVALID_ARGUMENT, "the request has no request_id"});
  const std::string key = absl::StrCat(Response::descriptor()->name(), "/", who, "/", request_id);
  const absl::StatusOr<std::optional<std::string>> known = store_.FindAnswer(key);
  if (!known.ok()) return finish(ToGrpc(known.status()));
  if (known->has_value()) {
    response->ParseFromString(**known);
    return finish(grpc::Status::OK);
  }
  answer([this, key, response, finish](const grpc::Status& status) {
    if (status.ok()) {
      // The mutation is done and journaled; failing to remember its answer must not turn it into a failure.
      if (const absl::Status stored = store_.RememberAnswer(key, response->SerializeAsString()); !stored.ok()) {
        LogWarning(absl::StrCat("an answer could not be remembered: ", std::string(stored.message())));
      }
    }
    finish(status);
  });
}

grpc::ServerUnaryReactor* FleetService::GetStatus(grpc::CallbackServerContext* context,
                                                  const v1::GetStatusRequest* request,
                                                  v1::GetStatusResponse* response) {
  return Unary(context, "GetStatus", [this, request, response](const std::string&, const auto& finish) {
    finish(fleet_.GetStatus(*request, response));
  });
}

grpc::ServerUnaryReactor* FleetService::Discover(grpc::CallbackServerContext* context,
                                                 const v1::DiscoverRequest* request, v1::DiscoverResponse* response) {
  return Unary(context, "Discover", [this, request, response](const std::string&, const auto& finish) {
    finish(fleet_.Discover(*request, response));
  });
}

grpc::ServerUnaryReactor* FleetService::Verify(grpc::CallbackServerContext* context, const v1::VerifyRequest* request,
                                               v1::VerifyResponse* response) {
  return Unary(context, "Verify", [this, request, response](const std::string&, const auto& finish) {
    fleet_.Verify(*request, response, finish);
  });
}

grpc::ServerUnaryReactor* FleetService::Plan(grpc::CallbackServerContext* context, const v1::PlanRequest* request,
                                             v1::PlanResponse* response) {
  return Unary(context, "Plan", [this, request, response](const std::string&, const auto& finish) {
    applies_.Plan(*request, response, finish);
  });
}

grpc::ServerUnaryReactor* FleetService::Describe(grpc::CallbackServerContext* context,
                                                 const v1::DescribeRequest* request, v1::DescribeResponse* response) {
  return Unary(context, "Describe", [this, request, response](const std::string&, const auto& finish) {
    std::string cluster;
    if (const grpc::Status resolved = fleet_.Resolve(request->cluster(), &cluster); !resolved.ok()) {
      return finish(resolved);
    }
    applies_.Describe(cluster, response, finish);
  });
}

grpc::ServerUnaryReactor* FleetService::ListOperations(grpc::CallbackServerContext* context,
                                                       const v1::ListOperationsRequest* request,
                                                       v1::ListOperationsResponse* response) {
  return Unary(context, "ListOperations", [this, request, response](const std::string&, const auto& finish) {
    std::string cluster;
    if (!request->cluster().empty()) {
      if (const grpc::Status resolved = fleet_.Resolve(request->cluster(), &cluster); !resolved.ok()) {
        return finish(resolved);
      }
    }
    finish(operations_.List(cluster, response));
  });
}

grpc::ServerUnaryReactor* FleetService::GetOperation(grpc::CallbackServerContext* context,
                                                     const v1::GetOperationRequest* request,
                                                     v1::OperationReport* response) {
  return Unary(context, "GetOperation", [this, request, response](const std::string&, const auto& finish) {
    std::string cluster;
    if (!request->cluster().empty() || request->operation_id().empty()) {
      if (const grpc::Status resolved = fleet_.Resolve(request->cluster(), &cluster); !resolved.ok()) {
        return finish(resolved);
      }
    }
    finish(request->with_seconds() ? operations_.GetWithSeconds(cluster, request->operation_id(), response)
                                   : operations_.Get(cluster, request->operation_id(), response));
  });
}

grpc::ServerWriteReactor<v1::WatchOperationResponse>* FleetService::WatchOperation(
    grpc::CallbackServerContext* context, const v1::WatchOperationRequest* request) {
  return Streaming<v1::WatchOperationResponse>(
      context, "WatchOperation", [this, request = *request](const std::string&, const auto& stream) {
        std::string cluster;
        if (!request.cluster().empty() || request.operation_id().empty()) {
          if (const grpc::Status resolved = fleet_.Resolve(request.cluster(), &cluster); !resolved.ok()) {
            return stream->Close(resolved);
          }
        }
        operations_.Watch(cluster, request.operation_id(), stream);
      });
}

grpc::ServerWriteReactor<v1::ListEventsResponse>* FleetService::ListEvents(grpc::CallbackServerContext* context,
                                                                           const v1::ListEventsRequest* request) {
  return Streaming<v1::ListEventsResponse>(
      context, "ListEvents",
      [this, request = *request](const std::string&, const auto& stream) { fleet_.ListEvents(request, stream); });
}

grpc::ServerWriteReactor<v1::ApplyProgress>* FleetService::Apply(grpc::CallbackServerContext* context,
                                                                 const v1::ApplyRequest* request) {
  return Streaming<v1::ApplyProgress>(
      context, "Apply", [this, request = *request](const std::string& who, const auto& stream) {
        if (const grpc::Status bounded = CheckTexts({&request.request_id()}, {&request.why()}); !bounded.ok()) {
          return stream->Close(bounded);
        }
        applies_.Apply(request, who, stream);
      });
}

grpc::ServerUnaryReactor* FleetService::StartDrill(grpc::CallbackServerContext* context,
                                                   const v1::StartDrillRequest* request,
                                                   v1::StartDrillResponse* response) {
  return Unary(context, "StartDrill", [this, request, response](const std::string& who, const auto& finish) {
    if (const grpc::Status bounded = CheckTexts({&request->request_id()}, {&request->spec().why()}); !bounded.ok()) {
      return finish(bounded);
    }
    if (request->spec().has_rollout() || request->spec().scenario() == v1::SCENARIO_ROLLOUT) {
      return finish({grpc::StatusCode::INVALID_ARGUMENT, "a drill rolls nothing out; jettyfleet rollout start does"});
    }
    Once(who, request->request_id(), response, finish, [&](const auto& done) {
      v1::DrillSpec spec = request->spec();
      std::string cluster;
      if (const grpc::Status resolved = fleet_.Resolve(spec.cluster(), &cluster); !resolved.ok()) return done(resolved);
      spec.set_cluster(cluster);
      spec.set_who(who);
      done(operations_.Start(spec, response->mutable_operation_id()));
    });
  });
}

grpc::ServerUnaryReactor* FleetService::PlanRollout(grpc::CallbackServerContext* context,
                                                    const v1::PlanRolloutRequest* request,
                                                    v1::PlanRolloutResponse* response) {
  return Unary(context, "PlanRollout", [this, request, response](const std::string& who, const auto& finish) {
    v1::DrillSpec spec = request->spec();
    std::string cluster;
    if (const grpc::Status resolved = fleet_.Resolve(spec.cluster(), &cluster); !resolved.ok()) return finish(resolved);
    spec.set_cluster(cluster);
    spec.set_who(who);
    rollouts_.Plan(std::move(spec), response, finish);
  });
}

grpc::ServerUnaryReactor* FleetService::StartRollout(grpc::CallbackServerContext* context,
                                                     const v1::StartRolloutRequest* request,
                                                     v1::StartRolloutResponse* response) {
  return Unary(context, "StartRollout", [this, request, response](const std::string& who, const auto& finish) {
    if (const grpc::Status bounded = CheckTexts({&request->request_id()}, {&request->spec().why()}); !bounded.ok()) {
      return finish(bounded);
    }
    Once(who, request->request_id(), response, finish, [&](const auto& done) {
      v1::DrillSpec spec = request->spec();
      std::string cluster;
      if (const grpc::Status resolved = fleet_.Resolve(spec.cluster(), &cluster); !resolved.ok()) return done(resolved);
      spec.set_cluster(cluster);
      spec.set_who(who);
      rollouts_.Start(std::move(spec), request->request_id(), response, done);
    });
  });
}

grpc::ServerUnaryReactor* FleetService::AbortOperation(grpc::CallbackServerContext* context,
                                                       const v1::AbortOperationRequest* request,
                                                       v1::AbortOperationResponse* response) {
  return Unary(context, "AbortOperation", [this, request, response](const std::string& who, const auto& finish) {
    if (const grpc::Status bounded = CheckTexts({&request->request_id(), &request->operation_id()}, {&request->why()});
        !bounded.ok()) {
      return finish(bounded);
    }
    std::string cluster;
    if (!request->cluster().empty() || request->operation_id().empty()) {
      if (const grpc::Status resolved = fleet_.Resolve(request->cluster(), &cluster); !resolved.ok()) {
        return finish(resolved);
      }
    }
    Once(who, request->request_id(), response, finish, [&](const auto& done) {
      done(operations_.Abort(cluster, request->operation_id(), who, request->why(), response->mutable_operation_id()));
    });
  });
}

grpc::ServerUnaryReactor* FleetService::Restore(grpc::CallbackServerContext* context, const v1::RestoreRequest* request,
                                                v1::RestoreResponse* response) {
  return Unary(context, "Restore", [this, request, response](const std::string& who, const auto& finish) {
    if (const grpc::Status bounded = CheckTexts({&request->request_id()}, {&request->why()}); !bounded.ok()) {
      return finish(bounded);
    }
    std::string cluster;
    if (const grpc::Status resolved = fleet_.Resolve(request->cluster(), &cluster); !resolved.ok()) {
      return finish(resolved);
    }
    Once(who, request->request_id(), response, finish,
         [&](const auto& done) { operations_.Restore(cluster, who, request->why(), request->take_over(), response, done); });
  });
}

}  // namespace jettyfleet
