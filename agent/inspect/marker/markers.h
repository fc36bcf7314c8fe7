// Marker files, which prove whether two hosts write to one and the same directory: each leaves its own under a name
// that was never used, the others look for it by that name.
#ifndef JETTYFLEET_AGENT_INSPECT_MARKER_MARKERS_H_
#define JETTYFLEET_AGENT_INSPECT_MARKER_MARKERS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "agent/inspect/marker/marker_store.h"  // IsMarkerName
#include "agent/inspect/unit/system_bus.h"
#include "agent/inspect/unit/unit_state.h"
#include "proto/inspection.pb.h"

namespace jettyfleet {

// Of the agent that the program was started for.
struct MarkerOptions {
  std::string state_dir;
  std::string node;
  // argv, with an absolute program, of what calls SweepMarkers; a transient timer runs it.
  std::vector<std::string> sweep_command;
  OpenBus open_bus = sd_bus_open_system;
};

// A resource with the paths that InspectPaths found for it. Not owned.
struct MarkedUnit {
  const UnitState* unit = nullptr;
  v1::ResourceInspection* inspection = nullptr;
};

inline constexpr absl::Duration kLongestMarkerLife = absl::Hours(1);

// Leaves `marker` in every path that is there, as the unit's user, and sets `marked` of those that have it; where it
// could not be left, `writable_error` says why. In this order: a durable record in the state directory, a timer that
// sweeps when `life` (at most kLongestMarkerLife) is over, the files. Not OK: none was left, the message says why in
// one line.
absl::Status PlaceMarkers(const MarkerOptions& options, const std::string& marker, absl::Duration life,
                          const std::vector<MarkedUnit>& units);

// Opens each marker by its name in each path, as the unit sees it. Answers in the order asked, resource by resource and
// path by path.
std::vector<v1::MarkerSighting> LookForMarkers(const MarkerOptions& options, const v1::LookForMarkers& asked);

// Removes the files that the record of `marker` names, then the record and the timer. OK where there is no record: then
// this host has left none. Otherwise what could not be removed stays recorded, for the sweep.
absl::Status RemoveMarkers(const MarkerOptions& options, const std::string& marker);

struct MarkerSweep {
  // Not OK: something is left for a later sweep; the first reason in one line.
  absl::Status status;
  std::vector<std::string> removed;  // markers
};

// Every recorded marker whose life is over at `now`. For the agent's start, its later sweeps, and the timer.
MarkerSweep SweepMarkers(const MarkerOptions& options, absl::Time now);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_INSPECT_MARKER_MARKERS_H_
