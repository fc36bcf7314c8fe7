#include <algorithm>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/proto_time.h"
#include "coordinator/check/verdict.h"

namespace jettyfleet {
namespace {

// Ends of leases are written by the clock of whoever acts, and read by others.
constexpr absl::Duration kMostSkew = absl::Seconds(2);
constexpr absl::Duration kWidestBounds = absl::Seconds(4);

Verdict Quorum(const CheckInput& input) {
  const v1::ClusterFact* const cluster = DcCluster(input);
  if (cluster == nullptr) {
    bool any = false;
    for (const auto& [node, host] : input.view.nodes) any |= host.connected && host.fresh.cluster >= input.since;
    return any ? Failed(DcClaims(input.view)) : Unknown(DcClaims(input.view));
  }
  return Passed(absl::StrCat("crm_mon and corosync-quorumtool both say so, DC ", cluster->dc()));
}

Verdict OneDc(const CheckInput& input) {
  const v1::ClusterFact* const dc = DcCluster(input);
  if (dc == nullptr) return Unknown("there is no DC with quorum to agree on");
  return OnEach(
      Nodes(input),
      [&](const std::string& node) {
        const HostView* const host = FreshHost(input, node, &Freshness::cluster);
        if (host == nullptr) return NotSeen("its agent did not say");
        const v1::ClusterFact& fact = host->report.cluster();
        const std::string names = absl::StrCat("names ", fact.dc().empty() ? "none" : fact.dc(),
                                               fact.dc_with_quorum() == v1::ANSWER_YES ? " with quorum" : " without quorum");
        return fact.dc() == dc->dc() && fact.dc_with_quorum() == v1::ANSWER_YES ? Good(names) : Bad(names);
      },
      absl::StrCat("every node names ", dc->dc()), "another DC is named, or none,");
}

std::string Trouble(const v1::ClusterNodeFact& node) {
  std::vector<std::string> troubles;
  if (!node.online()) troubles.push_back("offline");
  if (node.unclean()) troubles.push_back("unclean");
  if (node.pending()) troubles.push_back("pending");
  if (node.standby() || node.standby_onfail()) troubles.push_back("in standby");
  if (node.maintenance()) troubles.push_back("in maintenance");
  if (node.shutdown()) troubles.push_back("shutting down");
  return absl::StrJoin(troubles, ", ");
}

Verdict NodesOnline(const CheckInput& input) {
  const v1::ClusterFact* const cluster = DcCluster(input);
  if (cluster == nullptr) return Unknown("the DC did not say");
  std::vector<std::string> nodes;
  for (const v1::ClusterNodeFact& node : cluster->nodes()) nodes.push_back(node.name());
  return OnEach(
      nodes,
      [&](const std::string& name) {
        for (const v1::ClusterNodeFact& node : cluster->nodes()) {
          if (node.name() == name) return Trouble(node).empty() ? Good("online") : Bad(Trouble(node));
        }
        return NotSeen("the DC does not know it");
      },
      absl::StrCat("all ", nodes.size(), " are online"), "something keeps it from serving");
}

Verdict Agents(const CheckInput& input) {
  return OnEach(
      Nodes(input),
      [&](const std::string& node) {
        const auto host = input.view.nodes.find(node);
        const bool connected = host != input.view.nodes.end() && host->second.connected;
        return connected ? Good(absl::StrCat("agent ", host->second.version)) : Bad("no agent is connected");
      },
      "every node's agent is connected", "no agent");
}

Verdict QuorumMargin(const CheckInput& input) {
  const v1::ClusterFact* const cluster = DcCluster(input);
  if (cluster == nullptr || cluster->quorum().quorate() != v1::ANSWER_YES) return Unknown("there is no quorum to lose");
  const v1::QuorumFact& quorum = cluster->quorum();
  const auto has = [&](const char* flag) {
    return std::count(quorum.flags().begin(), quorum.flags().end(), flag) > 0;
  };
  const std::string votes = absl::StrCat(quorum.total_votes(), " of ", quorum.expected_votes(), " votes, quorum at ",
                                         quorum.quorum());
  if (has("2Node")) return Passed(absl::StrCat(votes, "; two_node: one of two may go"));
  const int64_t margin = static_cast<int64_t>(quorum.total_votes()) - static_cast<int64_t>(quorum.quorum());
  if (margin < 1) return Failed(absl::StrCat(votes, ": the next loss ends it"));
  return Passed(absl::StrCat(votes, ": ", margin, margin == 1 ? " node may go" : " nodes may go"));
}

Verdict Fencing(const CheckInput& input) {
  const v1::ClusterFact* const cluster = DcCluster(input);
  const v1::CibFact* const cib = DcCib(input);
  if (cluster == nullptr || cib == nullptr) return Unknown("the DC did not say");
  if (!cluster->stonith_enabled()) return Failed("stonith-enabled is false");
  if (cib->fence_devices().empty()) return Failed("no fence device is configured");
  for (const v1::InstanceFact& instance : cluster->instances()) {
    if (absl::StartsWith(instance.agent(), "stonith:") && instance.role() == "Started" && !instance.failed()) {
      return Passed(absl::StrCat(absl::StrJoin(cib->fence_devices(), ", "), ", started"));
    }
  }
  return Failed(absl::StrCat(absl::StrJoin(cib->fence_devices(), ", "), " is configured and none is started"));
}

Verdict Clocks(const CheckInput& input) {
  return OnEach(
      Nodes(input),
      [&](const std::string& node) {
        const auto look = input.hosts.find(node);
        if (look == input.hosts.end() || !look->second.clock_least.has_value() || !look->second.clock_most.has_value()) {
          return NotSeen(WhyNotInspected(input, node));
        }
        const absl::Duration least = *look->second.clock_least;
        const absl::Duration most = *look->second.clock_most;
        const std::string text = absl::StrCat(absl::FormatDuration(absl::Trunc(least, absl::Milliseconds(1))), " to ",
                                              absl::FormatDuration(absl::Trunc(most, absl::Milliseconds(1))),
                                              " from the coordinator's");
        if (least > kMostSkew || most < -kMostSkew) return Bad(text);
        if (most - least > kWidestBounds) return NotSeen(absl::StrCat(text, ": it took too long to answer"));
        return Good(text);
      },
      absl::StrCat("within ", absl::FormatDuration(kMostSkew)), "the clock is off");
}

Verdict TimeService(const CheckInput& input) {
  return OnEach(
      Nodes(input),
      [&](const std::string& node) {
        const v1::Inspection* const inspection = InspectionOf(input, node);
        if (inspection == nullptr || inspection->host().clock_synchronized() == v1::ANSWER_UNSPECIFIED) {
          return NotSeen(WhyNotInspected(input, node));
        }
        return inspection->host().clock_synchronized() == v1::ANSWER_YES ? Good("kept") : Bad("the kernel's clock runs free");
      },
      "every node's clock is kept by a time service", "nothing keeps the clock");
}

Verdict Ring(const CheckInput& input) {
  return OnEach(
      Nodes(input),
      [&](const std::string& node) {
        const v1::Inspection* const inspection = InspectionOf(input, node);
        if (inspection == nullptr) return NotSeen(WhyNotInspected(input, node));
        if (!inspection->ring().error().empty()) return NotSeen(inspection->ring().error());
        if (inspection->ring().links().empty()) return NotSeen("corosync-cfgtool names no link");
        std::vector<std::string> dead;
        for (const v1::RingLinkFact& link : inspection->ring().links()) {
          if (!link.disconnected().empty()) {
            dead.push_back(absl::StrCat("link ", link.link(), " (", link.address(), ") does not reach node id ",
                                        absl::StrJoin(link.disconnected(), ", ")));
          }
        }
        return dead.empty() ? Good(absl::StrCat(inspection->ring().links_size(), " links, all connected"))
                            : Bad(absl::StrJoin(dead, "; "));
      },
      "every Corosync link reaches every node", "a Corosync link is down");
}

Verdict Failures(const CheckInput& input) {
  const v1::ClusterFact* const cluster = DcCluster(input);
  if (cluster == nullptr) return Unknown("the DC did not say");
  Verdict verdict = Passed("no failed action and no fail count");
  std::set<std::string> hosts;
  for (const v1::FailureFact& failure : cluster->failures()) {
    hosts.insert(failure.node());
    verdict.evidence.emplace_back(failure.node(), absl::StrCat(failure.resource(), " ", failure.operation(), ": ",
                                                               failure.status(), " ", failure.exit_reason()));
  }
  const v1::Inspection* const dc = InspectionOf(input, cluster->dc());
  if (dc != nullptr) {
    for (const v1::FailCountFact& count : dc->fail_counts()) {
      hosts.insert(count.node());
      verdict.evidence.emplace_back(count.node(), absl::StrCat(count.resource(), ": fail count ", count.count()));
    }
  }
  if (!hosts.empty()) {
    verdict.passed = v1::ANSWER_NO;
    verdict.summary = absl::StrCat("something has failed on ", absl::StrJoin(hosts, ", "));
    verdict.hosts.assign(hosts.begin(), hosts.end());
  } else if (dc == nullptr) {
    return Unknown(absl::StrCat("fail counts: ", WhyNotInspected(input, cluster->dc())));
  }
  return verdict;
}

Verdict Leftovers(const CheckInput& input) {
  const v1::CibFact* const cib = DcCib(input);
  if (cib == nullptr) return Unknown("the DC did not say");
  Verdict verdict = Passed("none");
  for (const v1::LocationFact& location : cib->locations()) {
    if (!absl::StartsWith(location.id(), "cli-")) continue;
    verdict.evidence.emplace_back(location.node(), absl::StrCat(location.id(), " for ", location.resource()));
  }
  for (const v1::CibEntryFact& entry : cib->ours()) {
    if (entry.has_ends_at() && FromProto(entry.ends_at()) >= input.now) continue;
    verdict.evidence.emplace_back(entry.node(), absl::StrCat(entry.id(), ", over since ", 
                                  absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", FromProto(entry.ends_at()), absl::UTCTimeZone())));
  }
  if (verdict.evidence.empty()) return verdict;
  verdict.passed = v1::ANSWER_NO;
  verdict.summary = absl::StrCat(verdict.evidence.size(), " left over in the CIB");
  return verdict;
}

Verdict Maintenance(const CheckInput& input) {
  const v1::ClusterFact* const cluster = DcCluster(input);
  if (cluster == nullptr) return Unknown("the DC did not say");
  return cluster->maintenance_mode() ? Failed("maintenance-mode is true: Pacemaker manages nothing")
                                     : Passed("Pacemaker manages the cluster");
}

Verdict DaemonsAtBoot(const CheckInput& input) {
  return OnEach(
      Nodes(input),
      [&](const std::string& node) {
        const v1::Inspection* const inspection = InspectionOf(input, node);
        if (inspection == nullptr || inspection->host().enabled().empty()) return NotSeen(WhyNotInspected(input, node));
        std::vector<std::string> off;
        for (const v1::EnabledFact& unit : inspection->host().enabled()) {
          if (unit.unit_file_state() != "enabled") off.push_back(absl::StrCat(unit.unit(), " is ", unit.unit_file_state()));
        }
        return off.empty() ? Good("enabled") : Bad(absl::StrJoin(off, ", "));
      },
      "the cluster's daemons start at boot", "a fenced node would not come back by itself:");
}

}  // namespace

std::vector<Check> ClusterChecks() {
  return {
      {"cluster.quorum", v1::SEVERITY_FATAL, "The cluster has quorum",
       "crm_mon's DC and corosync-quorumtool on the DC",
       "Without quorum Pacemaker starts nothing, and what a minority writes into its CIB may win afterwards.",
       "pcs quorum status on each node; bring back the nodes that are missing", Quorum, nullptr},
      {"cluster.one-dc", v1::SEVERITY_FATAL, "Every node names the same DC", "the DC that each node's crm_mon names",
       "In a partition both sides name a DC.", "corosync-cfgtool -s on each node; mend the network between them", OneDc,
       nullptr},
      {"cluster.agents", v1::SEVERITY_FATAL, "Every node's agent is connected", "the coordinator's streams",
       "Nothing is known of a node whose agent is gone.", "systemctl status jettyfleet-agent on that node", Agents, nullptr},
      {"cluster.nodes", v1::SEVERITY_FATAL, "Every node is online", "crm_mon on the DC",
       "A node that is offline, in standby or in maintenance serves nothing, and the others carry its load.",
       "pcs node unstandby NODE; pcs node unmaintenance NODE; pcs cluster start NODE", NodesOnline, nullptr},
      {"cluster.maintenance", v1::SEVERITY_FATAL, "Pacemaker manages the cluster", "the property maintenance-mode",
       "In maintenance mode nothing that fails is recovered.", "pcs property set maintenance-mode=false", Maintenance, nullptr},
      {"cluster.quorum-margin", v1::SEVERITY_WARNING, "Quorum survives the loss of a node",
       "votes and flags of corosync-quorumtool",
       "Without a margin the next node that goes takes every instance with it.",
       "bring back the nodes that are missing; pcs quorum status", QuorumMargin, nullptr},
      {"cluster.fencing", v1::SEVERITY_FATAL, "Fencing is configured and its device started",
       "the property stonith-enabled, stonith resources in the CIB, their state in crm_mon",
       "Without fencing a node that hangs goes on writing, and Pacemaker waits for it for ever.",
       "pcs stonith create …; pcs property set stonith-enabled=true", Fencing, nullptr},
      {"cluster.clocks", v1::SEVERITY_FATAL, "Clocks agree", "each agent's clock against the coordinator's",
       "Leases end by the clock of the host that holds them; a clock that is off ends them at the wrong time.",
       "chronyc makestep on that node", Clocks, nullptr},
      {"cluster.time-service", v1::SEVERITY_WARNING, "A time service keeps each clock", "the kernel's STA_UNSYNC (adjtimex)",
       "Clocks that run free drift apart.", "systemctl enable --now chrony", TimeService, nullptr},
      {"cluster.ring", v1::SEVERITY_FATAL, "Corosync's links are whole", "corosync-cfgtool -s on each node",
       "With one link less the next failure of a network is a partition.", "corosync-cfgtool -s; ip link", Ring, nullptr},
      {"cluster.failures", v1::SEVERITY_WARNING, "Nothing has failed", "failed actions and fail counts",
       "Fail counts add up to migration-threshold, and an old one makes a node's next failure its last.",
       "find out why, then pcs resource cleanup", Failures, nullptr},
      {"cluster.leftovers", v1::SEVERITY_WARNING, "Nothing is left over in the CIB",
       "constraints that pcs resource move or ban made (cli-…), and leases of ours that are over",
       "A ban outlives the reason for it, and nobody sees it until the node is needed.",
       "pcs constraint delete ID; jettyfleet restore", Leftovers, nullptr},
      {"cluster.daemons-at-boot", v1::SEVERITY_WARNING, "The cluster starts at boot",
       "unit file states of pacemaker, corosync and pcsd",
       "A node that was fenced stays away until somebody notices.", "pcs cluster enable --all", DaemonsAtBoot, nullptr},
  };
}

}  // namespace jettyfleet
