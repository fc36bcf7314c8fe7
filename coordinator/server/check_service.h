// CheckService on gRPC: checks who calls, posts to the core, and lets it answer.
#ifndef JETTYFLEET_COORDINATOR_SERVER_CHECK_SERVICE_H_
#define JETTYFLEET_COORDINATOR_SERVER_CHECK_SERVICE_H_

#include <functional>
#include <utility>

#include "common/tls/caller.h"
#include "coordinator/core/core_loop.h"
#include "coordinator/server/check_desk.h"
#include "coordinator/server/fleet_desk.h"
#include "proto/check_service.grpc.pb.h"

namespace jettyfleet {

// Owned by main. gRPC's threads call it; nothing in it blocks or decides.
class CheckService final : public v1::CheckService::CallbackService {
 public:
  // All checks that there are, in words; any thread.
  using List = std::function<v1::ListChecksResponse()>;

  CheckService(CoreLoop& core, CallerGate& gate, FleetDesk& fleet, CheckDesk& checks, List list)
      : core_(core), gate_(gate), fleet_(fleet), checks_(checks), list_(std::move(list)) {}

  grpc::ServerUnaryReactor* Check(grpc::CallbackServerContext* context, const v1::CheckRequest* request,
                                  v1::CheckReport* response) override;
  grpc::ServerUnaryReactor* ListChecks(grpc::CallbackServerContext* context, const v1::ListChecksRequest* request,
                                       v1::ListChecksResponse* response) override;

 private:
  CoreLoop& core_;
  CallerGate& gate_;
  FleetDesk& fleet_;
  CheckDesk& checks_;
  const List list_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_SERVER_CHECK_SERVICE_H_
