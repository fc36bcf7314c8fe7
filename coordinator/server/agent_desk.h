// The core's side of all agents: who is connected, what they said, what they were told and have not answered yet.
#ifndef JETTYFLEET_COORDINATOR_SERVER_AGENT_DESK_H_
#define JETTYFLEET_COORDINATOR_SERVER_AGENT_DESK_H_

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "common/clock.h"
#include "common/identity.h"
#include "coordinator/core/core_loop.h"
#include "coordinator/fleet/registry.h"
#include "coordinator/server/agent_session.h"

namespace jettyfleet {

// Core thread only; owned by main.
class AgentDesk final : public AgentSessionHandler {
 public:
  struct Callbacks {
    // The cluster's view changed.
    std::function<void(const std::string& cluster)> on_changed;
    // Worth an operator's eye; becomes a HostEvent in the journal.
    std::function<void(const std::string& cluster, const std::string& host, const std::string& text)> on_event;
    // An action's result, or TIMED_OUT with "outcome unknown" where the agent went away while it had the action.
    std::function<void(const HostKey& host, const v1::ActionResult& result)> on_result;
    // Asked at every heartbeat: a certificate may be denied while its stream is open.
    std::function<absl::Status(const std::string& serial)> still_welcome;
  };

  AgentDesk(CoreLoop& core, Registry& registry, const Clock& clock, std::string fleet, std::string coordinator_uuid,
            uint64_t epoch, Callbacks callbacks);

  // Begins to ping; call once on the core thread.
  void Start();

  // `host` is a node of the cluster or a load balancer. False: its agent is not connected, nothing was sent.
  bool Send(const std::string& cluster, const std::string& host, const v1::Action& action);

  // Asks for a re-read. Dropped when one at least as wide is under way (and younger than 10 s), or when the host's
  // agent is not connected.
  void Observe(const std::string& cluster, const std::string& host, v1::Observe observe);

  // Sends every connected agent what it is to watch now; after a description changed.
  void PushWatches();

  grpc::Status OnHello(const std::shared_ptr<AgentSession>& session, const Identity& caller,
                       const v1::Hello& hello) override;
  void OnMessage(const std::shared_ptr<AgentSession>& session, const v1::AgentMessage& message) override;
  void OnClosed(const std::shared_ptr<AgentSession>& session) override;

 private:
  struct Peer {
    std::shared_ptr<AgentSession> session;
    std::string boot_id;
    uint64_t restart_sequence = 0;
    struct Observing {
      v1::Observe observe;
      absl::Time sent_at;
    };
    std::map<uint64_t, Observing> observing;  // by id
    std::map<std::string, bool> acting;       // action ids without a result
  };

  // The host's key if it is connected.
  const HostKey* KeyOf(const AgentSession* session) const;
  Peer* Find(const std::string& cluster, const std::string& host);
  void Changed(const HostKey& key);
  void Event(const HostKey& key, const std::string& text);
  // Events from units and DC claims that differ from what was known.
  void ReportDifferences(const HostKey& key, const v1::HostChange& change);
  void DropPeer(const HostKey& key);
  void Heartbeat();

  CoreLoop& core_;
  Registry& registry_;
  const Clock& clock_;
  const std::string fleet_;
  const std::string coordinator_uuid_;
  const uint64_t epoch_;
  const Callbacks callbacks_;
  std::map<HostKey, Peer> peers_;
  std::map<const AgentSession*, HostKey> keys_;
  uint64_t next_observe_id_ = 1;
  uint64_t next_ping_id_ = 1;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_SERVER_AGENT_DESK_H_
