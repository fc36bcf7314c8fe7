// RouteService on gRPC: checks who calls, posts to the core, and lets it answer.
#ifndef JETTYFLEET_COORDINATOR_SERVER_ROUTE_SERVICE_H_
#define JETTYFLEET_COORDINATOR_SERVER_ROUTE_SERVICE_H_

#include "common/tls/caller.h"
#include "coordinator/core/core_loop.h"
#include "coordinator/server/fleet_desk.h"
#include "coordinator/server/route_desk.h"
#include "proto/route_service.grpc.pb.h"

namespace jettyfleet {

// Owned by main. gRPC's threads call it; nothing in it blocks or decides.
class RouteService final : public v1::RouteService::CallbackService {
 public:
  RouteService(CoreLoop& core, CallerGate& gate, FleetDesk& fleet, RouteDesk& routes)
      : core_(core), gate_(gate), fleet_(fleet), routes_(routes) {}

  grpc::ServerUnaryReactor* ShowRoute(grpc::CallbackServerContext* context, const v1::RouteShowRequest* request,
                                      v1::RouteShowResponse* response) override;
  grpc::ServerWriteReactor<v1::RouteProgress>* ApplyRoute(grpc::CallbackServerContext* context,
                                                          const v1::RouteApplyRequest* request) override;
  grpc::ServerWriteReactor<v1::RouteProgress>* DrainNode(grpc::CallbackServerContext* context,
                                                         const v1::RouteDrainRequest* request) override;
  grpc::ServerWriteReactor<v1::RouteProgress>* RestoreNode(grpc::CallbackServerContext* context,
                                                           const v1::RouteRestoreRequest* request) override;
  grpc::ServerWriteReactor<v1::RouteProgress>* ShiftTraffic(grpc::CallbackServerContext* context,
                                                            const v1::RouteShiftRequest* request) override;

 private:
  // Admits the caller, bounds what it said, and has the desk begin `change(desk, request, caller)` on the core.
  template <typename Request>
  grpc::ServerWriteReactor<v1::RouteProgress>* Change(grpc::CallbackServerContext* context, const char* method,
                                                      const Request& request,
                                                      void (RouteDesk::*change)(const Request&,
                                                                                const RouteDesk::Caller&));

  CoreLoop& core_;
  CallerGate& gate_;
  FleetDesk& fleet_;
  RouteDesk& routes_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_SERVER_ROUTE_SERVICE_H_
