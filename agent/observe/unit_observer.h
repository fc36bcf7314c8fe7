// Jetty's units, from systemd over D-Bus: by event, with a reconciling re-read.
#ifndef JETTYFLEET_AGENT_OBSERVE_UNIT_OBSERVER_H_
#define JETTYFLEET_AGENT_OBSERVE_UNIT_OBSERVER_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agent/loop.h"
#include "agent/observe/unit_bus.h"
#include "agent/process.h"
#include "proto/observation.pb.h"

namespace jettyfleet {

// Owned by HostObserver; loop thread only. Observes jetty*.service among unit files and loaded units, instances of
// templates too, and every unit that it is told of. Without a bus all facts are unknown (no active_state, `error` set)
// until it is back and everything has been read again.
class UnitObserver {
 public:
  // `on_change` gets facts that changed, at once and with the properties that the signal itself carried. What no signal
  // carries (control group, drop-ins, unit file) follows a moment later.
  UnitObserver(Loop& loop, ProcessRunner& processes, UnitBus::Open open_bus,
               std::function<void(v1::HostChange)> on_change);
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
  // One pass of listing and reading everything.
  struct Pass {
    std::set<std::string> names;
    std::set<std::string> unread;
    std::vector<std::function<void()>> done;
  };

  void BeginPass();
  void OnListed(absl::StatusOr<std::set<std::string>> listed);
  void OnRead(const std::string& unit, absl::StatusOr<v1::UnitFact> fact);
  void EndPass();
  // Reads one unit outside of a pass; once more where it is asked for again meanwhile.
  void Refresh(const std::string& unit);
  void OnLost(const std::string& why);
  void OnProperties(const std::string& unit, const std::function<int(v1::UnitFact*)>& read);
  void OnUnit(const std::string& signal, const std::string& unit);
  void RelistSoon();
  void PublishUnknown(const std::string& why, bool even_if_same);
  void Publish(v1::UnitFact fact, bool even_if_same);
  void ReadJournal(const std::string& unit);
  void TakeJournal(const std::string& unit, const CommandResult& result);

  Loop& loop_;
  ProcessRunner& processes_;
  const std::function<void(v1::HostChange)> on_change_;
  UnitBus bus_;
  std::string lost_because_ = "systemd has not been asked yet";
  std::set<std::string> watched_;
  std::map<std::string, v1::UnitFact> units_;
  std::optional<Pass> pass_;
  bool again_ = false;  // asked for while a pass was under way
  std::vector<std::function<void()>> waiting_;
  std::map<std::string, bool> refreshing_;  // true: once more afterwards
  std::map<std::string, std::unique_ptr<Timer>> journal_waits_;
  std::unique_ptr<Timer> reconcile_;
  std::unique_ptr<Timer> relist_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_OBSERVE_UNIT_OBSERVER_H_
