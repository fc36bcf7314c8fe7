// Checks of the fields of acts on archives.
#ifndef JETTYFLEET_AGENT_ACT_ARCHIVE_FIELDS_H_
#define JETTYFLEET_AGENT_ACT_ARCHIVE_FIELDS_H_

#include <string>

#include "proto/action.pb.h"

namespace jettyfleet {

// Empty, or one line that names the field.
std::string ArchiveProblem(const v1::StageArchive& act);
std::string ArchiveProblem(const v1::DropStaged& act);
std::string ArchiveProblem(const v1::SwitchArchive& act);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_ARCHIVE_FIELDS_H_
