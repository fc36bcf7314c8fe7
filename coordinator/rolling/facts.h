// Questions that the rolling engine asks of a view. All answers are of what was last reported; whether that is recent
// enough is the caller's question, by HostView::fresh. Pure.
#ifndef JETTYFLEET_COORDINATOR_ROLLING_FACTS_H_
#define JETTYFLEET_COORDINATOR_ROLLING_FACTS_H_

#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "coordinator/fleet/view.h"

namespace jettyfleet {

// Pointers below point into the view and live as long as it does.

// nullptr when the node has no agent that is connected.
const HostView* ConnectedNode(const ClusterView& view, const std::string& node);
const HostView* ConnectedLoadBalancer(const ClusterView& view, const std::string& host);
// The DC that has quorum (QuorateDc); nullptr when there is none.
const HostView* DcView(const ClusterView& view);

// nullptr when the description has no such resource.
const v1::ResourceDescription* FindResource(const ClusterView& view, const std::string& resource);

// The instances that crm_mon shows of the resource: matched by agent, since an existing resource's id is its owner's.
std::vector<const v1::InstanceFact*> InstancesOf(const v1::ClusterFact& fact, const v1::ResourceDescription& resource);
bool IsStarted(const v1::InstanceFact& instance);
// Nodes on which an instance is Started.
std::set<std::string> StartedOn(const v1::ClusterFact& fact, const v1::ResourceDescription& resource);
// An instance is there in any way: Started, Starting, Stopping.
bool HoldsInstance(const v1::ClusterFact& fact, const v1::ResourceDescription& resource, const std::string& node);
// The clone's id; empty when the resource is not cloned or not there.
std::string CloneOf(const v1::ClusterFact& fact, const v1::ResourceDescription& resource);

// YES: active. NO: inactive or failed. Anything between, and what was not seen, is unknown.
v1::Answer UnitActive(const HostView& host, const v1::ResourceDescription& resource);
// YES: every described port is bound by the unit itself.
v1::Answer PortsBound(const HostView& host, const v1::ResourceDescription& resource);
v1::Answer HttpHealthy(const HostView& host, const v1::ResourceDescription& resource);

// Nodes other than `except` that hold a Started instance by `fact` and answered HTTP, read at `since` or later.
int CountServing(const ClusterView& view, const v1::ClusterFact& fact, const v1::ResourceDescription& resource,
                 const std::string& except, absl::Time since);

// One described HAProxy server of one node.
struct ServerRef {
  std::string host;
  std::string backend;
  std::string server;
  const HostView* lb = nullptr;            // nullptr: that load balancer's agent is not connected
  const v1::LbServerFact* fact = nullptr;  // nullptr: not reported
};
// The resource's servers of `node`, in the description's order.
std::vector<ServerRef> ServersFor(const ClusterView& view, const std::string& resource, const std::string& node);

// "UP", and its check says L7OK.
bool IsUpAndChecked(const v1::LbServerFact& fact);

// nullptr when the CIB as `host` read it holds no entry of ours with that id.
const v1::CibEntryFact* FindCibEntry(const HostView& host, const std::string& id);
// Whether the host's own agent has that lease on record.
bool HoldsLease(const HostView& host, const std::string& id);
// One that holds a fault in force on a node.
bool IsFaultLease(const v1::LeaseFact& lease);
// Failed actions of the resource's own primitive on `node`, as crm_mon shows them.
std::vector<const v1::FailureFact*> FailuresOf(const v1::ClusterFact& fact, const v1::ResourceDescription& resource,
                                               const std::string& node);
// Of those on `node`, the failed actions that a drill of that scenario brings about: of the resource's own primitive,
// of any where the node or a daemon of the cluster is hit, of none otherwise.
std::vector<const v1::FailureFact*> OurFailures(const v1::DrillSpec& spec, const v1::ClusterFact& fact,
                                                const v1::ResourceDescription& resource, const std::string& node);
// nullptr: the unit is not reported.
const v1::UnitFact* UnitOf(const HostView& host, const v1::ResourceDescription& resource);
// The operation lock in that CIB; nullptr when there is none.
const v1::CibEntryFact* FindLock(const HostView& host);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_ROLLING_FACTS_H_
