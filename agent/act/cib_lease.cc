#include "agent/act/cib_lease.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/act/outcome.h"
#include "common/log.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

bool Holds(const v1::CibEntryFact& entry, const CibLease& lease) {
  return entry.kind() == lease.kind && entry.node() == lease.node && entry.has_ends_at();
}

}  // namespace

std::optional<v1::ActionResult> AnswerFromCib(const CibDocument& cib, const CibLease& lease, absl::Time now) {
  const std::optional<v1::CibEntryFact> entry = cib.FindOurs(lease.id);
  if (!entry.has_value()) return std::nullopt;
  // An agent that died between the act and its answer is asked again.
  if (Holds(*entry, lease) && FromProto(entry->ends_at()) > now) return DoneUntil(FromProto(entry->ends_at()));
  return Refused(absl::StrCat("lease id ", lease.id, " is used already: ", Describe(*entry),
                              "; remove that lease first or take another id"));
}

Task<absl::Status> ArmCibLease(Cib& cib, LeaseStore& leases, CibLease lease) {
  const absl::Status quorum = co_await cib.CheckQuorum();
  if (!quorum.ok()) co_return quorum;
  const Clock& clock = cib.tools().clock();
  v1::LeaseRecord record;
  v1::LeaseFact& fact = *record.mutable_lease();
  fact.set_id(lease.id);
  fact.set_operation_id(lease.operation_id);
  fact.set_kind(std::string(lease.kind == v1::CibEntryFact::KIND_STANDBY_SET ? kStandbyLease : kEvictLease));
  fact.set_target(lease.node);
  *fact.mutable_armed_at() = ToProto(clock.WallNow());
  *fact.mutable_ends_at() = ToProto(lease.end);
  const absl::Status saved = leases.Save(std::move(record));
  if (!saved.ok()) {
    co_return absl::Status(saved.code(),
                           absl::StrCat("the lease cannot be recorded, so nothing was done: ", saved.message()));
  }
  // A slow disk or a stopped machine: a rule written after its end would do nothing and look like success.
  if (clock.WallNow() >= lease.end) {
    if (const absl::Status removed = leases.Remove(lease.id); !removed.ok()) LogWarning(removed.message());
    co_return absl::FailedPreconditionError("too late: the lease's end passed before it could be armed");
  }
  co_return absl::OkStatus();
}

Task<v1::ActionResult> VerifyCibLease(Cib& cib, CibLease lease, std::string tool, CommandResult acted) {
  const absl::StatusOr<CibDocument> document = co_await cib.Read();
  if (!document.ok()) {
    if (acted.status.ok() && acted.exit_code == 0) {
      const std::string message =
          absl::StrCat("cannot see whether ", tool, " had its effect: ", document.status().message());
      co_return absl::IsDeadlineExceeded(document.status()) ? TimedOut(message) : Failed(message);
    }
    co_return WithoutEffect(tool, acted);
  }
  const std::optional<v1::CibEntryFact> entry = document->FindOurs(lease.id);
  if (!entry.has_value()) {
    if (acted.status.ok() && acted.exit_code == 0) {
      co_return Failed(absl::StrCat(tool, " said yes, but the CIB does not hold ", lease.id));
    }
    co_return WithoutEffect(tool, acted);
  }
  if (!Holds(*entry, lease) || FromProto(entry->ends_at()) != lease.end) {
    co_return Failed(absl::StrCat("after ", tool, " the CIB holds something else: ", Describe(*entry), ", not node ",
                                  lease.node, " until ", CibTime(lease.end)));
  }
  co_return DoneUntil(lease.end);
}

Task<v1::ActionResult> RemoveCibLease(Cib& cib, LeaseStore& leases, std::string lease_id) {
  const absl::Status quorum = co_await cib.CheckQuorum();
  if (!quorum.ok()) co_return Refused(absl::string_view(quorum.message()));
  absl::StatusOr<CibDocument> document = co_await cib.Read();
  if (!document.ok()) co_return Failed(absl::string_view(document.status().message()));
  std::optional<v1::CibEntryFact> entry = document->FindOurs(lease_id);
  if (entry.has_value()) {
    // Whatever its end: it is this id that shall go. cibadmin and not pcs: 14 ms instead of 640 ms, and what undoes
    // should need as little as possible.
    entry->clear_ends_at();
    const CommandResult deleted = co_await cib.Delete(XpathOf(*entry));
    document = co_await cib.Read();
    if (!document.ok()) {
      co_return WithoutEffect(absl::StrCat("cannot see whether ", lease_id, " is gone: ", document.status().message()),
                              deleted);
    }
    if (document->FindOurs(lease_id).has_value()) {
      co_return WithoutEffect(absl::StrCat(lease_id, " is still in the CIB: cibadmin"), deleted);
    }
  }
  const absl::Status removed = leases.Remove(lease_id);
  // The undo is done; the record that is left is swept later.
  if (!removed.ok()) LogWarning(removed.message());
  co_return Done();
}

}  // namespace jettyfleet
