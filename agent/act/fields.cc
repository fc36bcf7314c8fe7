#include "agent/act/fields.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "agent/act/archive_fields.h"
#include "agent/act/configuration_fields.h"
#include "agent/act/fault/fault_fields.h"
#include "agent/act/inspection_fields.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

constexpr absl::Duration kDefaultTimeout = absl::Minutes(1);
constexpr absl::Duration kShortestTimeout = absl::Milliseconds(100);
constexpr absl::Duration kLongestTimeout = absl::Hours(1);
constexpr absl::Duration kShortestLease = absl::Seconds(1);
constexpr absl::Duration kLongestLease = absl::Hours(24);
constexpr int kMostPredicted = 100;
constexpr uint32_t kMostWeight = 256;  // HAProxy's own limit

std::string KindProblem(const v1::Action& action);

bool AllOf(absl::string_view text, absl::string_view others) {
  return std::all_of(text.begin(), text.end(),
                     [others](char c) { return absl::ascii_isalnum(c) || others.find(c) != others.npos; });
}

bool IsToken(absl::string_view token, std::size_t limit) {
  return !token.empty() && token.size() <= limit && token[0] != '-' && AllOf(token, "-_.");
}

// A duration whose parts are those of a real duration: FromProto believes what it is given.
bool Within(const google::protobuf::Duration& duration, absl::Duration least, absl::Duration most) {
  if (duration.nanos() <= -1000000000 || duration.nanos() >= 1000000000) return false;
  const absl::Duration value = FromProto(duration);
  return value >= least && value <= most;
}

bool IsAddress(const std::string& text) {
  in6_addr ignored = {};
  return inet_pton(AF_INET, text.c_str(), &ignored) == 1 || inet_pton(AF_INET6, text.c_str(), &ignored) == 1;
}

std::string Wrong(absl::string_view field, absl::string_view value, absl::string_view want) {
  return absl::StrCat("field ", field, " is '", value.substr(0, 100), "': ", want);
}

std::string LeaseIdProblem(absl::string_view id) {
  return IsLeaseId(id) ? "" : Wrong("lease_id", id, "it must be jettyfleet- and 1 to 80 of a-z, 0-9, '-'");
}

std::string NameProblem(absl::string_view field, absl::string_view name) {
  return IsName(name) ? "" : Wrong(field, name, "it must be a name of letters, digits, '_', '-', '.', at most 64");
}

std::string HolderProblem(absl::string_view holder) {
  return IsToken(holder, 64) ? "" : Wrong("holder", holder, "it must be a coordinator's UUID");
}

std::string LeaseDurationProblem(const google::protobuf::Duration& duration) {
  if (Within(duration, kShortestLease, kLongestLease)) return "";
  return absl::StrCat("field duration is ", duration.seconds(), " s: it must be 1 s to 24 h");
}

template <typename... Problems>
std::string First(Problems... problems) {
  for (const std::string& problem : {std::string(problems)...}) {
    if (!problem.empty()) return problem;
  }
  return "";
}

std::string Problem(const v1::AcquireLock& act) {
  return First(HolderProblem(act.holder()), LeaseDurationProblem(act.duration()));
}
std::string Problem(const v1::RenewLock& act) {
  return First(HolderProblem(act.holder()), LeaseDurationProblem(act.duration()));
}
std::string Problem(const v1::ReleaseLock& act) { return HolderProblem(act.holder()); }
std::string Problem(const v1::EvictNode& act) {
  return First(LeaseIdProblem(act.lease_id()), NameProblem("node", act.node()), NameProblem("clone", act.clone()),
               LeaseDurationProblem(act.duration()));
}
std::string Problem(const v1::StandbyNode& act) {
  return First(LeaseIdProblem(act.lease_id()), NameProblem("node", act.node()), LeaseDurationProblem(act.duration()));
}
std::string Problem(const v1::RemoveCibLease& act) { return LeaseIdProblem(act.lease_id()); }
std::string Problem(const v1::SetLbServer& act) {
  std::string problem =
      First(LeaseIdProblem(act.lease_id()), NameProblem("backend", act.backend()), NameProblem("server", act.server()));
  if (!problem.empty() || act.state() == v1::LbServerFact::ADMIN_STATE_READY) return problem;
  if (act.state() != v1::LbServerFact::ADMIN_STATE_DRAIN && act.state() != v1::LbServerFact::ADMIN_STATE_MAINT) {
    return absl::StrCat("field state is ", static_cast<int>(act.state()), ": it must be ready, drain or maint");
  }
  return LeaseDurationProblem(act.duration());
}
std::string Problem(const v1::SetLbWeight& act) {
  std::string problem = First(NameProblem("backend", act.backend()), NameProblem("server", act.server()));
  const bool configured = act.mode() == v1::SetLbWeight::MODE_CONFIGURED;
  if (problem.empty() && !(configured && act.lease_id().empty())) problem = LeaseIdProblem(act.lease_id());
  if (!problem.empty() || configured || act.mode() == v1::SetLbWeight::MODE_BACK) return problem;
  if (act.mode() != v1::SetLbWeight::MODE_LEASED) {
    return absl::StrCat("field mode is ", static_cast<int>(act.mode()), ": it must be leased, configured or back");
  }
  if (act.weight() > kMostWeight) return absl::StrCat("field weight is ", act.weight(), ": at most ", kMostWeight);
  return LeaseDurationProblem(act.duration());
}
std::string Problem(const v1::SetLbAddress& act) {
  std::string problem = First(NameProblem("backend", act.backend()), NameProblem("server", act.server()));
  if (!problem.empty()) return problem;
  if (!IsAddress(act.address())) return Wrong("address", act.address(), "it must be an IPv4 or IPv6 address");
  if (act.port() < 1 || act.port() > 65535)
    return absl::StrCat("field port is ", act.port(), ": it must be 1 to 65535");
  return "";
}
std::string UnitProblem(const std::string& unit) {
  return IsUnitName(unit) ? "" : Wrong("unit", unit, "it must be a systemd service's name without .service");
}
// First what is special to faults; then what they share with other actions.
std::string FaultProblem(const v1::Action& action) {
  const std::string special = FaultFieldProblem(action);
  switch (action.kind_case()) {
    case v1::Action::kStopUnit:
      return First(special, UnitProblem(action.stop_unit().unit()));
    case v1::Action::kKillUnit:
      return First(special, UnitProblem(action.kill_unit().unit()));
    case v1::Action::kFreezeUnit:
      return First(special, LeaseIdProblem(action.freeze_unit().lease_id()), UnitProblem(action.freeze_unit().unit()));
    case v1::Action::kBlackholePort:
      return First(special, LeaseIdProblem(action.blackhole_port().lease_id()),
                   UnitProblem(action.blackhole_port().unit()));
    case v1::Action::kPartitionNode:
      return First(special, LeaseIdProblem(action.partition_node().lease_id()));
    case v1::Action::kFenceNode:
      return First(special, NameProblem("node", action.fence_node().node()));
    default:
      return special;
  }
}
// Those that could be done; a prediction of a prediction could not.
std::string Problem(const v1::PredictActions& act) {
  if (act.actions_size() > kMostPredicted) {
    return absl::StrCat("field actions has ", act.actions_size(), " entries, at most ", kMostPredicted);
  }
  for (const v1::Action& action : act.actions()) {
    if (OnlyLooks(action)) return "field actions holds what only looks";
    if (IsFault(action) || action.has_undo_fault()) {
      return "field actions holds a fault, which changes no configuration";
    }
    if (action.has_drop_staged() || action.has_switch_archive()) {
      return "field actions holds an act on archives, which changes no configuration";
    }
    std::string problem = KindProblem(action);
    if (!problem.empty()) return absl::StrCat("field actions: ", problem);
  }
  return "";
}

std::string KindProblem(const v1::Action& action) {
  switch (action.kind_case()) {
    case v1::Action::kAcquireLock:
      return Problem(action.acquire_lock());
    case v1::Action::kRenewLock:
      return Problem(action.renew_lock());
    case v1::Action::kReleaseLock:
      return Problem(action.release_lock());
    case v1::Action::kEvictNode:
      return Problem(action.evict_node());
    case v1::Action::kStandbyNode:
      return Problem(action.standby_node());
    case v1::Action::kRemoveCibLease:
      return Problem(action.remove_cib_lease());
    case v1::Action::kSetLbServer:
      return Problem(action.set_lb_server());
    case v1::Action::kCreateResource:
      return ConfigurationProblem(action.create_resource());
    case v1::Action::kCloneResource:
      return ConfigurationProblem(action.clone_resource());
    case v1::Action::kSetOperation:
      return ConfigurationProblem(action.set_operation());
    case v1::Action::kSetMeta:
      return ConfigurationProblem(action.set_meta());
    case v1::Action::kAvoidNode:
      return ConfigurationProblem(action.avoid_node());
    case v1::Action::kRemoveLocation:
      return ConfigurationProblem(action.remove_location());
    case v1::Action::kCleanupResource:
      return ConfigurationProblem(action.cleanup_resource());
    case v1::Action::kFailInstance:
      return ConfigurationProblem(action.fail_instance());
    case v1::Action::kDisableUnit:
      return ConfigurationProblem(action.disable_unit());
    case v1::Action::kPredictActions:
      return Problem(action.predict_actions());
    case v1::Action::kInspect:
      return InspectionProblem(action.inspect());
    case v1::Action::kLookForMarkers:
      return InspectionProblem(action.look_for_markers());
    case v1::Action::kRemoveMarkers:
      return InspectionProblem(action.remove_markers());
    case v1::Action::kSetLbWeight:
      return Problem(action.set_lb_weight());
    case v1::Action::kSetLbAddress:
      return Problem(action.set_lb_address());
    case v1::Action::kStopUnit:
    case v1::Action::kKillUnit:
    case v1::Action::kFreezeUnit:
    case v1::Action::kBlackholePort:
    case v1::Action::kPartitionNode:
    case v1::Action::kKillDaemon:
    case v1::Action::kFenceNode:
      return FaultProblem(action);
    case v1::Action::kUndoFault:
      return LeaseIdProblem(action.undo_fault().lease_id());
    case v1::Action::kLookAtFaultMeans:
      return UnitProblem(action.look_at_fault_means().unit());
    case v1::Action::kStageArchive:
      return ArchiveProblem(action.stage_archive());
    case v1::Action::kDropStaged:
      return ArchiveProblem(action.drop_staged());
    case v1::Action::kSwitchArchive:
      return ArchiveProblem(action.switch_archive());
    case v1::Action::KIND_NOT_SET:
      break;
  }
  return "field kind is not set";
}

}  // namespace

bool IsLeaseId(absl::string_view id) {
  if (!absl::StartsWith(id, kOursPrefix) || id == kLockId) return false;
  id.remove_prefix(kOursPrefix.size());
  return !id.empty() && id.size() <= 80 && std::all_of(id.begin(), id.end(), [](char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-';
  });
}

bool IsName(absl::string_view name) { return IsToken(name, 64) && name[0] != '.'; }

bool IsUnitName(absl::string_view unit) {
  return !unit.empty() && unit.size() <= 200 && unit[0] != '-' && unit[0] != '.' && AllOf(unit, "-_.@:\\") &&
         !absl::EndsWith(unit, ".service");
}

std::string FieldProblem(const v1::Action& action) {
  if (action.id().empty() || action.id().size() > 200 || !AllOf(action.id(), "-_.:/@")) {
    return Wrong("id", action.id(), "it must be 1 to 200 of letters, digits and -_.:/@");
  }
  if (!action.operation_id().empty() && !IsToken(action.operation_id(), 128)) {
    return Wrong("operation_id", action.operation_id(), "it must be at most 128 of letters, digits, '-', '_', '.'");
  }
  if (action.operation_id().empty() && (action.has_acquire_lock() || action.has_renew_lock())) {
    return "field operation_id is empty: a lock needs it";
  }
  if (action.has_timeout() && !Within(action.timeout(), kShortestTimeout, kLongestTimeout)) {
    return absl::StrCat("field timeout is ", action.timeout().seconds(), " s: it must be 0.1 s to 1 h");
  }
  return KindProblem(action);
}

std::string SecondsText(const google::protobuf::Duration& duration) { return absl::StrCat(duration.seconds(), "s"); }

absl::Duration TimeoutOf(const v1::Action& action) {
  return action.has_timeout() ? FromProto(action.timeout()) : kDefaultTimeout;
}

bool IsUndo(const v1::Action& action) {
  return action.has_remove_cib_lease() || action.has_release_lock() || action.has_undo_fault() ||
         (action.has_set_lb_server() && action.set_lb_server().state() == v1::LbServerFact::ADMIN_STATE_READY) ||
         (action.has_set_lb_weight() && action.set_lb_weight().mode() == v1::SetLbWeight::MODE_BACK);
}

bool OnlyLooks(const v1::Action& action) {
  return action.has_predict_actions() || action.has_inspect() || action.has_look_for_markers() ||
         action.has_remove_markers() || action.has_look_at_fault_means() || action.has_stage_archive();
}

}  // namespace jettyfleet
