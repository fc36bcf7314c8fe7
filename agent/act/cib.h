// The cluster's configuration for acting: quorum first, then changes by id, each looked at again afterwards.
#ifndef JETTYFLEET_AGENT_ACT_CIB_H_
#define JETTYFLEET_AGENT_ACT_CIB_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "agent/act/cib_document.h"
#include "agent/act/task.h"
#include "agent/act/tools.h"
#include "proto/observation.pb.h"

namespace jettyfleet {

// One for each action; loop thread only. It holds no policy: what may be removed is its caller's to decide.
class Cib {
 public:
  explicit Cib(Tools& tools) : tools_(tools) {}

  // OK only when crm_mon's DC has quorum AND corosync-quorumtool exits 0. Anything else, not being able to find out
  // included, is an error that says why: in a minority cibadmin and pcs succeed, and that CIB can win afterwards.
  Task<absl::Status> CheckQuorum();
  // The same, and whether the cluster is at rest: Unavailable while the DC is not idle, or does not say.
  Task<absl::Status> CheckQuorumAndRest();

  // Unavailable: this host has no cibadmin. FailedPrecondition: the cluster does not run on this host. InvalidArgument:
  // what was printed is no CIB. DeadlineExceeded, Internal: cibadmin hung or failed.
  Task<absl::StatusOr<CibDocument>> Read();
  // Whether `read` (of Read) says that this host is no node of a cluster. A load balancer may have Pacemaker's tools
  // installed, too; a host without HAProxy on which the cluster does not run is a node that is down.
  bool IsNoClusterNode(const absl::Status& read) const;

  // As cibadmin ended. Exit 0 does not mean that something was changed: --delete of what an XPath does not find is 0 as
  // well. 108: the id to be created exists. 105: the XPath to be modified finds nothing. [measured on 2.1.5]
  Task<CommandResult> Create(std::string scope, std::string xml);
  Task<CommandResult> Modify(std::string xpath, std::string xml);
  Task<CommandResult> Delete(std::string xpath);

  Tools& tools() { return tools_; }

 private:
  // The name of the DC that has quorum.
  Task<absl::StatusOr<std::string>> QuorateDc();

  Tools& tools_;
};

inline constexpr int kCibExists = 108;

// Finds exactly this entry and, where it has an end, only while it still has it: whoever armed it anew under the same
// id keeps it. Empty when the entry's id could not stand in an XPath.
std::string XpathOf(const v1::CibEntryFact& entry);

// Ends as they are written into the CIB: UTC, whole seconds, rounded up.
absl::Time RoundUpToSecond(absl::Time time);
std::string CibTime(absl::Time time);

// "jettyfleet-lock of operation O, held by H until T".
std::string Describe(const v1::CibEntryFact& entry);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_CIB_H_
