// How checks go from what each host shows to one verdict.
#ifndef JETTYFLEET_COORDINATOR_CHECK_VERDICT_H_
#define JETTYFLEET_COORDINATOR_CHECK_VERDICT_H_

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "coordinator/check/check.h"

namespace jettyfleet {

Verdict Passed(std::string summary);
Verdict Failed(std::string summary);
Verdict Unknown(std::string summary);

// What one host shows: nullopt where it is not known, and `unknown` says why; otherwise the text is what was seen and
// `good` whether it is right.
struct Seen {
  bool known = false;
  bool good = false;
  std::string text;  // of what was seen, or why it is not known
};
Seen Good(std::string text);
Seen Bad(std::string text);
Seen NotSeen(std::string why);

// Good everywhere: passed. Bad somewhere: failed, with the hosts where it is and what was seen there. Otherwise unknown.
Verdict OnEach(const std::vector<std::string>& hosts, const std::function<Seen(const std::string& host)>& look,
               const std::string& when_good, const std::string& when_bad);

// Whether all show the same; evidence is every host's value, side by side. nullopt: not known there.
Verdict SameOnAll(const std::vector<std::string>& hosts,
                  const std::function<std::optional<std::string>(const std::string& host)>& value,
                  const std::string& what);

// ---- what is known ---------------------------------------------------------------------------------------------------
// All nodes of the cluster, as far as agents or the DC name them.
std::vector<std::string> Nodes(const CheckInput& input);
// Those on which the resource may run.
std::vector<std::string> NodesOf(const CheckInput& input);
// The DC's view since the check began; null: unknown.
const v1::ClusterFact* DcCluster(const CheckInput& input);
const v1::CibFact* DcCib(const CheckInput& input);
// The host's report since the check began, as far as `fresh` says; null: its agent is not connected or did not answer.
const HostView* FreshHost(const CheckInput& input, const std::string& host, absl::Time Freshness::*fresh);
// Null: it was not inspected; WhyNotInspected says why.
const v1::Inspection* InspectionOf(const CheckInput& input, const std::string& node);
const v1::ResourceInspection* InspectionOf(const CheckInput& input, const std::string& node,
                                           const v1::ResourceDescription& resource);
std::string WhyNotInspected(const CheckInput& input, const std::string& node);
// A setting of the unit; nullopt: not known.
std::optional<std::string> SettingOf(const v1::UnitSettingsFact& unit, const std::string& name);
// Of the resource, as the DC sees them; empty where that is not known.
std::vector<v1::InstanceFact> InstancesOf(const CheckInput& input, const v1::ResourceDescription& resource);
// Where one is started, of the nodes on which the resource may run.
std::vector<std::string> RunningNodes(const CheckInput& input, const v1::ResourceDescription& resource);

// What the description names itself, or what lies below it.
bool IsListed(const google::protobuf::RepeatedPtrField<std::string>& listed, const std::string& path);

// Enough of a digest to see that two differ.
std::string Hex(const std::string& bytes, std::size_t most = 6);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_CHECK_VERDICT_H_
