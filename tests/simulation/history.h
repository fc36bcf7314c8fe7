// What happened in one simulated run, as the checker reads it. Written by the world, never by the code under test.
#ifndef JETTYFLEET_TESTS_SIMULATION_HISTORY_H_
#define JETTYFLEET_TESTS_SIMULATION_HISTORY_H_

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "proto/journal.pb.h"

namespace jettyfleet {

struct HistoryEvent {
  enum Kind {
    kDurable,      // record: became durable
    kJournalFull,  // the journal refused a record
    kSent,         // action, host, undo: left the coordinator
    kBegun,        // action, host, local, highest_epoch, locked: an agent began to carry it out, having checked it
    kDown,         // nodes: those that are down by our hand now, held out by the CIB with quorum or hit by a fault
    kInForce,      // text: lease, host, armed, local, ends, over_by: a fault of ours was put in force there
    kLifted,       // text: lease, host: it is in force no more
    kWhole,        // nodes: those that are in full service now (unit, port, HTTP, in rotation)
    kReplayed,     // text: how an operation rebuilt from the journal differs from the live one; empty when equal
    kCrashed,      // the coordinator died
    kRestarted,
    kEnded,      // the operation has ended without a record: the journal takes none
    kLeft,       // text: something of ours is in force though the operation is over
    kNotAtRest,  // text: the runner reported an error
    kFault,      // text
  };
  absl::Time at;
  Kind kind;
  v1::JournalRecord record;
  v1::Action action;
  std::string host;
  bool undo = false;
  bool locked = false;  // the operation's lock stood in that agent's CIB
  bool armed = false;   // its host has the lease on its disk
  absl::Time local;     // by the host's own clock
  absl::Time ends;      // the lease, by that clock
  absl::Time over_by;   // the same in true time
  uint64_t highest_epoch = 0;
  std::set<std::string> nodes;
  std::string text;
};

class History {
 public:
  HistoryEvent& Add(absl::Time at, HistoryEvent::Kind kind, std::string text = "") {
    HistoryEvent& event = events_.emplace_back();
    event.at = at;
    event.kind = kind;
    event.text = std::move(text);
    return event;
  }
  const std::vector<HistoryEvent>& events() const { return events_; }

 private:
  std::vector<HistoryEvent> events_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_TESTS_SIMULATION_HISTORY_H_
