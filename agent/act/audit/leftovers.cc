#include "agent/act/audit/leftovers.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "agent/act/audit/core_dumps.h"
#include "agent/act/audit/disk_space.h"
#include "agent/act/audit/lease_units.h"
#include "agent/act/audit/standstill.h"
#include "agent/act/fault/packet_filter.h"
#include "agent/act/outcome.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

constexpr int kMostNames = 64;

v1::NamesFact Names(const absl::StatusOr<std::vector<std::string>>& seen) {
  v1::NamesFact names;
  if (!seen.ok()) {
    names.set_error(OneLine(seen.status().message()));
    return names;
  }
  for (const std::string& name : *seen) {
    if (names.names_size() == kMostNames) {
      names.set_cut_short(true);
      break;
    }
    names.add_names(OneLine(name));
  }
  return names;
}

}  // namespace

Task<v1::ActionResult> LookAtLeftovers(Tools& tools, const ActorOptions& options, v1::LookAtLeftovers act) {
  v1::ActionResult result = Done();
  v1::Leftovers& left = *result.mutable_leftovers();
  *left.mutable_observed_at() = ToProto(tools.clock().WallNow());
  absl::StatusOr<std::vector<std::string>> tables = co_await OurTables(tools);
  // Where there is no nft, there is no table of ours.
  if (absl::IsNotFound(tables.status())) tables = std::vector<std::string>();
  *left.mutable_packet_filter_tables() = Names(tables);
  const absl::StatusOr<std::vector<std::string>> units = co_await LoadedLeaseUnits(tools);
  *left.mutable_lease_units() = Names(units);
  for (const std::string& unit : act.units()) {
    v1::StandstillFact fact = co_await LookAtStandstill(tools, options.paths, unit);
    *left.add_standstills() = fact;
  }
  const absl::Time since = act.has_cores_since() ? FromProto(act.cores_since()) : absl::InfinitePast();
  for (const std::string& directory : options.audit_paths.cores) {
    *left.add_core_dumps() = CountCoreDumps(directory, since);
  }
  *left.add_disks() = LookAtDiskSpace("var", options.audit_paths.var);
  *left.add_disks() = LookAtDiskSpace("journal", JournalPath(options.audit_paths));
  *left.add_disks() = LookAtDiskSpace("state", options.state_dir);
  co_return result;
}

}  // namespace jettyfleet
