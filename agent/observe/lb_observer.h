// HAProxy's servers, as its admin socket on this host tells them.
#ifndef JETTYFLEET_AGENT_OBSERVE_LB_OBSERVER_H_
#define JETTYFLEET_AGENT_OBSERVE_LB_OBSERVER_H_

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "agent/haproxy/admin_socket.h"
#include "agent/loop.h"
#include "proto/observation.pb.h"
#include "proto/session.pb.h"

namespace jettyfleet {

// Every watched server, and without a node the others of their backends.
//
// Owned by HostObserver; loop thread only. HAProxy offers no events: it is asked every few seconds, and on request.
class LbObserver {
 public:
  LbObserver(Loop& loop, std::string socket, std::function<void(v1::HostChange)> on_change,
             absl::Duration interval = absl::Seconds(5));

  void SetWatched(std::vector<v1::WatchedServer> servers);
  // Reads now; `done` after every watched server's fact has been passed on.
  void Read(std::function<void()> done);

  const std::vector<v1::LbServerFact>& servers() const { return servers_; }

 private:
  void Begin();
  void TakeStat(absl::StatusOr<std::string> csv);
  void TakeStates(std::vector<v1::LbServerFact> found, absl::StatusOr<std::string> text);
  // Either an error, or what was found.
  void End(const std::string& error, const std::vector<v1::LbServerFact>& found);
  // Servers of a watched backend that are watched for no node: somebody should know of them.
  void AddUnmapped(const std::vector<v1::LbServerFact>& found, std::vector<v1::LbServerFact>* now) const;
  // Adds what was passed on earlier and is not among `now`.
  void AddGone(const std::vector<v1::LbServerFact>& now, v1::HostChange* change);
  void ScheduleNext();

  Loop& loop_;
  AdminSocket socket_;
  const std::function<void(v1::HostChange)> on_change_;
  const absl::Duration interval_;
  std::vector<v1::WatchedServer> watched_;
  std::vector<v1::LbServerFact> servers_;
  std::set<std::pair<std::string, std::string>> passed_on_;  // backend and server
  bool under_way_ = false;
  std::vector<std::function<void()>> waiting_;
  std::vector<std::function<void()>> served_;
  std::unique_ptr<Timer> next_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_OBSERVE_LB_OBSERVER_H_
