// The agent between its parts: facts go up, what to watch and actions come down. No policy lives here.
#ifndef JETTYFLEET_AGENT_AGENT_H_
#define JETTYFLEET_AGENT_AGENT_H_

#include <grpcpp/security/credentials.h>

#include <memory>
#include <string>

#include "agent/act/actor.h"
#include "agent/link/coordinator_link.h"
#include "agent/loop.h"
#include "agent/observe/host_observer.h"
#include "agent/process.h"
#include "common/clock.h"
#include "proto/session.pb.h"

namespace jettyfleet {

// Owned by main; loop thread only.
class Agent {
 public:
  struct Options {
    v1::Hello identity;  // without sent_at
    HostObserver::Options observer;
    Actor::Options actor;
    CoordinatorLink::Options link;
  };

  Agent(Loop& loop, ProcessRunner& processes, const Clock& clock, std::shared_ptr<grpc::ChannelCredentials> credentials,
        Options options);

  // Reads the state on disk and begins to observe and to dial. An error means that nothing was begun.
  absl::Status Start();

 private:
  Actor::Options OptionsWithLink(Actor::Options options) const;
  void OnWelcome(const v1::Welcome& welcome);
  void OnMessage(const v1::CoordinatorMessage& message);
  void SendLeases();

  const Clock& clock_;
  const v1::Hello identity_;
  Actor actor_;
  HostObserver observer_;
  CoordinatorLink link_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_AGENT_H_
