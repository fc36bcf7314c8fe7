// Actions that only look, or only bring something here: they run beside the acts, a few at a time, and nothing is
// remembered of them.
#ifndef JETTYFLEET_AGENT_ACT_LOOK_LANE_H_
#define JETTYFLEET_AGENT_ACT_LOOK_LANE_H_

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>

#include "agent/act/actor_options.h"
#include "agent/act/inspect.h"
#include "agent/act/task.h"
#include "agent/loop.h"
#include "agent/process.h"
#include "common/clock.h"
#include "proto/action.pb.h"

namespace jettyfleet {

// Changes nothing that has to be undone or told of later: predictions, inspections and what belongs to their markers,
// which have an end of their own; and stage_archive, which leaves what is in place as it is and may take long.
bool OnlyLooks(const v1::Action& action);

// Owned by the Actor, which has judged epoch and fields; loop thread only. A look waits for no act and no act for a
// look: what it found may be old when it arrives, which its asker has to allow for.
class LookLane {
 public:
  // The state directory holds scratch files while a look is under way; one that a crash has left is overwritten.
  LookLane(Loop& loop, ProcessRunner& processes, const Clock& clock, Inspector inspector, StagerOptions stager);
  // What is under way is abandoned: its program is left to the ProcessRunner, its `done` is not called.
  ~LookLane();
  LookLane(const LookLane&) = delete;
  LookLane& operator=(const LookLane&) = delete;

  // `done` is called exactly once, for a refusal (too many at once) before Run returns.
  void Run(const v1::Action& action, std::function<void(v1::ActionResult)> done);

 private:
  struct Look;

  Task<bool> Carry(Look& look);
  Task<v1::ActionResult> Answer(Look& look);
  void CollectEnded();

  Loop& loop_;
  ProcessRunner& processes_;
  const Clock& clock_;
  const Inspector inspector_;
  const StagerOptions stager_;
  uint64_t count_ = 0;
  std::list<std::unique_ptr<Look>> looks_;
  std::unique_ptr<Timer> ended_timer_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_LOOK_LANE_H_
