// What a resource's description says of the application itself (paths, sessions, identity, somebody's word), to and
// from YAML.
#ifndef JETTYFLEET_COMMON_DESCRIPTION_APPLICATION_YAML_H_
#define JETTYFLEET_COMMON_DESCRIPTION_APPLICATION_YAML_H_

#include <yaml-cpp/emitter.h>

#include "common/description/yaml_reader.h"
#include "proto/description.pb.h"

namespace jettyfleet {

// `resource` is the map of one resource, whose keys the caller has named. Errors go to the file. Types and keys only:
// what the values may be is FindProblem's.
void ReadApplication(YamlFile& file, const YamlMap& map, v1::ResourceDescription* resource);

// What is unset in the message is left out.
void EmitApplication(YAML::Emitter& out, const v1::ResourceDescription& resource);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COMMON_DESCRIPTION_APPLICATION_YAML_H_
