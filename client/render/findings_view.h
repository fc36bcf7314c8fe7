// The shorter answers: discover, apply, verify, restore. Pure.
#ifndef JETTYFLEET_CLIENT_RENDER_FINDINGS_VIEW_H_
#define JETTYFLEET_CLIENT_RENDER_FINDINGS_VIEW_H_

#include <string>

#include "proto/fleet.pb.h"

namespace jettyfleet {

std::string RenderDiscovery(const v1::DiscoverResponse& response, bool colour);
// One line, with its line break.
std::string RenderApplyProgress(const v1::ApplyProgress& progress, bool colour);
std::string RenderVerification(const v1::VerifyResponse& response, bool colour);
std::string RenderRestoration(const v1::RestoreResponse& response, bool colour);

}  // namespace jettyfleet

#endif  // JETTYFLEET_CLIENT_RENDER_FINDINGS_VIEW_H_
