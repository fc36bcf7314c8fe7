// The agent's one-shots: for timers, for boot, and for operators on a host. They need no coordinator and no running
// agent, and may run beside one.
#ifndef JETTYFLEET_AGENT_ACT_UNDO_H_
#define JETTYFLEET_AGENT_ACT_UNDO_H_

#include <ostream>
#include <string>

#include "agent/act/actor_options.h"
#include "agent/loop.h"
#include "agent/process.h"
#include "common/clock.h"

namespace jettyfleet {

// Each runs the loop until it is done and returns the process's exit code: 0 when nothing is left to do, 1 when
// something could not be undone (a timer's unit then tries again), 2 for a wrong argument. One line on `out` for each
// thing that was undone, and one for each that was not, with the reason.
struct OneShot {
  Loop& loop;
  ProcessRunner& processes;
  const Clock& clock;
  const ActorOptions& options;
  std::ostream& out;

  // Ends one lease, whether its time is over or not. 0 too when there is none.
  int UndoOne(const std::string& lease_id);
  // Everything of ours on this host, and in its cluster where it is a node of one: rules, standby sets, the lock,
  // HAProxy servers and faults that are recorded here, tables of the packet filter, timers and records. Without quorum
  // the CIB is left alone, and that is 1.
  int UndoAll();
  // At boot. What waits for the cluster is left to the agent, and that is 0.
  int Sweep();
};

// The same with the system's clock and standard output.
int UndoOne(Loop& loop, ProcessRunner& processes, const ActorOptions& options, const std::string& lease_id);
int UndoAll(Loop& loop, ProcessRunner& processes, const ActorOptions& options);
int Sweep(Loop& loop, ProcessRunner& processes, const ActorOptions& options);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_UNDO_H_
