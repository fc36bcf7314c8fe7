#include "agent/act/sweep.h"

#include <map>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/act/host_undo.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

// More than an act takes from its record to its element in the CIB.
constexpr absl::Duration kActTime = absl::Minutes(1);

bool HasCibLease(const LeaseStore& leases) {
  for (const auto& [id, record] : leases.leases()) {
    if (IsCibLease(record.lease())) return true;
  }
  return false;
}

std::vector<v1::CibEntryFact> Ended(const CibDocument& cib, absl::Time before) {
  std::vector<v1::CibEntryFact> ended;
  for (v1::CibEntryFact& entry : cib.Ours()) {
    // Without a readable end nobody knows that it is over.
    if (entry.has_ends_at() && FromProto(entry.ends_at()) <= before) ended.push_back(std::move(entry));
  }
  return ended;
}

// Records of leases of which the CIB knows nothing (any more): over, undone on another node, or never come into force.
std::vector<std::string> DropRecords(const CibDocument& cib, LeaseStore& leases, absl::Time before, absl::Time now) {
  std::vector<std::string> gone;
  for (const auto& [id, record] : leases.leases()) {
    const v1::LeaseFact& lease = record.lease();
    // Whoever has just written the record is about to write the CIB.
    const bool settled = FromProto(lease.ends_at()) <= before || FromProto(lease.armed_at()) + kActTime <= now;
    if (IsCibLease(lease) && settled && !cib.FindOurs(id).has_value()) gone.push_back(id);
  }
  std::vector<std::string> dropped;
  for (const std::string& id : gone) {
    if (leases.Remove(id).ok()) dropped.push_back(absl::StrCat("record of lease ", id, ", which is not in the CIB"));
  }
  return dropped;
}

}  // namespace

Task<SweepReport> SweepHost(Tools& tools, LeaseStore& leases, HostPaths paths, absl::Duration grace) {
  SweepReport report;
  const std::map<std::string, v1::LeaseRecord> records = leases.leases();
  for (const auto& [id, record] : records) {
    const bool over = FromProto(record.lease().ends_at()) + grace <= tools.clock().WallNow();
    if (IsCibLease(record.lease()) || (!over && record.boot_id() == leases.boot_id())) continue;
    const v1::ActionResult result = co_await UndoHostLease(tools, leases, paths, record);
    if (result.outcome() == v1::ActionResult::OUTCOME_DONE) {
      report.undone.push_back(absl::StrCat(DescribeHostLease(record.lease()), " of lease ", id));
    } else if (result.outcome() == v1::ActionResult::OUTCOME_REFUSED) {
      report.undone.push_back(result.message());
    } else {
      report.status = absl::UnavailableError(absl::StrCat("lease ", id, " cannot be undone now: ", result.message()));
    }
  }
  co_return report;
}

Task<SweepReport> SweepCib(Cib& cib, LeaseStore& leases, absl::Duration grace) {
  SweepReport report;
  absl::StatusOr<CibDocument> document = co_await cib.Read();
  if (cib.IsNoClusterNode(document.status()) && !HasCibLease(leases)) co_return report;
  report.status = document.status();
  if (!document.ok()) co_return report;
  const absl::Time before = cib.tools().clock().WallNow() - grace;
  const std::vector<v1::CibEntryFact> ended = Ended(*document, before);
  if (!ended.empty() || HasCibLease(leases)) {
    report.status = co_await cib.CheckQuorum();
    if (!report.status.ok()) co_return report;
  }
  for (const v1::CibEntryFact& entry : ended) {
    const std::string xpath = XpathOf(entry);
    if (!xpath.empty()) co_await cib.Delete(xpath);
  }
  if (!ended.empty()) {
    document = co_await cib.Read();
    report.status = document.status();
    if (!document.ok()) co_return report;
  }
  for (const v1::CibEntryFact& entry : ended) {
    const std::optional<v1::CibEntryFact> left = document->FindOurs(entry.id());
    if (!left.has_value()) {
      report.undone.push_back(Describe(entry));
    } else if (left->has_ends_at() && FromProto(left->ends_at()) <= before) {
      report.status = absl::UnavailableError(absl::StrCat("still in the CIB: ", Describe(*left)));
    }
  }
  for (std::string& line : DropRecords(*document, leases, before, cib.tools().clock().WallNow()))
    report.undone.push_back(std::move(line));
  co_return report;
}

}  // namespace jettyfleet
