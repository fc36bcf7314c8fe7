#include "coordinator/rolling/audit/cib_audit.h"

#include <algorithm>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "coordinator/rolling/facts.h"

namespace jettyfleet {
namespace {

// nullptr after saying that it is not known.
const v1::CibFact* CibOf(const std::string& node, AuditCase* audit) {
  const HostView* const host = ConnectedNode(audit->now.view, node);
  if (host == nullptr) {
    audit->findings.Unknown(node, "its agent is not connected");
  } else if (host->fresh.cib < audit->now.since) {
    audit->findings.Unknown(node, "its CIB has not been read yet");
  } else if (!host->report.cib().error().empty()) {
    audit->findings.Unknown(node, host->report.cib().error());
  } else if (host->report.cib().configuration_digest().empty()) {
    audit->findings.Unknown(node, "its agent tells no digest of the configuration; is it older than the coordinator?");
  } else {
    return &host->report.cib();
  }
  return nullptr;
}

void JudgeIdentical(AuditCase* audit) {
  audit->findings.Begin("cib-identical");
  const v1::CibFact* const dc = SeenCib(audit);
  if (dc == nullptr) return;
  for (const v1::ClusterNodeFact& node : audit->baseline.nodes()) {
    const v1::CibFact* const cib = CibOf(node.name(), audit);
    if (cib == nullptr || cib->configuration_digest() == dc->configuration_digest()) continue;
    audit->findings.Fail(node.name(),
                         absl::StrCat("its CIB (", cib->version(), ") is another than the DC's (", dc->version(), ")"),
                         "hold 'cibadmin --query --local' on both against each other");
  }
}

void JudgeUnchanged(AuditCase* audit) {
  audit->findings.Begin("cib-unchanged");
  const v1::CibFact* const dc = SeenCib(audit);
  if (dc == nullptr) return;
  if (dc->configuration_digest().empty() || audit->baseline.configuration_digest().empty()) {
    return audit->findings.Unknown("", "there is no digest of the configuration to compare");
  }
  if (dc->configuration_digest() == audit->baseline.configuration_digest()) return;
  audit->findings.Fail("", "the configuration is another than before",
                       "hold 'pcs config' against your last known one; Pacemaker's log says who changed it");
}

void JudgeLeftovers(AuditCase* audit) {
  audit->findings.Begin("cib-leftovers");
  const std::string remedy = absl::StrCat("'jettyfleet restore ", audit->now.view.cluster, "' removes it");
  for (const v1::ClusterNodeFact& node : audit->baseline.nodes()) {
    const v1::CibFact* const cib = CibOf(node.name(), audit);
    if (cib == nullptr) continue;
    for (const v1::CibEntryFact& entry : cib->ours()) {
      const bool our_lock = entry.kind() == v1::CibEntryFact::KIND_LOCK &&
                            entry.operation_id() == audit->expected.operation_id &&
                            entry.holder() == audit->now.view.coordinator_uuid;
      if (!our_lock) audit->findings.Fail(node.name(), absl::StrCat("its CIB still holds ", entry.id()), remedy);
    }
  }
}

// Constraints that are neither cli-... nor ours count in the digest.
void JudgeConstraints(AuditCase* audit) {
  audit->findings.Begin("constraints");
  const v1::CibFact* const dc = SeenCib(audit);
  if (dc == nullptr) return;
  const auto& before = audit->baseline.locations();
  std::set<std::string> now;
  for (const v1::LocationFact& location : dc->locations()) {
    now.insert(location.id());
    const bool is_new = std::find(before.begin(), before.end(), location.id()) == before.end();
    if (is_new && absl::StartsWith(location.id(), "cli-")) {
      audit->findings.Remark(location.node(),
                             absl::StrCat("an operator has made ", location.id(), " meanwhile; it is left alone"));
    }
  }
  for (const std::string& id : before) {
    if (now.count(id) > 0 || !absl::StartsWith(id, "cli-")) continue;
    audit->findings.Remark("", absl::StrCat("somebody has removed ", id, " meanwhile, or it has ended"));
  }
}

}  // namespace

void AuditCib(AuditCase* audit) {
  JudgeIdentical(audit);
  JudgeUnchanged(audit);
  JudgeLeftovers(audit);
  JudgeConstraints(audit);
}

}  // namespace jettyfleet
