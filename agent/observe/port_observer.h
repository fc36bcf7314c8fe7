// Which expected ports are bound, and by whom: by event where the kernel has one, by dumps where it has none.
#ifndef JETTYFLEET_AGENT_OBSERVE_PORT_OBSERVER_H_
#define JETTYFLEET_AGENT_OBSERVE_PORT_OBSERVER_H_

#include <systemd/sd-event.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "agent/loop.h"
#include "agent/observe/listeners.h"
#include "agent/observe/socket_owner.h"
#include "proto/observation.pb.h"

namespace jettyfleet {

// Owned by HostObserver; loop thread only. The loss of a listener is an event, even while its process lives on. A new
// bind has none: while a unit is active and one of its ports is not bound, listeners are dumped every 50 ms (0.1 ms of
// processor time each) for 30 s, every second for 5 minutes more, and every 60 s in any case.
class PortObserver {
 public:
  struct WatchedPort {
    std::string resource;
    std::string unit;  // with ".service"
    uint32_t port = 0;
    friend bool operator==(const WatchedPort&, const WatchedPort&) = default;
  };

  // `unit` tells what is known of a unit; nullptr: nothing.
  PortObserver(Loop& loop, std::function<const v1::UnitFact*(const std::string&)> unit,
               std::function<void(v1::HostChange)> on_change, ControlGroupRoots roots = {});
  ~PortObserver();
  PortObserver(const PortObserver&) = delete;
  PortObserver& operator=(const PortObserver&) = delete;

  void SetWatched(std::vector<WatchedPort> ports);
  // A unit's fact changed.
  void OnUnitChanged();
  // Dumps now and passes on every fact, changed or not.
  void Read();

  // By resource and port.
  const std::map<std::pair<std::string, uint32_t>, v1::PortFact>& ports() const { return ports_; }

 private:
  struct Holder {
    v1::Answer owned_by_unit = v1::ANSWER_UNSPECIFIED;
    std::string owner;
  };

  void Dump(bool pass_on_all);
  v1::PortFact Judge(const WatchedPort& watched, const std::vector<Listener>& listeners);
  const Holder& HolderOf(const Listener& listener, const WatchedPort& watched);
  void ScheduleNext();
  void WatchEvents();
  static int OnDestroyed(sd_event_source* source, int fd, uint32_t events, void* observer);

  Loop& loop_;
  const std::function<const v1::UnitFact*(const std::string&)> unit_;
  const std::function<void(v1::HostChange)> on_change_;
  const ControlGroupRoots roots_;
  std::vector<WatchedPort> watched_;
  std::map<std::pair<std::string, uint32_t>, v1::PortFact> ports_;
  // By cookie and unit. To find a stranger costs a walk over all processes, too much for each of the quick dumps.
  std::map<std::pair<uint64_t, std::string>, Holder> holders_;
  int events_fd_ = -1;
  sd_event_source* events_ = nullptr;
  std::unique_ptr<Timer> next_;
  // Dumps in quick succession since the last change; they become fewer when nothing happens.
  int hurried_ = 0;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_OBSERVE_PORT_OBSERVER_H_
