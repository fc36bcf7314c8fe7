// Which failures of instances Pacemaker is to be told of at once, instead of finding them with its next monitor. Pure
// but for what it remembers.
#ifndef JETTYFLEET_COORDINATOR_RECOVER_RECOVER_WATCH_H_
#define JETTYFLEET_COORDINATOR_RECOVER_RECOVER_WATCH_H_

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "coordinator/fleet/view.h"
#include "coordinator/recover/silence.h"

namespace jettyfleet {

// One for each cluster; core thread only. It knows nothing of what happened before it was made: an instance counts from
// when it was first seen to run. For resources that are described with `recover: at-once`.
//
// A unit that no longer runs is Pacemaker's to be told of only where nothing explains it: the DC has to have looked
// since and say that the cluster is at rest and expects the instance there, managed; no operation, lease or lock of
// ours may be under way, nor maintenance mode. One failure is told once, one instance at most every 30 s, one cluster
// at most five times in ten minutes: what fails faster than that is not mended by haste.
class RecoverWatch {
 public:
  struct Failure {
    std::string primitive;
    std::string node;
    std::string what;  // "unit jetty9.service is failed"
  };
  struct Todo {
    std::string look;                // this node (the DC) has to read cluster and CIB again; empty: none
    std::vector<std::string> probe;  // these nodes have to read units, ports and HTTP again
    std::optional<Failure> tell;     // the DC's agent is to be told so
    std::vector<std::string> say;    // why something was not told, one line each
    bool again = false;              // call Step again soon, also without a change
  };

  // `busy`: an operation, an apply or a change of the load balancers is under way. Call it when the view has changed.
  Todo Step(const ClusterView& view, bool busy, absl::Time now);

 private:
  struct Instance {
    std::string running;  // the process that was last seen; empty: none yet
    absl::Time ended_at = absl::InfinitePast();
    // Told, or explained: nothing more to do for this end.
    bool settled = false;
    absl::Time told_at = absl::InfinitePast();
    Silence silence;         // of the process that runs
    bool postponed = false;  // that its silence is told later has been said
  };
  // One Step's inputs.
  struct Moment {
    const ClusterView& view;
    bool busy;
    absl::Time now;
  };

  // The unit runs as a process that may be another than before.
  void NoteRunning(const v1::UnitFact& unit, Instance* instance);
  // The unit runs no more.
  void FollowEnd(const Moment& moment, const v1::ResourceDescription& resource, const std::string& node,
                 const v1::UnitFact& unit, Instance* instance, Todo* todo);
  // The unit runs.
  void FollowSilence(const Moment& moment, const v1::ResourceDescription& resource, const std::string& node,
                     const v1::UnitFact& unit, Instance* instance, Todo* todo);
  // Empty: it may be told now. Otherwise why not, for the end of a line.
  std::string Limit(const Instance& instance, absl::Time now);
  void Tell(Failure failure, absl::Time now, Instance* instance, Todo* todo);

  std::map<std::pair<std::string, std::string>, Instance> instances_;  // by resource and node
  std::deque<absl::Time> told_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_RECOVER_RECOVER_WATCH_H_
