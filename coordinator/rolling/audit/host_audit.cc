#include "coordinator/rolling/audit/host_audit.h"

#include <algorithm>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "coordinator/rolling/facts.h"

namespace jettyfleet {
namespace {

constexpr uint64_t kMebibyte = uint64_t{1} << 20;

// Calls `judge` with what is left on each node, and what was there before (perhaps nothing); a node that has not told
// is not known.
template <typename Judge>
void OnEachNode(AuditCase* audit, const char* id, Judge judge) {
  audit->findings.Begin(id);
  for (const v1::ClusterNodeFact& node : audit->baseline.nodes()) {
    const auto now = audit->now.leftovers.find(node.name());
    if (now == audit->now.leftovers.end()) {
      audit->findings.Unknown(node.name(), "it has not told yet what is left on it");
      continue;
    }
    const auto before = audit->baseline.leftovers().find(node.name());
    judge(node.name(), before == audit->baseline.leftovers().end() ? v1::Leftovers() : before->second, now->second);
  }
}

bool Has(const v1::NamesFact& names, const std::string& name) {
  return std::find(names.names().begin(), names.names().end(), name) != names.names().end();
}

// Says what is not known of the names; they are all that is known.
void JudgeCompleteness(const std::string& node, const v1::NamesFact& names, Findings* findings) {
  if (!names.error().empty()) findings->Unknown(node, names.error());
  if (names.cut_short()) findings->Unknown(node, "it has more of them than can be told");
}

void JudgeTables(AuditCase* audit) {
  OnEachNode(audit, "packet-filter",
             [audit](const std::string& node, const v1::Leftovers& before, const v1::Leftovers& now) {
               const v1::NamesFact& tables = now.packet_filter_tables();
               JudgeCompleteness(node, tables, &audit->findings);
               for (const std::string& table : tables.names()) {
                 const std::string text = absl::StrCat("its packet filter has our table ", table);
                 if (Has(before.packet_filter_tables(), table)) {
                   audit->findings.Remark(node, text + ", as it had before");
                 } else {
                   audit->findings.Fail(node, text, absl::StrCat("'nft delete table inet ", table, "' there"));
                 }
               }
             });
}

void JudgeTimers(AuditCase* audit) {
  const std::string of_ours = absl::StrCat("jettyfleet-undo-", audit->expected.operation_id, "-");
  OnEachNode(audit, "lease-timers", [&](const std::string& node, const v1::Leftovers&, const v1::Leftovers& now) {
    JudgeCompleteness(node, now.lease_units(), &audit->findings);
    for (const std::string& unit : now.lease_units().names()) {
      if (absl::StartsWith(unit, of_ours)) {
        audit->findings.Fail(node, absl::StrCat("systemd still has ", unit),
                             absl::StrCat("'systemctl stop ", unit, "' there"));
      } else {
        audit->findings.Remark(node, absl::StrCat("systemd has ", unit, ", which is another operation's"));
      }
    }
  });
}

void JudgeLeases(AuditCase* audit) {
  audit->findings.Begin("leases");
  for (const v1::ClusterNodeFact& node : audit->baseline.nodes()) {
    const HostView* const host = ConnectedNode(audit->now.view, node.name());
    if (host == nullptr) {
      audit->findings.Unknown(node.name(), "its agent is not connected");
      continue;
    }
    for (const v1::LeaseFact& lease : host->report.leases()) {
      if (!IsFaultLease(lease) || lease.operation_id() != audit->expected.operation_id) continue;
      audit->findings.Fail(node.name(), absl::StrCat("it still holds lease ", lease.id(), " (", lease.kind(), ")"),
                           absl::StrCat("'jettyfleet restore ", audit->now.view.cluster, "' ends it"));
    }
  }
}

const v1::StandstillFact* Find(const v1::Leftovers& leftovers, const std::string& unit) {
  for (const v1::StandstillFact& fact : leftovers.standstills()) {
    if (fact.unit() == unit) return &fact;
  }
  return nullptr;
}

void JudgeStandstill(AuditCase* audit) {
  OnEachNode(audit, "standstill",
             [audit](const std::string& node, const v1::Leftovers& before, const v1::Leftovers& now) {
               for (const v1::ResourceDescription& resource : audit->now.view.description.resources()) {
                 const v1::StandstillFact* const fact = Find(now, resource.unit());
                 if (fact == nullptr || fact->stands_still() == v1::ANSWER_UNSPECIFIED) {
                   audit->findings.Unknown(node, absl::StrCat("whether ", resource.unit(), " stands still: ",
                                                              fact == nullptr ? "not told" : fact->error()));
                   continue;
                 }
                 if (fact->stands_still() == v1::ANSWER_NO) continue;
                 const v1::StandstillFact* const old = Find(before, resource.unit());
                 const std::string text = absl::StrCat(resource.unit(), " stands still: ", fact->how());
                 if (old != nullptr && old->stands_still() == v1::ANSWER_YES) {
                   audit->findings.Remark(node, text + ", as it did before");
                 } else {
                   audit->findings.Fail(node, text, "docs/runbook.md says how to thaw it");
                 }
               }
             });
}

void JudgeCores(AuditCase* audit) {
  OnEachNode(audit, "core-dumps", [audit](const std::string& node, const v1::Leftovers&, const v1::Leftovers& now) {
    if (now.core_dumps().empty()) audit->findings.Unknown(node, "whether there are core dumps: not told");
    for (const v1::CoreDumpsFact& cores : now.core_dumps()) {
      if (!cores.error().empty()) audit->findings.Unknown(node, cores.error());
      if (cores.count() == 0) continue;
      audit->findings.Fail(node,
                           absl::StrCat(cores.count(), cores.count() == 1 ? " core dump" : " core dumps", " in ",
                                        cores.directory(), " since the beginning, the newest ", cores.newest()),
                           "'coredumpctl list' there says of what");
    }
  });
}

const v1::DiskSpaceFact* FindDisk(const v1::Leftovers& leftovers, const std::string& what) {
  for (const v1::DiskSpaceFact& disk : leftovers.disks()) {
    if (disk.what() == what && disk.error().empty()) return &disk;
  }
  return nullptr;
}

void JudgeDisk(const std::string& node, const v1::DiskSpaceFact* before, const v1::DiskSpaceFact& now,
               AuditCase* audit) {
  if (!now.error().empty() || now.total_bytes() == 0) {
    return audit->findings.Unknown(
        node, now.error().empty() ? absl::StrCat("the file system at ", now.path(), " has no size") : now.error());
  }
  const std::string left =
      absl::StrCat(now.path(), " has ", now.free_bytes() / kMebibyte, " MiB free of ", now.total_bytes() / kMebibyte);
  const bool nearly_full = now.free_bytes() < now.total_bytes() / 100 * audit->expected.least_free_percent;
  if (now.free_bytes() < audit->expected.least_free_bytes || nearly_full) {
    return audit->findings.Fail(node, left, "make room on that disk");
  }
  if (before == nullptr || before->free_bytes() < now.free_bytes()) return;
  const uint64_t shrunk = before->free_bytes() - now.free_bytes();
  if (shrunk <= audit->expected.most_shrunk_bytes) return;
  audit->findings.Fail(node, absl::StrCat(left, ", ", shrunk / kMebibyte, " MiB less than before"),
                       absl::StrCat("find out what fills ", now.path()));
}

void JudgeDisks(AuditCase* audit) {
  OnEachNode(audit, "disk-space",
             [audit](const std::string& node, const v1::Leftovers& before, const v1::Leftovers& now) {
               if (now.disks().empty()) audit->findings.Unknown(node, "how much room its disks have: not told");
               for (const v1::DiskSpaceFact& disk : now.disks()) {
                 JudgeDisk(node, FindDisk(before, disk.what()), disk, audit);
               }
             });
}

}  // namespace

void AuditHosts(AuditCase* audit) {
  JudgeTables(audit);
  JudgeTimers(audit);
  JudgeLeases(audit);
  JudgeStandstill(audit);
  JudgeCores(audit);
  JudgeDisks(audit);
}

}  // namespace jettyfleet
