// systemd over the system bus: one connection that comes back by itself.
#ifndef JETTYFLEET_AGENT_OBSERVE_UNIT_BUS_H_
#define JETTYFLEET_AGENT_OBSERVE_UNIT_BUS_H_

#include <systemd/sd-bus.h>

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "agent/loop.h"
#include "proto/observation.pb.h"

namespace jettyfleet {

// Owned by UnitObserver; loop thread only. Every call is asynchronous and answered within 5 s or with an error. It
// knows nothing of which units matter.
class UnitBus {
 public:
  struct Handlers {
    // Subscribed and matched: what happens from here on comes as a signal, so list now.
    std::function<void()> on_connected;
    // Calls that were not answered never will be. It tries again by itself: after 0.2 s at first, 30 s at most.
    std::function<void(const std::string& why)> on_lost;
    // Some properties of a unit changed: `read` puts those that the signal carried into a fact (negative errno: it
    // could not). Valid during the call.
    std::function<void(const std::string& unit, const std::function<int(v1::UnitFact*)>& read)> on_properties;
    // "UnitNew" or "UnitRemoved", with the unit.
    std::function<void(const std::string& signal, const std::string& unit)> on_unit;
    // systemd reloaded its configuration, or unit files were enabled or disabled.
    std::function<void()> on_reloaded;
  };
  // As sd_bus_open_system: a new connection that the caller owns, or a negative errno.
  using Open = std::function<int(sd_bus**)>;

  UnitBus(Loop& loop, Open open, Handlers handlers);
  ~UnitBus();
  UnitBus(const UnitBus&) = delete;
  UnitBus& operator=(const UnitBus&) = delete;

  void Start();
  bool connected() const { return bus_ != nullptr; }

  // Only while connected. `done` comes later, or not at all when the connection is lost first.
  // Names among loaded units and unit files that fit the pattern.
  void ListNames(const std::string& pattern, std::function<void(absl::StatusOr<std::set<std::string>>)> done);
  // All properties of one unit; `error` of the fact is empty.
  void ReadUnit(const std::string& unit, std::function<void(absl::StatusOr<v1::UnitFact>)> done);

 private:
  using OnAnswer = std::function<void(sd_bus_message*)>;
  struct Call {
    UnitBus* bus;
    OnAnswer on_answer;
  };

  void Connect();
  int AddMatches();
  void Subscribe();
  // Takes an unsent call over.
  void Send(sd_bus_message* call, OnAnswer on_answer);
  // Sends, or loses the connection where the call could not even be made.
  void Ask(int made, sd_bus_message* call, OnAnswer on_answer);
  // Takes effect outside of sd-bus's own dispatching.
  void LoseSoon(std::string why);
  void Lose(const std::string& why);

  static int OnAnswered(sd_bus_message* message, void* call, sd_bus_error* error);
  static int OnDisconnected(sd_bus_message* message, void* bus, sd_bus_error* error);
  static int OnPropertiesChanged(sd_bus_message* message, void* bus, sd_bus_error* error);
  static int OnManagerSignal(sd_bus_message* message, void* bus, sd_bus_error* error);

  Loop& loop_;
  const Open open_;
  const Handlers handlers_;
  sd_bus* bus_ = nullptr;
  bool subscribed_ = false;
  bool complained_ = false;
  absl::Duration backoff_;
  std::unique_ptr<Timer> lose_;
  std::unique_ptr<Timer> reconnect_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_OBSERVE_UNIT_BUS_H_
