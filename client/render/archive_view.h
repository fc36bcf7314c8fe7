// How archives are shown.
#ifndef JETTYFLEET_CLIENT_RENDER_ARCHIVE_VIEW_H_
#define JETTYFLEET_CLIENT_RENDER_ARCHIVE_VIEW_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "proto/archive.pb.h"

namespace jettyfleet {

// Of a digest: enough to tell versions apart; all of it is in the JSON.
inline constexpr std::size_t kDigestShown = 16;

// "512 B", "1.5 KiB", "200.0 MiB".
std::string BytesText(uint64_t bytes);

std::string RenderArchives(const v1::ListArchivesResponse& response, bool colour);
// One line each.
std::string RenderPush(const v1::PushArchiveResponse& response);
std::string RenderRemoval(const v1::RemoveArchiveResponse& response);

}  // namespace jettyfleet

#endif  // JETTYFLEET_CLIENT_RENDER_ARCHIVE_VIEW_H_
