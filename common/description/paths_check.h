// Directories that an application writes to: whether what is said about them can be true.
#ifndef JETTYFLEET_COMMON_DESCRIPTION_PATHS_CHECK_H_
#define JETTYFLEET_COMMON_DESCRIPTION_PATHS_CHECK_H_

#include <string>

#include "common/description/field_checks.h"
#include "proto/description.pb.h"

namespace jettyfleet {

// Pure: no directory is looked at. Paths are compared after normalising: "/a//b/./" is "/a/b". A directory below a
// shared one is shared too, so it cannot be local; a shared one below a local one is an ordinary mount.

// A list of files or directories, each absolute and given once.
MaybeProblem CheckPathList(const std::string& path, const google::protobuf::RepeatedPtrField<std::string>& paths);

// `path` is that of the message, "resources[0].paths".
MaybeProblem CheckPaths(const std::string& path, const v1::PathsDescription& paths);

// Between resources: what one calls shared, no other can have for each node alone. Each has passed CheckPaths.
MaybeProblem CheckPathsAcross(const v1::ClusterDescription& description);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COMMON_DESCRIPTION_PATHS_CHECK_H_
