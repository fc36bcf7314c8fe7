// What a check asks of agents: messages made from a description and from what came back so far. Pure.
#ifndef JETTYFLEET_COORDINATOR_SERVER_CHECK_ACTIONS_H_
#define JETTYFLEET_COORDINATOR_SERVER_CHECK_ACTIONS_H_

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "proto/action.pb.h"
#include "proto/description.pb.h"
#include "proto/inspection.pb.h"

namespace jettyfleet {

// Inspections by node.
using Inspections = std::map<std::string, v1::Inspection>;

// The name of the marker that `node`, the `index`th of its cluster, leaves. `random` is at most 14 characters of a to z
// and 0 to 9, and never the same for two checks.
std::string MarkerName(absl::string_view random, std::size_t index, absl::string_view node);

// Every resource, with what the description adds to what agents find by themselves. Neither marker nor texts.
v1::Inspect InspectOrder(const v1::ClusterDescription& description, bool rehash);

// What `node` is to look for: the markers of all other nodes that left one, in every path in which any node did.
// Without any marker there is nothing to look for. `markers` are by node.
v1::LookForMarkers LookOrder(const v1::ClusterDescription& description, const Inspections& inspections,
                             const std::map<std::string, std::string>& markers, const std::string& node);

// Files of configuration that are not the same everywhere, by absolute path, each once: at most 32.
std::vector<std::string> DifferingConfiguration(const Inspections& inspections);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_SERVER_CHECK_ACTIONS_H_
