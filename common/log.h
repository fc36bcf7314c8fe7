// The daemons' log: one line an event, to stderr (journald under systemd). The only translation unit that includes
// spdlog is log.cc, because its headers are dear to compile.
#ifndef JETTYFLEET_COMMON_LOG_H_
#define JETTYFLEET_COMMON_LOG_H_

#include "absl/strings/string_view.h"

namespace jettyfleet {

// Any thread. Never fails, never blocks on anything but stderr.
void LogDebug(absl::string_view line);
void LogInfo(absl::string_view line);
void LogWarning(absl::string_view line);
void LogError(absl::string_view line);

// Call once at the start of main. With `debug`, LogDebug prints too. Under systemd (JOURNAL_STREAM is set) lines
// carry a priority prefix instead of a time, since journald adds its own.
void SetUpLog(bool debug);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COMMON_LOG_H_
