// What `check` found, and what checks are about. Pure.
#ifndef JETTYFLEET_CLIENT_RENDER_CHECK_VIEW_H_
#define JETTYFLEET_CLIENT_RENDER_CHECK_VIEW_H_

#include <string>

#include "proto/check.pb.h"

namespace jettyfleet {

// What did not pass comes first, by severity, with its evidence host beside host and what to do; then what is silenced.
// What passed is counted, and with `all` listed too.
std::string RenderCheck(const v1::CheckReport& report, bool all, bool colour);

// What is otherwise than in the report before, with the time; empty: nothing. Evidence alone is no news: free space and
// the like are never twice the same.
std::string RenderCheckChanges(const v1::CheckReport& before, const v1::CheckReport& now, bool colour);

// One line each.
std::string RenderCheckList(const v1::ListChecksResponse& checks, bool colour);

// All that is to be said of one.
std::string RenderCheckText(const v1::CheckText& check);

}  // namespace jettyfleet

#endif  // JETTYFLEET_CLIENT_RENDER_CHECK_VIEW_H_
