// A cluster's description as operators write it. The format is docs/cluster-yaml.md: apiVersion jettyfleet/v1.
#ifndef JETTYFLEET_COMMON_DESCRIPTION_DESCRIPTION_YAML_H_
#define JETTYFLEET_COMMON_DESCRIPTION_DESCRIPTION_YAML_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "proto/description.pb.h"

namespace jettyfleet {

// Strict: an unknown, missing or doubled key, a wrong type or a value out of range is InvalidArgument, one line of the
// form `FILE:LINE:COLUMN: key "x": what is wrong; what to do`. Defaults are filled in, so that the message says all.
// The result has passed ValidateDescription. `file` is only for messages.
absl::StatusOr<v1::ClusterDescription> ParseDescription(absl::string_view yaml, absl::string_view file);

// An error about what stands at `path` ("nodes[1]") of a description that ParseDescription has read: where in `file` it
// is, its key, and `what`.
absl::Status ErrorInDescription(absl::string_view yaml, absl::string_view file, const std::string& path,
                                absl::string_view what);

// YAML that ParseDescription reads back as an equal message, with every default written out.
std::string EmitDescription(const v1::ClusterDescription& description);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COMMON_DESCRIPTION_DESCRIPTION_YAML_H_
