#include "coordinator/archive/archive_service.h"

#include <utility>

#include "common/identity.h"
#include "coordinator/archive/push_stream.h"
#include "coordinator/server/grpc_status.h"

namespace jettyfleet {
namespace {

template <typename Response>
void Answer(absl::StatusOr<Response> found, Response* response, grpc::ServerUnaryReactor* reactor) {
  if (found.ok()) *response = *std::move(found);
  reactor->Finish(ToGrpc(found.status()));
}

}  // namespace

grpc::ServerUnaryReactor* ArchiveService::PreparePush(grpc::CallbackServerContext* context,
                                                      const v1::PreparePushRequest* request,
                                                      v1::PreparePushResponse* response) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  const absl::StatusOr<Caller> caller = gate_.Admit(*context, "PreparePush");
  if (!caller.ok()) {
    reactor->Finish(ToGrpc(caller.status()));
    return reactor;
  }
  desk_.loop().Post([this, request, response, reactor] {
    desk_.PreparePush(*request, [response, reactor](absl::StatusOr<v1::PreparePushResponse> found) {
      Answer(std::move(found), response, reactor);
    });
  });
  return reactor;
}

grpc::ServerReadReactor<v1::PushChunk>* ArchiveService::PushArchive(grpc::CallbackServerContext* context,
                                                                    v1::PushArchiveResponse* response) {
  const absl::StatusOr<Caller> caller = gate_.Admit(*context, "PushArchive");
  return PushStream::Start(desk_, ToGrpc(caller.status()), caller.ok() ? DescribeIdentity(caller->identity) : "",
                           response);
}

grpc::ServerUnaryReactor* ArchiveService::ListArchives(grpc::CallbackServerContext* context,
                                                       const v1::ListArchivesRequest* request,
                                                       v1::ListArchivesResponse* response) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  const absl::StatusOr<Caller> caller = gate_.Admit(*context, "ListArchives");
  if (!caller.ok()) {
    reactor->Finish(ToGrpc(caller.status()));
    return reactor;
  }
  desk_.loop().Post([this, request, response, reactor] {
    Answer(absl::StatusOr<v1::ListArchivesResponse>(desk_.List(*request)), response, reactor);
  });
  return reactor;
}

grpc::ServerUnaryReactor* ArchiveService::RemoveArchive(grpc::CallbackServerContext* context,
                                                        const v1::RemoveArchiveRequest* request,
                                                        v1::RemoveArchiveResponse* response) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  const absl::StatusOr<Caller> caller = gate_.Admit(*context, "RemoveArchive");
  if (!caller.ok()) {
    reactor->Finish(ToGrpc(caller.status()));
    return reactor;
  }
  desk_.loop().Post([this, request, response, reactor, who = DescribeIdentity(caller->identity)] {
    Answer(desk_.Remove(*request, who), response, reactor);
  });
  return reactor;
}

}  // namespace jettyfleet
