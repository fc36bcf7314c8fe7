// Checks: who waits for one, the one that runs on each cluster, and its end.
#ifndef JETTYFLEET_COORDINATOR_SERVER_CHECK_DESK_H_
#define JETTYFLEET_COORDINATOR_SERVER_CHECK_DESK_H_

#include <grpcpp/support/status.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/time.h"
#include "common/clock.h"
#include "coordinator/core/core_loop.h"
#include "coordinator/fleet/registry.h"
#include "coordinator/server/check_run.h"
#include "coordinator/server/check_traffic.h"
#include "proto/check.pb.h"

namespace jettyfleet {

// Core thread only; owned by main. On each cluster one check runs at a time. Whoever asks while it runs waits for the
// next, which all who wait share: its answer rests on nothing older than their questions.
class CheckDesk {
 public:
  using Done = std::function<void(grpc::Status)>;
  struct Seams {
    // To the agents, as AgentDesk's.
    std::function<bool(const std::string& cluster, const std::string& host, const v1::Action& action)> send;
    std::function<void(const std::string& cluster, const std::string& host, const v1::Observe& observe)> observe;
    // Blocks, on a thread of its own.
    std::function<std::vector<TrafficLook>(const std::vector<ReachQuestion>&, const std::atomic<bool>& stop)> traffic;
    // Pure. What was found, as findings.
    std::function<std::vector<v1::Finding>(const CheckInput& input)> judge;
    // Pure. Whether they amount to a yes.
    std::function<v1::Answer(const std::vector<v1::Finding>& findings)> overall;
  };

  CheckDesk(CoreLoop& core, Registry& registry, const Clock& clock, Seams seams)
      : core_(core), registry_(registry), clock_(clock), seams_(std::move(seams)) {}

  // `cluster` is known to the registry. `done` is called once, with RESOURCE_EXHAUSTED where too many wait already;
  // till then `response` must stay. The result names the caller in Cancel.
  uint64_t Check(const std::string& cluster, const v1::CheckRequest& request, v1::CheckReport* response, Done done);

  // The caller waits no more; its `done` is called with CANCELLED, unless it has been called. A check for which nobody
  // waits ends as soon as its markers are gone.
  void Cancel(uint64_t caller);

  void OnChanged(const std::string& cluster);

 private:
  struct Waiter {
    uint64_t caller = 0;
    bool rehash = false;
    bool diff = false;
    v1::CheckReport* response = nullptr;
    Done done;
    absl::Time asked_at;
  };
  struct Running {
    std::unique_ptr<CheckRun> run;
    std::vector<Waiter> waiters;
    bool traffic_begun = false;
    bool traffic_done = false;
    std::vector<TrafficLook> traffic;
  };
  struct Cluster {
    std::unique_ptr<Running> running;  // null: none
    std::vector<Waiter> waiters;       // for the next
    uint64_t ticking = 0;              // which timer is its own
  };
  // Ends with its thread, which posts its own removal as the last thing it does.
  struct Asking {
    ~Asking() {
      stop = true;
      if (thread.joinable()) thread.join();
    }
    std::atomic<bool> stop = false;
    std::thread thread;
  };

  void Begin(const std::string& name, Cluster* cluster);
  void Tick(const std::string& name, uint64_t ticking);
  void Step(const std::string& name);
  void AskTraffic(const std::string& name, Running* running);
  void Answer(const std::string& name, Running* running);

  CoreLoop& core_;
  Registry& registry_;
  const Clock& clock_;
  const Seams seams_;
  uint64_t next_caller_ = 1;
  uint64_t next_ticking_ = 1;
  std::map<std::string, Cluster> clusters_;
  std::list<Asking> asking_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_SERVER_CHECK_DESK_H_
