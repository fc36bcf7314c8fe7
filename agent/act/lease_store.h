// The leases that this host has armed: one small file for each, written before the act and removed after the undo.
#ifndef JETTYFLEET_AGENT_ACT_LEASE_STORE_H_
#define JETTYFLEET_AGENT_ACT_LEASE_STORE_H_

#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "proto/agent_state.pb.h"

namespace jettyfleet {

inline constexpr absl::string_view kEvictLease = "evict";
inline constexpr absl::string_view kStandbyLease = "standby";
inline constexpr absl::string_view kLbServerLease = "lb-server";
inline constexpr absl::string_view kLbWeightLease = "lb-weight";
inline constexpr absl::string_view kUnitFreezeLease = "unit-freeze";
inline constexpr absl::string_view kPortBlackholeLease = "port-blackhole";
inline constexpr absl::string_view kPeerPartitionLease = "peer-partition";

// Each record is of one of these three sorts. Those in the CIB end there; the others are on this host and end by its
// systemd timers: HAProxy servers, and faults.
inline bool IsCibLease(const v1::LeaseFact& lease) {
  return lease.kind() == kEvictLease || lease.kind() == kStandbyLease;
}
inline bool IsLbLease(const v1::LeaseFact& lease) {
  return lease.kind() == kLbServerLease || lease.kind() == kLbWeightLease;
}
inline bool IsFaultLease(const v1::LeaseFact& lease) {
  return lease.kind() == kUnitFreezeLease || lease.kind() == kPortBlackholeLease || lease.kind() == kPeerPartitionLease;
}

// STATE_DIR/leases/. The agent and the one-shots each have one on the same directory: what another process adds or
// removes is seen after Reload. Loop thread only; calls block for a sync.
class LeaseStore {
 public:
  explicit LeaseStore(const std::string& state_dir);

  // Makes the directory where it is missing and reads what is in it.
  absl::Status Open();
  // Reads again. DataLoss names the first damaged file; the others are read all the same, and a lease whose file can
  // no longer be read stays as it was known. NotFound: there is no such directory.
  absl::Status Reload();

  const std::map<std::string, v1::LeaseRecord>& leases() const { return leases_; }
  // Null: none.
  const v1::LeaseRecord* Find(const std::string& lease_id) const;
  // `kind`: kLbServerLease or kLbWeightLease; a server may be under one of each.
  const v1::LeaseRecord* FindServer(absl::string_view kind, const std::string& backend,
                                    const std::string& server) const;

  // Fills in schema and boot id. Any error: the lease is not durable and must not be used.
  absl::Status Save(v1::LeaseRecord record);
  // Needs no space. OK too when there is none.
  absl::Status Remove(const std::string& lease_id);

  const std::string& directory() const { return directory_; }
  const std::string& boot_id() const { return boot_id_; }

 private:
  std::string PathOf(const std::string& lease_id) const;

  const std::string directory_;
  const std::string boot_id_;
  std::map<std::string, v1::LeaseRecord> leases_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_LEASE_STORE_H_
