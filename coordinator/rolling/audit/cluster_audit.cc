#include "coordinator/rolling/audit/cluster_audit.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "coordinator/rolling/facts.h"

namespace jettyfleet {
namespace {

const v1::ClusterNodeFact* Find(const google::protobuf::RepeatedPtrField<v1::ClusterNodeFact>& nodes,
                                const std::string& name) {
  const auto found = std::find_if(nodes.begin(), nodes.end(),
                                  [&name](const v1::ClusterNodeFact& node) { return node.name() == name; });
  return found == nodes.end() ? nullptr : &*found;
}

// Only what differs from before.
void JudgeState(const v1::ClusterNodeFact& before, const v1::ClusterNodeFact& now, bool by_operator,
                Findings* findings) {
  const std::string& name = now.name();
  const std::string look = absl::StrCat("see 'crm_mon -1' and Pacemaker's log on ", name);
  if (now.unclean() && !before.unclean()) findings->Fail(name, "it is unclean", look);
  if (now.pending() && !before.pending()) {
    findings->Unknown(name, "it is still joining");
  } else if (now.online() != before.online()) {
    findings->Fail(name, now.online() ? "it is online, and was not before" : "it is offline", look);
  }
  if (now.standby() != before.standby()) {
    if (by_operator) {
      findings->Remark(name, "an operator has put it into standby meanwhile; it is left alone");
    } else if (now.standby()) {
      findings->Fail(name, "it is in standby by our hand", "'jettyfleet restore' gives it back");
    } else {
      findings->Remark(name, "somebody has ended its standby meanwhile");
    }
  }
  if (now.standby_onfail() && !before.standby_onfail()) {
    findings->Fail(name, "Pacemaker has put it into standby after a failure", look);
  }
  if (now.maintenance() != before.maintenance()) {
    findings->Fail(name, now.maintenance() ? "it is in maintenance" : "it is not in maintenance any more",
                   "find out who changed that");
  }
  if (now.shutdown() && !before.shutdown()) findings->Fail(name, "it is shutting down", look);
}

void JudgeStates(AuditCase* audit) {
  audit->findings.Begin("node-states");
  const HostView* const dc = SeenDc(audit);
  if (dc == nullptr) return;
  // Who holds a node out stands in the CIB.
  if (SeenCib(audit) == nullptr) return;
  const v1::ClusterFact& fact = dc->report.cluster();
  const std::set<std::string> by_operator = HeldByOperator(*audit);
  for (const v1::ClusterNodeFact& before : audit->baseline.nodes()) {
    const v1::ClusterNodeFact* const now = Find(fact.nodes(), before.name());
    if (now == nullptr) {
      audit->findings.Fail(before.name(), "the cluster does not know it any more",
                           "'pcs status nodes' says who is in it");
    } else {
      JudgeState(before, *now, by_operator.count(before.name()) > 0, &audit->findings);
    }
  }
  for (const v1::ClusterNodeFact& now : fact.nodes()) {
    if (Find(audit->baseline.nodes(), now.name()) == nullptr) {
      audit->findings.Remark(now.name(), "it has joined the cluster meanwhile");
    }
  }
  if (fact.maintenance_mode() != audit->baseline.maintenance_mode()) {
    audit->findings.Fail("",
                         fact.maintenance_mode() ? "the cluster is in maintenance mode"
                                                 : "the cluster is not in maintenance mode any more",
                         "find out who changed that");
  }
}

// nullptr after saying that it is not known how the node sees the cluster.
const v1::ClusterFact* SeenBy(const std::string& node, AuditCase* audit) {
  const HostView* const host = ConnectedNode(audit->now.view, node);
  if (host == nullptr) {
    audit->findings.Unknown(node, "its agent is not connected");
    return nullptr;
  }
  if (host->fresh.cluster < audit->now.since) {
    audit->findings.Unknown(node, "it has not told yet how it sees the cluster");
    return nullptr;
  }
  return &host->report.cluster();
}

void JudgePartition(AuditCase* audit) {
  audit->findings.Begin("one-partition");
  const std::string remedy = "see 'corosync-quorumtool -s' and 'corosync-cfgtool -n' there";
  for (const v1::ClusterNodeFact& before : audit->baseline.nodes()) {
    const v1::ClusterFact* const fact = SeenBy(before.name(), audit);
    if (fact == nullptr) continue;
    if (fact->connected() == v1::ANSWER_NO) {
      audit->findings.Fail(before.name(), "it is not connected to the cluster", remedy);
    } else if (fact->quorum().quorate() == v1::ANSWER_NO) {
      audit->findings.Fail(before.name(), "it has no quorum", remedy);
    } else if (fact->connected() != v1::ANSWER_YES || fact->quorum().quorate() != v1::ANSWER_YES) {
      audit->findings.Unknown(
          before.name(), absl::StrCat("it cannot tell whether it has quorum: ", fact->error(), fact->quorum().error()));
    } else {
      for (const v1::ClusterNodeFact& other : audit->baseline.nodes()) {
        const v1::ClusterNodeFact* const seen = Find(fact->nodes(), other.name());
        if (!other.online() || (seen != nullptr && (seen->online() || seen->pending()))) continue;
        audit->findings.Fail(before.name(), absl::StrCat("it does not see node ", other.name(), " online"), remedy);
      }
    }
  }
}

void JudgeDc(AuditCase* audit) {
  audit->findings.Begin("one-dc");
  std::set<std::string> named;
  for (const v1::ClusterNodeFact& before : audit->baseline.nodes()) {
    const v1::ClusterFact* const fact = SeenBy(before.name(), audit);
    if (fact == nullptr) continue;
    if (fact->dc().empty() || fact->dc_present() != v1::ANSWER_YES) {
      audit->findings.Unknown(before.name(), "it names no DC yet");
      continue;
    }
    named.insert(fact->dc());
    if (fact->dc_with_quorum() == v1::ANSWER_NO) {
      audit->findings.Fail(before.name(), absl::StrCat("its DC ", fact->dc(), " has no quorum"),
                           "see 'crm_mon -1' there");
    } else if (fact->dc_with_quorum() != v1::ANSWER_YES) {
      audit->findings.Unknown(before.name(), absl::StrCat("it cannot tell whether DC ", fact->dc(), " has quorum"));
    }
    const int claims = std::count_if(fact->nodes().begin(), fact->nodes().end(),
                                     [](const v1::ClusterNodeFact& node) { return node.is_dc(); });
    if (claims > 1)
      audit->findings.Fail(before.name(), absl::StrCat("it sees ", claims, " DCs"), "see 'crm_mon -1' there");
  }
  if (named.size() < 2) return;
  std::string names;
  for (const std::string& name : named) absl::StrAppend(&names, names.empty() ? "" : ", ", name);
  audit->findings.Fail("", absl::StrCat("the nodes name different DCs: ", names), "look for a partition");
}

}  // namespace

void AuditCluster(AuditCase* audit) {
  JudgeStates(audit);
  JudgePartition(audit);
  JudgeDc(audit);
}

}  // namespace jettyfleet
