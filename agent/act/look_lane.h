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
#include "agent/act/task.h"
#include "agent/loop.h"
#include "agent/process.h"
#include "common/clock.h"
#include "proto/action.pb.h"

namespace jettyfleet {

// Owned by the Actor, which has judged epoch and fields; loop thread only. A look waits for no act and no act for a
// look: what it found may be old when it arrives, which its asker has to allow for.
class LookLane {
 public:
  // `options` outlive it. Their state directory holds scratch files while a look is under way; one that a crash has
  // left is overwritten.
  LookLane(Loop& loop, ProcessRunner& processes, const Clock& clock, const ActorOptions& options);
  // What is under way is abandoned: its program is left to the ProcessRunner, its `done` is not called.
  ~LookLane();
  LookLane(const LookLane&) = delete;
  LookLane& operator=(const LookLane&) = delete;

  // `done` is called exactly once, for a refusal (too many at once) before Run returns.
  void Run(const v1::Action& action, std::function<void(v1::ActionResult)> done);

 private:
  struct Look;

  Task<v1::ActionResult> Answer(Look& look);
  Task<bool> Carry(Look& look);
  void CollectEnded();

  Loop& loop_;
  ProcessRunner& processes_;
  const Clock& clock_;
  const ActorOptions& options_;
  uint64_t count_ = 0;
  std::list<std::unique_ptr<Look>> looks_;
  std::unique_ptr<Timer> ended_timer_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_LOOK_LANE_H_
