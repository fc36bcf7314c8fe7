// The markers that this host has left: one small file for each, written before the marker and removed after it.
#ifndef JETTYFLEET_AGENT_INSPECT_MARKER_MARKER_STORE_H_
#define JETTYFLEET_AGENT_INSPECT_MARKER_MARKER_STORE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "proto/marker_record.pb.h"

namespace jettyfleet {

// "jettyfleet-marker-" and 1 to 80 of a-z, 0-9 and "-": such a name cannot lead out of a directory.
bool IsMarkerName(const std::string& name);

// STATE_DIR/markers/. Holds nothing in memory: every process sees what the others did. Any thread.
class MarkerStore {
 public:
  explicit MarkerStore(const std::string& state_dir);

  // Durable once OK. AlreadyExists: that marker is recorded already, so its name is not new. ResourceExhausted: 100
  // are, or the disk is full.
  absl::Status Add(v1::MarkerRecord record) const;

  // NotFound: no such record. DataLoss: damaged; the message names the file and says what to do.
  absl::StatusOr<v1::MarkerRecord> Read(const std::string& marker) const;

  // Those recorded, in the order of their names; empty where there is no such directory.
  absl::StatusOr<std::vector<std::string>> List() const;

  // OK too where there is none. Needs no space.
  absl::Status Remove(const std::string& marker) const;

 private:
  std::string PathOf(const std::string& marker) const;

  const std::string directory_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_INSPECT_MARKER_MARKER_STORE_H_
