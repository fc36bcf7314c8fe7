#include "agent/act/action_log.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "agent/act/json_file.h"
#include "agent/act/outcome.h"
#include "common/proto_time.h"

namespace jettyfleet {

ActionLog::ActionLog(const std::string& state_dir) : path_(absl::StrCat(state_dir, "/actions.json")) {}

absl::Status ActionLog::Open() {
  v1::AgentState state;
  const absl::Status read = ReadJsonFile(path_, &state);
  if (!read.ok() && !absl::IsNotFound(read)) return read;
  state_ = std::move(state);
  return absl::OkStatus();
}

absl::Status ActionLog::RaiseEpoch(uint64_t epoch) {
  if (epoch <= state_.highest_epoch()) return Flush();
  state_.set_highest_epoch(epoch);
  return Save();
}

absl::Status ActionLog::Flush() { return saved_ ? absl::OkStatus() : Save(); }

const v1::ActionResult* ActionLog::Find(const std::string& action_id) const {
  const auto found = std::find_if(state_.done().begin(), state_.done().end(),
                                  [&](const v1::ActionResult& result) { return result.action_id() == action_id; });
  return found == state_.done().end() ? nullptr : &*found;
}

absl::Status ActionLog::NoteBegun(const std::string& action_id, absl::Time began_at) {
  v1::ActionResult unknown =
      Failed("the agent ended while this was under way; what it did is not known until it is observed");
  unknown.set_action_id(action_id);
  *unknown.mutable_began_at() = ToProto(began_at);
  *unknown.mutable_ended_at() = ToProto(began_at);
  const absl::Status noted = Add(unknown);
  if (noted.ok()) return noted;
  Forget(action_id);
  return absl::Status(noted.code(),
                      absl::StrCat("that it was begun cannot be recorded, so nothing was done: ", noted.message()));
}

void ActionLog::Forget(const std::string& action_id) {
  google::protobuf::RepeatedPtrField<v1::ActionResult>& done = *state_.mutable_done();
  done.erase(std::remove_if(done.begin(), done.end(),
                            [&](const v1::ActionResult& result) { return result.action_id() == action_id; }),
             done.end());
}

absl::Status ActionLog::Add(const v1::ActionResult& result) {
  Forget(result.action_id());
  *state_.add_done() = result;
  const int surplus = state_.done_size() - kRememberedActions;
  if (surplus > 0) state_.mutable_done()->DeleteSubrange(0, surplus);
  return Save();
}

absl::Status ActionLog::Save() {
  state_.set_schema(kStateSchema);
  const absl::Status written = WriteJsonFile(path_, state_);
  saved_ = written.ok();
  return written;
}

}  // namespace jettyfleet
