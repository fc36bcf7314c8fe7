// Free space of the file system that a path is on.
#ifndef JETTYFLEET_AGENT_ACT_AUDIT_DISK_SPACE_H_
#define JETTYFLEET_AGENT_ACT_AUDIT_DISK_SPACE_H_

#include <string>

#include "agent/act/audit/audit_paths.h"
#include "proto/leftovers.pb.h"

namespace jettyfleet {

// `what`: its name for people. What cannot be found out says so in `error`. Any thread; asks the kernel.
v1::DiskSpaceFact LookAtDiskSpace(const std::string& what, const std::string& path);

// Where the journal is kept on this host; the last path where none is there.
std::string JournalPath(const AuditPaths& paths);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_AUDIT_DISK_SPACE_H_
