// Where an application writes to: each directory as the unit itself sees it.
#ifndef JETTYFLEET_AGENT_INSPECT_PATH_PATH_INSPECTION_H_
#define JETTYFLEET_AGENT_INSPECT_PATH_PATH_INSPECTION_H_

#include <string>
#include <vector>

#include "agent/inspect/unit/unit_state.h"
#include "proto/inspection.pb.h"

namespace jettyfleet {

struct WantedPath {
  std::string path;
  v1::PathFact::Source source = v1::PathFact::SOURCE_UNSPECIFIED;
};

// Of one unit, each path once: the first source that names it counts, then the unit's own paths are added, and its
// working directory where its user may write there. At most 64; the last fact's `error` says where there are more.
//
// In the unit's mount namespace while it runs, else in this program's. Blocks for 2 s at most, also where a file server
// does not answer: then that path's `error` says so. `writable` is unset while the unit is stopped, and
// `writable_error` says so. Nothing is written. Any thread. The program has to call RunPathWorker (path_worker.h) first
// thing in main.
std::vector<v1::PathFact> InspectPaths(const std::vector<WantedPath>& wanted, const UnitState& unit);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_INSPECT_PATH_PATH_INSPECTION_H_
