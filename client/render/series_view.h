// Drills in a row, and what drills there are, as tables.
#ifndef JETTYFLEET_CLIENT_RENDER_SERIES_VIEW_H_
#define JETTYFLEET_CLIENT_RENDER_SERIES_VIEW_H_

#include <string>

#include "proto/operation.pb.h"

namespace jettyfleet {

// What became of each, in the order of their turns.
std::string RenderSeries(const v1::SeriesReport& series, bool colour);

// All that this version knows.
v1::ScenarioList KnownScenarios();
std::string RenderScenarios(const v1::ScenarioList& scenarios);

}  // namespace jettyfleet

#endif  // JETTYFLEET_CLIENT_RENDER_SERIES_VIEW_H_
