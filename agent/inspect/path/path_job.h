// What the path worker is asked to do, as the arguments that it is started with. Pure.
#ifndef JETTYFLEET_AGENT_INSPECT_PATH_PATH_JOB_H_
#define JETTYFLEET_AGENT_INSPECT_PATH_PATH_JOB_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace jettyfleet {

struct PathJob {
  enum class Kind {
    kInspect,  // answers a PathFact for each path
    // These answer a MarkerSighting for each path and marker, in an ActionResult.
    kPlaceMarker,  // seen: it is there, with `content`
    kLookForMarker,
    kRemoveMarker,  // seen: it is still there
  };
  Kind kind = Kind::kInspect;
  // Whose mount namespace and user; 0: this program's namespace, and `user` and `group` as a unit names them.
  uint32_t main_pid = 0;
  std::string user;
  std::string group;
  std::vector<std::string> markers;  // one for placing and removing
  std::string content;               // for placing
  std::vector<std::string> paths;
};

inline constexpr char kPathWorkerName[] = "look-at-paths";

// Without the program: kPathWorkerName first.
std::vector<std::string> ToArguments(const PathJob& job);

// InvalidArgument: not what ToArguments makes.
absl::StatusOr<PathJob> FromArguments(const std::vector<std::string>& arguments);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_INSPECT_PATH_PATH_JOB_H_
