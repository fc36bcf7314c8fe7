// One directory, looked at and marked from within a child process that may hang in it.
#ifndef JETTYFLEET_AGENT_INSPECT_PATH_PATH_PROBE_H_
#define JETTYFLEET_AGENT_INSPECT_PATH_PATH_PROBE_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/inspect/path/credentials.h"
#include "agent/inspect/path/mountinfo.h"
#include "proto/inspection.pb.h"

namespace jettyfleet {

// One for one path, in a process of its own that ends after one call: the process takes on the unit's user in it. What
// root may not do is tried again as that user: a file server may trust root less than anybody ("root_squash").
class PathProbe {
 public:
  // `who` is called when the user is needed, at most once; looking it up may block.
  PathProbe(std::string path, std::function<absl::StatusOr<Credentials>()> who);

  // All but `source`, the disk's identity and `marked`. `writable` is by access rights alone where `mounts` are not of
  // a running unit.
  v1::PathFact Inspect(const std::vector<Mount>& mounts);

  // `resource` is left empty. Each goes by the marker's name below the directory, and follows no link there. The marker
  // is made as the unit's user, so that it can be only where the application itself could make it.
  v1::MarkerSighting Place(const std::string& marker, const std::string& content);
  v1::MarkerSighting Look(const std::string& marker);
  v1::MarkerSighting Remove(const std::string& marker);

 private:
  // 0 or an errno. Calls `work` as who this process is, and once more as the unit's user where that is refused.
  int AsWhoMay(const std::function<int()>& work);
  bool BecomeUser();
  int OpenDirectory();
  void JudgeWritable(v1::PathFact* fact);

  const std::string path_;
  const std::function<absl::StatusOr<Credentials>()> who_;
  absl::Status user_ = absl::UnknownError("not needed yet");
  bool tried_user_ = false;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_INSPECT_PATH_PATH_PROBE_H_
