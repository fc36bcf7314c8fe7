#include "agent/act/lock.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/act/fields.h"
#include "agent/act/outcome.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

std::string LockXml(const v1::CibEntryFact& lock) {
  const auto pair = [](absl::string_view key, absl::string_view value) {
    return absl::StrCat("<nvpair id=\"", kLockId, "-", key, "\" name=\"jettyfleet-", key, "\" value=\"", value, "\"/>");
  };
  return absl::StrCat("<cluster_property_set id=\"", kLockId, "\">", pair("holder", lock.holder()),
                      pair("epoch", absl::StrCat(lock.epoch())), pair("operation", lock.operation_id()),
                      pair("ends", CibTime(FromProto(lock.ends_at()))), "</cluster_property_set>");
}

// The lock as long as its holder and operation are these.
std::string XpathWhileHeld(absl::string_view holder, absl::string_view operation_id) {
  const auto has = [](absl::string_view name, absl::string_view value) {
    return absl::StrCat("[nvpair[@name='jettyfleet-", name, "'][@value='", value, "']]");
  };
  return absl::StrCat("//crm_config/cluster_property_set[@id='", kLockId, "']", has("holder", holder),
                      operation_id.empty() ? "" : has("operation", operation_id));
}

v1::ActionResult HeldByAnother(const v1::CibEntryFact& lock) {
  v1::ActionResult result = Refused(absl::StrCat("another operation is running in this cluster: ", Describe(lock)));
  *result.mutable_lock() = lock;
  return result;
}

// For a lock that is not over.
v1::ActionResult AnswerHeld(const v1::CibEntryFact& lock, const std::string& holder, const std::string& operation_id) {
  if (lock.holder() != holder || lock.operation_id() != operation_id) return HeldByAnother(lock);
  if (lock.has_ends_at()) return DoneUntil(FromProto(lock.ends_at()));
  return Failed("our own lock is in the CIB without a readable end; see docs/runbook.md");
}

bool IsOver(const v1::CibEntryFact& lock, absl::Time now) {
  return lock.has_ends_at() && FromProto(lock.ends_at()) <= now;
}

// For what stands in an XPath or XML: the lock may have been written by anybody.
bool MayBeQuoted(const std::string& value) {
  return value.size() <= 200 && value.find_first_of("'\"<>&") == std::string::npos;
}

}  // namespace

Task<v1::ActionResult> AcquireLock(Cib& cib, std::string operation_id, uint64_t epoch, v1::AcquireLock act) {
  // Looks first: a create that is refused fills Pacemaker's log with errors. It is the create that decides, all the
  // same.
  absl::StatusOr<CibDocument> document = co_await cib.Read();
  if (!document.ok()) co_return Refused(absl::string_view(document.status().message()));
  const absl::Status quorum = co_await cib.CheckQuorum();
  if (!quorum.ok()) co_return Refused(absl::string_view(quorum.message()));
  const Clock& clock = cib.tools().clock();
  const std::optional<v1::CibEntryFact> before = document->Lock();
  if (before.has_value()) {
    if (!IsOver(*before, clock.WallNow())) co_return AnswerHeld(*before, act.holder(), operation_id);
    if (!MayBeQuoted(before->holder()) || !MayBeQuoted(before->operation_id())) co_return HeldByAnother(*before);
    // Guarded by its whole content: whoever renewed or replaced it meanwhile keeps it.
    const std::string end = CibTime(FromProto(before->ends_at()));
    co_await cib.Delete(absl::StrCat(XpathWhileHeld(before->holder(), before->operation_id()),
                                     "[nvpair[@name='jettyfleet-ends'][@value='", end, "']]"));
  }
  v1::CibEntryFact wanted;
  wanted.set_holder(act.holder());
  wanted.set_operation_id(operation_id);
  wanted.set_epoch(epoch);
  *wanted.mutable_ends_at() = ToProto(RoundUpToSecond(clock.WallNow() + FromProto(act.duration())));
  const CommandResult created = co_await cib.Create("crm_config", LockXml(wanted));
  document = co_await cib.Read();
  if (!document.ok()) {
    co_return WithoutEffect(absl::StrCat("cannot see whether the lock was taken: ", document.status().message()),
                            created);
  }
  const std::optional<v1::CibEntryFact> after = document->Lock();
  if (!after.has_value()) co_return WithoutEffect("the lock was not created: cibadmin", created);
  if (IsOver(*after, clock.WallNow())) {
    co_return Refused(absl::StrCat("could not be replaced, try again: ", Describe(*after)));
  }
  co_return AnswerHeld(*after, act.holder(), operation_id);
}

Task<v1::ActionResult> RenewLock(Cib& cib, std::string operation_id, v1::RenewLock act) {
  const absl::Status quorum = co_await cib.CheckQuorum();
  if (!quorum.ok()) co_return Refused(absl::string_view(quorum.message()));
  const absl::Time end = RoundUpToSecond(cib.tools().clock().WallNow() + FromProto(act.duration()));
  const std::string pair_id = absl::StrCat(kLockId, "-ends");
  const CommandResult modified =
      co_await cib.Modify(absl::StrCat(XpathWhileHeld(act.holder(), operation_id), "/nvpair[@id='", pair_id, "']"),
                          absl::StrCat("<nvpair id=\"", pair_id, "\" value=\"", CibTime(end), "\"/>"));
  const absl::StatusOr<CibDocument> document = co_await cib.Read();
  if (!document.ok()) {
    co_return WithoutEffect(absl::StrCat("cannot see whether the lock was renewed: ", document.status().message()),
                            modified);
  }
  const std::optional<v1::CibEntryFact> lock = document->Lock();
  if (!lock.has_value())
    co_return Refused("the lock is gone from the CIB: somebody released it, or it ended and was swept");
  if (lock->holder() != act.holder() || lock->operation_id() != operation_id) co_return HeldByAnother(*lock);
  if (FromProto(lock->ends_at()) != end) co_return WithoutEffect("the lock was not renewed: cibadmin", modified);
  co_return DoneUntil(end);
}

Task<v1::ActionResult> ReleaseLock(Cib& cib, std::string operation_id, v1::ReleaseLock act) {
  const absl::Status quorum = co_await cib.CheckQuorum();
  if (!quorum.ok()) co_return Refused(absl::string_view(quorum.message()));
  const CommandResult deleted = co_await cib.Delete(XpathWhileHeld(act.holder(), operation_id));
  const absl::StatusOr<CibDocument> document = co_await cib.Read();
  if (!document.ok()) {
    co_return WithoutEffect(absl::StrCat("cannot see whether the lock was released: ", document.status().message()),
                            deleted);
  }
  const std::optional<v1::CibEntryFact> lock = document->Lock();
  if (!lock.has_value() || lock->holder() != act.holder()) co_return Done();
  // A late release of one operation must not take the lock of the same coordinator's next.
  if (!operation_id.empty() && lock->operation_id() != operation_id) co_return Done();
  co_return WithoutEffect("the lock was not released: cibadmin", deleted);
}

v1::ActionResult CheckLockAllows(const CibDocument& cib, const std::string& operation_id, absl::Time now) {
  const std::optional<v1::CibEntryFact> lock = cib.Lock();
  if (!lock.has_value() || lock->operation_id() == operation_id || IsOver(*lock, now)) return Done();
  return HeldByAnother(*lock);
}

}  // namespace jettyfleet
