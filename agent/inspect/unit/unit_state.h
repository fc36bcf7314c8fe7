// One systemd unit at the moment of an inspection: its settings for comparing, and what else is looked for by them.
#ifndef JETTYFLEET_AGENT_INSPECT_UNIT_UNIT_STATE_H_
#define JETTYFLEET_AGENT_INSPECT_UNIT_UNIT_STATE_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "proto/inspection.pb.h"

namespace jettyfleet {

// A value: no thread, no owner.
struct UnitState {
  // `error` not empty: systemd could not be asked, and nothing else in here is known. A unit that does not exist is no
  // error: its setting LoadState is "not-found". `settings` are in the order of their names; times are microseconds
  // as systemd counts them ("90000000", or "infinity"), truth is "yes" or "no", lists are joined with a space.
  v1::UnitSettingsFact facts;

  // For looking on; unmasked, so not to be passed on.
  std::string unit;       // with ".service"
  uint32_t main_pid = 0;  // 0: none, it is stopped
  std::string user;       // as the unit names it; empty: root
  std::string group;      // empty: the user's own
  std::string working_directory;
  // Environment, and over it what its environment files say. Without what systemd itself sets.
  std::map<std::string, std::string> environment;
  // argv of its (last) ExecStart.
  std::vector<std::string> exec_start;
  // Absolute, each once: ReadWritePaths, StateDirectory, LogsDirectory, CacheDirectory. Not the working directory,
  // which is one only where the unit's user may write there; InspectPaths finds out.
  std::vector<std::string> writable_paths;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_INSPECT_UNIT_UNIT_STATE_H_
