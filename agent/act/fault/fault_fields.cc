#include "agent/act/fault/fault_fields.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "agent/act/fault/addresses.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

constexpr int kMostPeers = 64;
constexpr absl::Duration kShortestFault = absl::Seconds(1);
constexpr absl::Duration kLongestFault = absl::Hours(1);

std::string DurationProblem(const google::protobuf::Duration& duration) {
  // FromProto believes what it is given.
  const bool real = duration.nanos() > -1000000000 && duration.nanos() < 1000000000;
  if (real && FromProto(duration) >= kShortestFault && FromProto(duration) <= kLongestFault) return "";
  return absl::StrCat("field duration is ", duration.seconds(), " s: a fault lasts 1 s to 1 h");
}

std::string PortProblem(uint32_t port) {
  return port >= 1 && port <= 65535 ? "" : absl::StrCat("field port is ", port, ": it must be 1 to 65535");
}

std::string PeersProblem(const v1::PartitionNode& act) {
  if (act.peers_size() < 1 || act.peers_size() > kMostPeers) {
    return absl::StrCat("field peers has ", act.peers_size(), " entries: it must be 1 to ", kMostPeers);
  }
  std::set<std::string> seen;
  for (const std::string& peer : act.peers()) {
    const std::string address = CanonicalAddress(peer);
    const std::string shown = peer.substr(0, 100);
    if (address.empty()) return absl::StrCat("field peers: '", shown, "' is no IPv4 or IPv6 address");
    if (!IsOneHost(address)) return absl::StrCat("field peers: '", shown, "' is no other host's address");
    if (!seen.insert(address).second) return absl::StrCat("field peers: '", shown, "' is in it twice");
  }
  return "";
}

std::string KindProblem(const v1::Action& action) {
  switch (action.kind_case()) {
    case v1::Action::kFreezeUnit:
      return DurationProblem(action.freeze_unit().duration());
    case v1::Action::kBlackholePort: {
      const std::string problem = PortProblem(action.blackhole_port().port());
      return problem.empty() ? DurationProblem(action.blackhole_port().duration()) : problem;
    }
    case v1::Action::kPartitionNode: {
      const std::string problem = PeersProblem(action.partition_node());
      return problem.empty() ? DurationProblem(action.partition_node().duration()) : problem;
    }
    case v1::Action::kKillDaemon: {
      const v1::KillDaemon::Daemon daemon = action.kill_daemon().daemon();
      if (daemon != v1::KillDaemon::DAEMON_UNSPECIFIED && v1::KillDaemon::Daemon_IsValid(daemon)) return "";
      return absl::StrCat("field daemon is ", static_cast<int>(daemon), ": this agent knows no such daemon");
    }
    default:
      return "";
  }
}

}  // namespace

bool IsFault(const v1::Action& action) {
  switch (action.kind_case()) {
    case v1::Action::kStopUnit:
    case v1::Action::kKillUnit:
    case v1::Action::kFreezeUnit:
    case v1::Action::kBlackholePort:
    case v1::Action::kPartitionNode:
    case v1::Action::kKillDaemon:
    case v1::Action::kFenceNode:
      return true;
    default:
      return false;
  }
}

std::string FaultFieldProblem(const v1::Action& action) {
  if (!action.has_not_after()) return "field not_after is not set: a fault needs it, so that none comes late";
  if (action.operation_id().empty()) return "field operation_id is empty: a fault needs it";
  return KindProblem(action);
}

}  // namespace jettyfleet
