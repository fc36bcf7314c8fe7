// Debian's list of installed packages.
#ifndef JETTYFLEET_AGENT_INSPECT_HOST_DPKG_STATUS_H_
#define JETTYFLEET_AGENT_INSPECT_HOST_DPKG_STATUS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "proto/inspection.pb.h"

namespace jettyfleet {

// Of what the cluster and Jetty are made of: pacemaker, corosync, pcs, haproxy, jettyN, resource-agents, systemd, and
// openjdk-N-jre-headless.
bool IsPackageOfInterest(absl::string_view name);

// Those of them that are installed, in the file's order. Read in pieces, whatever its size (it is a megabyte or more).
// NotFound: no such file, so this is no Debian. FailedPrecondition: it cannot be read. ResourceExhausted: larger than
// 256 MiB. Source of the form: dpkg's status file, deb-control(5).
absl::StatusOr<std::vector<v1::PackageFact>> ReadDpkgStatus(const std::string& path);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_INSPECT_HOST_DPKG_STATUS_H_
