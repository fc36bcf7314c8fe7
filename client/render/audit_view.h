// What the audits of a drill found.
#ifndef JETTYFLEET_CLIENT_RENDER_AUDIT_VIEW_H_
#define JETTYFLEET_CLIENT_RENDER_AUDIT_VIEW_H_

#include <string>

#include "proto/operation.pb.h"

namespace jettyfleet {

// For each audit how many of its parts have passed, and below it only what has not, what is worth a remark, and what
// Pacemaker did otherwise than predicted. Empty: nothing was audited.
std::string RenderAudits(const v1::OperationReport& report, bool colour);

}  // namespace jettyfleet

#endif  // JETTYFLEET_CLIENT_RENDER_AUDIT_VIEW_H_
