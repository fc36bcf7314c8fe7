#include "agent/act/fault/partition.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "agent/act/fault/addresses.h"
#include "agent/act/fault/fault_gate.h"
#include "agent/act/fault/fault_lease.h"
#include "agent/act/fault/fault_undo.h"
#include "agent/act/fault/packet_filter.h"
#include "agent/act/outcome.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

std::vector<std::string> PeersOf(const v1::PartitionNode& act) {
  std::vector<std::string> peers;
  for (const std::string& peer : act.peers()) peers.push_back(CanonicalAddress(peer));
  std::sort(peers.begin(), peers.end());
  return peers;
}

// Empty: none of these is one that must stay reachable.
std::string WhyNotThese(const std::vector<std::string>& peers, const ActorOptions& options) {
  const std::string coordinator =
      CanonicalAddress(options.coordinator_address ? options.coordinator_address() : std::string());
  if (coordinator.empty()) return "the coordinator's address is not known, so it might be cut off as well";
  const absl::StatusOr<std::set<std::string>> own = OwnAddresses();
  if (!own.ok()) return OneLine(absl::string_view(own.status().message()));
  for (const std::string& peer : peers) {
    if (peer == coordinator) return absl::StrCat(peer, " is the coordinator's address too: it would be cut off");
    if (own->count(peer) > 0) return absl::StrCat(peer, " is this host's own address and no peer's");
  }
  return "";
}

}  // namespace

Task<v1::ActionResult> PartitionNode(FaultHands& hands, v1::PartitionNode act) {
  Tools& tools = hands.cib.tools();
  const absl::Status filter = co_await CheckPacketFilter(tools);
  if (!filter.ok()) co_return Refused(absl::string_view(filter.message()));
  const std::vector<std::string> peers = PeersOf(act);
  const std::string why_not = WhyNotThese(peers, hands.options);
  if (!why_not.empty()) co_return Refused(why_not);
  const v1::ActionResult passed = co_await PassFaultGate(hands.cib, GateWithFencingHere(hands));
  if (passed.outcome() != v1::ActionResult::OUTCOME_DONE) co_return passed;
  const v1::LeaseRecord wanted = FaultRecord(hands, kPeerPartitionLease, act.lease_id(), absl::StrJoin(peers, " "));
  const absl::StatusOr<v1::LeaseRecord> armed = co_await ArmFault(hands, wanted, FromProto(act.duration()));
  if (!armed.ok()) co_return Refused(absl::string_view(armed.status().message()));
  const absl::Status dropped = co_await DropPeers(tools, act.lease_id(), peers);
  if (!dropped.ok()) co_return co_await TakeBack(tools, hands.leases, hands.options.paths, *armed, dropped);
  co_return DoneUntil(FromProto(armed->lease().ends_at()));
}

}  // namespace jettyfleet
