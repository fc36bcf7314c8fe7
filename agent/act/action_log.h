// What this agent must not forget about the actions it was given: the highest epoch and the results of what it did.
#ifndef JETTYFLEET_AGENT_ACT_ACTION_LOG_H_
#define JETTYFLEET_AGENT_ACT_ACTION_LOG_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "proto/agent_state.pb.h"

namespace jettyfleet {

inline constexpr int kRememberedActions = 1000;

// STATE_DIR/actions.json, rewritten whole. Owned by the Actor; loop thread only; calls block for a sync.
class ActionLog {
 public:
  explicit ActionLog(const std::string& state_dir);

  // DataLoss: the file is damaged or another version's; the message says what to do. Nothing is ever reset silently.
  absl::Status Open();

  uint64_t highest_epoch() const { return state_.highest_epoch(); }
  // Higher than ever before: remembered at once, and durable when OK.
  absl::Status RaiseEpoch(uint64_t epoch);
  // Whether everything that is remembered is on the disk; tries once more where it is not.
  absl::Status Flush();

  // Null: not done, or too long ago.
  const v1::ActionResult* Find(const std::string& action_id) const;
  // Before something that must not be done twice: from now on, and after this agent's death, the id has been done, with
  // an effect that is not known until Add tells it. Not OK: it is not durable, and nothing is remembered.
  absl::Status NoteBegun(const std::string& action_id, absl::Time began_at);
  // Remembered at once, and durable when OK. Takes the place of an earlier result of that id.
  absl::Status Add(const v1::ActionResult& result);

 private:
  // In memory.
  void Forget(const std::string& action_id);
  absl::Status Save();

  const std::string path_;
  v1::AgentState state_;
  bool saved_ = true;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_ACTION_LOG_H_
