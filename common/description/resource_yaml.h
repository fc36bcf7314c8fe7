// One entry of `resources` in a cluster's description, to and from YAML.
#ifndef JETTYFLEET_COMMON_DESCRIPTION_RESOURCE_YAML_H_
#define JETTYFLEET_COMMON_DESCRIPTION_RESOURCE_YAML_H_

#include <yaml-cpp/emitter.h>

#include <string>

#include "common/description/yaml_reader.h"
#include "common/description/yaml_tree.h"
#include "proto/description.pb.h"

namespace jettyfleet {

// `path` is "resources[N]". Errors go to the file. Types and keys only: what the values may be is FindProblem's.
void ReadResource(YamlFile& file, const YamlNode& node, const std::string& path, v1::ResourceDescription* resource);

// What is unset in the message is left out.
void EmitResource(YAML::Emitter& out, const v1::ResourceDescription& resource);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COMMON_DESCRIPTION_RESOURCE_YAML_H_
