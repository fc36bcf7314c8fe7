// What operators ask, answered from the core's state.
#ifndef JETTYFLEET_COORDINATOR_SERVER_FLEET_DESK_H_
#define JETTYFLEET_COORDINATOR_SERVER_FLEET_DESK_H_

#include <grpcpp/support/status.h>

#include <atomic>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <thread>

#include "common/clock.h"
#include "coordinator/core/core_loop.h"
#include "coordinator/fleet/registry.h"
#include "coordinator/journal/fleet_store.h"
#include "coordinator/journal/journal.h"
#include "coordinator/server/apply_desk.h"
#include "coordinator/server/fresh_look.h"
#include "coordinator/server/operation_desk.h"
#include "coordinator/server/response_stream.h"
#include "proto/fleet.pb.h"

namespace jettyfleet {

// Core thread only; owned by main. `who` is the caller's identity in words, for records.
class FleetDesk {
 public:
  FleetDesk(CoreLoop& core, Registry& registry, FreshLook& look, OperationDesk& operations, ApplyDesk& applies,
            Journal& journal, FleetStore& store, const Clock& clock, std::string coordinator_uuid, uint64_t epoch);

  // Reads the stored descriptions; before any agent connects.
  absl::Status Open();

  grpc::Status GetStatus(const v1::GetStatusRequest& request, v1::GetStatusResponse* response);
  grpc::Status Discover(const v1::DiscoverRequest& request, v1::DiscoverResponse* response);
  // Has every host look again first.
  void Verify(const v1::VerifyRequest& request, v1::VerifyResponse* response, std::function<void(grpc::Status)> done);
  void ListEvents(const v1::ListEventsRequest& request, std::shared_ptr<ResponseStream<v1::ListEventsResponse>> stream);

  // The cluster's view changed: whoever waits for it looks at it.
  void OnChanged(const std::string& cluster);
  void OnResult(const HostKey& host, const v1::ActionResult& result);
  void OnEvent(const std::string& cluster, const std::string& host, const std::string& text);
  // Something was appended to the journal.
  void OnAppended();

  // The one cluster that `name` means: itself, or the only one there is where it is empty.
  grpc::Status Resolve(const std::string& name, std::string* cluster) const;

 private:
  // Ends with its thread, which posts its own removal as the last thing it does.
  struct Asking {
    ~Asking() {
      stop = true;
      if (thread.joinable()) thread.join();
    }
    std::atomic<bool> stop = false;
    std::thread thread;
  };
  struct Follower {
    std::string cluster;
    uint64_t after;
    uint64_t until;  // the last sequence to send; the greatest number there is: follow
    std::shared_ptr<ResponseStream<v1::ListEventsResponse>> stream;
  };

  // Asks through the load balancers on a thread of its own, then answers.
  void FinishVerify(const std::string& cluster, absl::Time since, v1::VerifyResponse* response,
                    std::function<void(grpc::Status)> done);
  // Feeds who reads too slowly to be fed at once, while there is a follower at all.
  void FeedSlowReaders();
  // False when the stream is over, at its end, or a record cannot be read.
  bool Feed(Follower* follower);

  CoreLoop& core_;
  Registry& registry_;
  FreshLook& look_;
  OperationDesk& operations_;
  ApplyDesk& applies_;
  Journal& journal_;
  FleetStore& store_;
  const Clock& clock_;
  const std::string coordinator_uuid_;
  const uint64_t epoch_;
  std::list<Follower> followers_;
  std::list<Asking> asking_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_SERVER_FLEET_DESK_H_
