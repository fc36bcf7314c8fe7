// Checks of the fields of actions that change the cluster's configuration.
#ifndef JETTYFLEET_AGENT_ACT_CONFIGURATION_FIELDS_H_
#define JETTYFLEET_AGENT_ACT_CONFIGURATION_FIELDS_H_

#include <string>

#include "proto/action.pb.h"

namespace jettyfleet {

// Empty: every field is allowed. Otherwise one line that names the field.
std::string ConfigurationProblem(const v1::CreateResource& act);
std::string ConfigurationProblem(const v1::CloneResource& act);
std::string ConfigurationProblem(const v1::SetOperation& act);
// Meta attributes are a closed list, each with its own syntax; an empty value removes one.
std::string ConfigurationProblem(const v1::SetMeta& act);
std::string ConfigurationProblem(const v1::AvoidNode& act);
// Whatever kept instances off a node may go, but for leases: those have a way of their own.
std::string ConfigurationProblem(const v1::RemoveLocation& act);
std::string ConfigurationProblem(const v1::CleanupResource& act);
std::string ConfigurationProblem(const v1::FailInstance& act);
std::string ConfigurationProblem(const v1::DisableUnit& act);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_CONFIGURATION_FIELDS_H_
