// Jetty's units, from systemd over D-Bus: by event, with a reconciling re-read.
#ifndef JETTYFLEET_AGENT_OBSERVE_UNIT_OBSERVER_H_
#define JETTYFLEET_AGENT_OBSERVE_UNIT_OBSERVER_H_

#include <systemd/sd-bus.h>

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "agent/loop.h"
#include "agent/process.h"
#include "proto/observation.pb.h"

namespace jettyfleet {

// Owned by HostObserver; loop thread only. Observes jetty*.service among unit files and loaded units, instances of
// templates too, and every unit that it is told of. Every call on the bus is asynchronous. Without a bus all facts are
// unknown (no active_state, `error` set) until it is back and everything has been read again.
class UnitObserver {
 public:
  // `on_change` gets facts that changed, at once and with the properties that the signal itself carried.
  UnitObserver(Loop& loop, ProcessRunner& processes, std::function<void(v1::HostChange)> on_change);
  ~UnitObserver();
  UnitObserver(const UnitObserver&) = delete;
  UnitObserver& operator=(const UnitObserver&) = delete;

  void Start();
  // Units to observe whatever they are called, with ".service".
  void SetWatched(std::set<std::string> units);
  // Reads everything again; `done` after the facts have been passed on, changed or not.
  void Read(std::function<void()> done);

  const std::map<std::string, v1::UnitFact>& units() const { return units_; }
  // nullptr when it is not observed.
  const v1::UnitFact* Find(const std::string& unit) const;

 private:
  // One pass of listing and reading; later passes replace an unfinished one.
  struct Pass;

  void Connect();
  void Disconnected(const std::string& why);
  absl::Status Subscribe();
  void BeginPass();
  void ListedNames(bool unit_files, sd_bus_message* answer);
  void ReadUnit(const std::string& unit);
  void TookUnit(const std::string& unit, v1::UnitFact fact);
  void EndPass();
  void Publish(const std::string& unit, v1::UnitFact fact, bool even_if_same);
  void ReadJournal(const std::string& unit);
  void ScheduleReconcile();

  static int OnDisconnected(sd_bus_message* message, void* observer, sd_bus_error* error);
  static int OnPropertiesChanged(sd_bus_message* message, void* observer, sd_bus_error* error);
  static int OnUnitsChanged(sd_bus_message* message, void* observer, sd_bus_error* error);
  static int OnNamesListed(sd_bus_message* message, void* request, sd_bus_error* error);
  static int OnUnitRead(sd_bus_message* message, void* request, sd_bus_error* error);

  Loop& loop_;
  ProcessRunner& processes_;
  const std::function<void(v1::HostChange)> on_change_;
  sd_bus* bus_ = nullptr;
  std::set<std::string> watched_;
  std::map<std::string, v1::UnitFact> units_;
  std::unique_ptr<Pass> pass_;
  uint64_t next_pass_ = 1;
  bool again_ = false;  // asked for while a pass was under way
  std::vector<std::function<void()>> waiting_;
  std::unique_ptr<Timer> reconnect_;
  std::unique_ptr<Timer> reconcile_;
  std::unique_ptr<Timer> relist_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_OBSERVE_UNIT_OBSERVER_H_
