// Core dumps on this host's disk.
#ifndef JETTYFLEET_AGENT_ACT_AUDIT_CORE_DUMPS_H_
#define JETTYFLEET_AGENT_ACT_AUDIT_CORE_DUMPS_H_

#include <string>

#include "absl/time/time.h"
#include "proto/leftovers.pb.h"

namespace jettyfleet {

// Counts the files in `directory` and in the directories right below it that were written after `since`. A directory
// that is not there holds none. More than a few thousand files, or what cannot be read, is unknown: `error` says so.
// Any thread; reads the disk.
v1::CoreDumpsFact CountCoreDumps(const std::string& directory, absl::Time since);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_AUDIT_CORE_DUMPS_H_
