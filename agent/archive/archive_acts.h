// The three acts on an archive's place, as jettyfleet-stager carries them out.
#ifndef JETTYFLEET_AGENT_ARCHIVE_ARCHIVE_ACTS_H_
#define JETTYFLEET_AGENT_ARCHIVE_ARCHIVE_ACTS_H_

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "agent/archive/fetcher.h"
#include "common/archive/part_file.h"
#include "common/clock.h"
#include "proto/action.pb.h"

namespace jettyfleet {

// What must stay free on the target's file system.
inline constexpr uint64_t kKeepFreeBytes = 64 << 20;

// ReadUnitState, or what a test puts in its place.
using UnitStateReader = std::function<absl::StatusOr<std::string>(const std::string& unit)>;

// All of them block, check their fields, and may be repeated. REFUSED: nothing was changed, save that damaged content
// was removed. What they answer about digests was read back from the disk.

// Where the content is staged, or in place, nothing is moved.
v1::ActionResult StageArchive(const v1::StageArchive& act, Fetcher& fetcher, WriteCall write);
v1::ActionResult DropStaged(const v1::DropStaged& act);
// Looks at the unit and at `clock` right before the rename.
v1::ActionResult SwitchArchive(const v1::SwitchArchive& act, const UnitStateReader& unit_state, const Clock& clock,
                               WriteCall write);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ARCHIVE_ARCHIVE_ACTS_H_
