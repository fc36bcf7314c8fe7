// The report of a drill: what each node took and what clients felt.
#ifndef JETTYFLEET_CLIENT_RENDER_REPORT_VIEW_H_
#define JETTYFLEET_CLIENT_RENDER_REPORT_VIEW_H_

#include <string>

#include "absl/time/time.h"
#include "proto/operation.pb.h"

namespace jettyfleet {

// Pure. What was not measured is "-". `now` is for one that still runs.
std::string RenderReport(const v1::OperationReport& report, absl::Time now, bool colour);

}  // namespace jettyfleet

#endif  // JETTYFLEET_CLIENT_RENDER_REPORT_VIEW_H_
