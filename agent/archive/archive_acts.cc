#include "agent/archive/archive_acts.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/act/outcome.h"
#include "agent/archive/staging_area.h"
#include "common/archive/archive_name.h"
#include "common/archive/content_hash.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

v1::ActionResult RefusedBy(const absl::Status& status) { return Refused(absl::string_view(status.message())); }
v1::ActionResult FailedBy(const absl::Status& status) { return Failed(absl::string_view(status.message())); }

v1::ActionResult DoneMoving(uint64_t bytes) {
  v1::ActionResult done = Done();
  done.mutable_archive()->set_moved_bytes(bytes);
  return done;
}

// Whether it is staged, and whole; damaged content is removed.
absl::StatusOr<bool> IsStaged(const StagingArea& area, const std::string& sha256) {
  const absl::StatusOr<std::string> found = area.HashStaged(sha256);
  if (absl::IsNotFound(found.status())) return false;
  if (!found.ok()) return found.status();
  if (*found == sha256) return true;
  if (absl::Status removed = area.RemoveStaged(sha256); !removed.ok()) return removed;
  return false;
}

// The bytes that were moved.
absl::StatusOr<uint64_t> Fetch(StagingArea& area, const v1::StageArchive& act, Fetcher& fetcher, WriteCall write) {
  absl::StatusOr<std::unique_ptr<PartFile>> part = area.OpenPart(act.sha256(), std::move(write));
  if (!part.ok()) return part.status();
  const absl::StatusOr<uint64_t> free = area.FreeBytes();
  if (!free.ok()) return free.status();
  const uint64_t missing = act.size() - std::min(act.size(), (*part)->size());
  absl::StatusOr<uint64_t> moved = 0;
  if (*free < missing + kKeepFreeBytes) {
    moved = absl::ResourceExhaustedError(absl::StrCat("the disk of ", act.target(), " has ", *free >> 20,
                                                      " MiB free, and ", (missing + kKeepFreeBytes) >> 20,
                                                      " MiB are needed: free space there"));
  } else {
    moved = fetcher.Fetch(act.sha256(), act.size(), **part);
  }
  if (moved.ok()) {
    absl::Status published = area.Lock();
    if (published.ok()) published = area.Publish(**part, act.sha256());
    if (!published.ok()) moved = published;
  }
  // On a full disk nothing half made stays; after a break it is what the next attempt goes on from.
  if (absl::IsResourceExhausted(moved.status()) || absl::IsDataLoss(moved.status())) {
    if (absl::Status discarded = (*part)->Discard(); !discarded.ok()) return area.Told(discarded);
  }
  if (!moved.ok()) return area.Told(moved.status());
  return moved;
}

}  // namespace

v1::ActionResult StageArchive(const v1::StageArchive& act, Fetcher& fetcher, WriteCall write) {
  if (absl::Status checked = CheckArchiveTarget(act.target()); !checked.ok()) return RefusedBy(checked);
  if (absl::Status checked = CheckArchiveContent(act.sha256(), act.size()); !checked.ok()) return RefusedBy(checked);
  const absl::StatusOr<std::unique_ptr<StagingArea>> area = StagingArea::Open(act.target(), /*make=*/true);
  if (!area.ok()) return RefusedBy(area.status());
  absl::StatusOr<bool> there = IsStaged(**area, act.sha256());
  if (!there.ok()) return FailedBy(there.status());
  const absl::StatusOr<std::string> current = (*area)->HashInPlace();
  if (!current.ok()) return FailedBy(current.status());
  if (!current->empty()) {
    // Now, while there is time: a switch has little of it, and this may mean to copy.
    if (absl::Status kept = (*area)->KeepInPlace(*current, write); !kept.ok()) return FailedBy(kept);
  }
  absl::StatusOr<uint64_t> moved = 0;
  if (!*there && *current != act.sha256()) moved = Fetch(**area, act, fetcher, std::move(write));
  if (!moved.ok()) return FailedBy(moved.status());
  if (absl::Status locked = (*area)->Lock(); !locked.ok()) return FailedBy(locked);
  if (absl::Status dressed = (*area)->DressAsInPlace(act.sha256()); !dressed.ok()) return FailedBy(dressed);
  if (absl::Status pruned = (*area)->Prune(act.sha256(), act.keep()); !pruned.ok()) return FailedBy(pruned);
  return DoneMoving(*moved);
}

v1::ActionResult DropStaged(const v1::DropStaged& act) {
  if (absl::Status checked = CheckArchiveTarget(act.target()); !checked.ok()) return RefusedBy(checked);
  if (!IsSha256Hex(act.sha256())) return Refused("the archive's SHA-256 is not 64 of 0-9 and a-f");
  const absl::StatusOr<std::unique_ptr<StagingArea>> area = StagingArea::Open(act.target(), /*make=*/false);
  if (absl::IsNotFound(area.status())) return Done();
  if (!area.ok()) return RefusedBy(area.status());
  if (!(*area)->has_directory()) return Done();
  if (absl::Status locked = (*area)->Lock(); !locked.ok()) return FailedBy(locked);
  if ((*area)->IsInPlace(act.sha256())) return Refused(absl::StrCat(act.sha256(), " is what is in place"));
  const absl::Status removed = (*area)->RemoveStaged(act.sha256());
  return removed.ok() ? Done() : FailedBy(removed);
}

namespace {

// Why it may not be done just now; OK otherwise.
absl::Status CheckMoment(const v1::SwitchArchive& act, const UnitStateReader& unit_state, const Clock& clock) {
  const absl::StatusOr<std::string> state = unit_state(act.unit());
  if (!state.ok()) {
    return absl::UnavailableError(absl::StrCat("whether ", act.unit(), " runs is unknown: ", state.status().message()));
  }
  if (*state != "inactive" && *state != "failed") {
    return absl::FailedPreconditionError(
        absl::StrCat(act.unit(), " is ", *state, ": an archive is never replaced under it"));
  }
  if (!act.has_before() || clock.WallNow() >= FromProto(act.before())) {
    return absl::FailedPreconditionError("too late: the lease that keeps the unit down ends");
  }
  return absl::OkStatus();
}

v1::ActionResult DoneWith(const std::string& in_place, const std::string& previous) {
  v1::ActionResult done = Done();
  done.mutable_archive()->set_in_place_sha256(in_place);
  done.mutable_archive()->set_previous_sha256(previous);
  return done;
}

// What is in place afterwards, read anew.
v1::ActionResult ReadBack(const v1::SwitchArchive& act, const std::string& previous) {
  const absl::StatusOr<std::unique_ptr<StagingArea>> area = StagingArea::Open(act.target(), /*make=*/false);
  if (!area.ok()) return FailedBy(area.status());
  const absl::StatusOr<std::string> found = (*area)->HashInPlace();
  if (!found.ok()) return FailedBy(found.status());
  if (*found == act.sha256()) return DoneWith(*found, previous);
  v1::ActionResult failed = Failed(absl::StrCat(act.target(), " is not what was put in place"));
  failed.mutable_archive()->set_in_place_sha256(*found);
  return failed;
}

}  // namespace

v1::ActionResult SwitchArchive(const v1::SwitchArchive& act, const UnitStateReader& unit_state, const Clock& clock,
                               WriteCall write) {
  if (absl::Status checked = CheckArchiveTarget(act.target()); !checked.ok()) return RefusedBy(checked);
  if (!IsSha256Hex(act.sha256())) return Refused("the archive's SHA-256 is not 64 of 0-9 and a-f");
  const absl::StatusOr<std::unique_ptr<StagingArea>> area = StagingArea::Open(act.target(), /*make=*/false);
  if (!area.ok()) return RefusedBy(area.status());
  if ((*area)->has_directory()) {
    if (absl::Status locked = (*area)->Lock(); !locked.ok()) return RefusedBy(locked);
  }
  const absl::StatusOr<std::string> current = (*area)->HashInPlace();
  if (!current.ok()) return RefusedBy(current.status());
  // The answer to one that was done and not heard.
  if (*current == act.sha256()) return DoneWith(*current, "");
  const auto refuse = [&current](absl::string_view why) {
    v1::ActionResult refused = Refused(why);
    refused.mutable_archive()->set_in_place_sha256(*current);
    return refused;
  };
  if (!(*area)->has_directory()) return refuse("nothing is staged here: stage the archive first");
  const absl::StatusOr<bool> there = IsStaged(**area, act.sha256());
  if (!there.ok()) return refuse(there.status().message());
  if (!*there) return refuse(absl::StrCat(act.sha256(), " is not staged here, or was damaged: stage it first"));
  if (!current->empty()) {
    if (absl::Status kept = (*area)->KeepInPlace(*current, std::move(write)); !kept.ok()) return refuse(kept.message());
  }
  if (absl::Status ready = (*area)->PrepareSwitch(act.sha256()); !ready.ok()) return refuse(ready.message());
  // Nothing that takes time between this and the rename.
  if (absl::Status moment = CheckMoment(act, unit_state, clock); !moment.ok()) {
    (*area)->AbandonSwitch();
    return refuse(moment.message());
  }
  if (absl::Status switched = (*area)->DoSwitch(); !switched.ok()) return FailedBy(switched);
  return ReadBack(act, *current);
}

}  // namespace jettyfleet
