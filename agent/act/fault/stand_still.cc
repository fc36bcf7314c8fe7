#include "agent/act/fault/stand_still.h"

#include <csignal>

#include "agent/act/fault/signal_process.h"

namespace jettyfleet {
namespace {

// A JVM's threads stand still within milliseconds, save for one that waits for a disk.
constexpr absl::Duration kLongestFreeze = absl::Milliseconds(500);

}  // namespace

absl::Status StandStill(const ControlGroup& group, bool by_signal) {
  if (by_signal) return SignalGroup(group, SIGSTOP);
  if (const absl::Status asked = group.SetFrozen(true); !asked.ok()) return asked;
  return group.AwaitFrozen(kLongestFreeze);
}

absl::Status LetRun(const ControlGroup& group, bool by_signal) {
  if (by_signal) return SignalGroup(group, SIGCONT);
  const absl::Status thawed = group.SetFrozen(false);
  return absl::IsNotFound(thawed) ? absl::OkStatus() : thawed;
}

}  // namespace jettyfleet
