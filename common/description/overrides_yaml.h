// The checks that a description lowers or silences, to and from YAML.
#ifndef JETTYFLEET_COMMON_DESCRIPTION_OVERRIDES_YAML_H_
#define JETTYFLEET_COMMON_DESCRIPTION_OVERRIDES_YAML_H_

#include <yaml-cpp/emitter.h>

#include <string>

#include "common/description/yaml_reader.h"
#include "common/description/yaml_tree.h"
#include "proto/description.pb.h"

namespace jettyfleet {

// `path` is "checks[N]". Errors go to the file. Types and keys only: what the values may be is FindProblem's.
void ReadOverride(YamlFile& file, const YamlNode& node, const std::string& path, v1::CheckOverride* override_);

void EmitOverrides(YAML::Emitter& out, const google::protobuf::RepeatedPtrField<v1::CheckOverride>& overrides);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COMMON_DESCRIPTION_OVERRIDES_YAML_H_
