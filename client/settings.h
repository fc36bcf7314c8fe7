// Which coordinator, as whom, and how answers are printed.
#ifndef JETTYFLEET_CLIENT_SETTINGS_H_
#define JETTYFLEET_CLIENT_SETTINGS_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace jettyfleet {

enum class Output { kTable, kJson, kJunit };

struct Settings {
  std::string coordinator = "localhost:7411";
  std::string certs;  // directory of ca.pem, cert.pem, key.pem
  bool insecure = false;
  Output output = Output::kTable;
  std::optional<absl::Duration> timeout;  // unset: what suits the command
};

// What may stand in ~/.config/jettyfleet/client.conf: `coordinator = HOST:PORT` and `certs = DIRECTORY`, one a line,
// '#' begins a comment. Empty where it is not given.
struct SettingsFile {
  std::string coordinator;
  std::string certs;
};

// InvalidArgument names the line.
absl::StatusOr<SettingsFile> ParseSettingsFile(absl::string_view text);

// The settings where the command line says nothing: those of client.conf below `home`, and `environment` (the value of
// JETTYFLEET_COORDINATOR) before its coordinator. A missing
// file is none; a wrong one is InvalidArgument. `home` and `environment` may be empty.
absl::StatusOr<Settings> DefaultSettings(const std::string& home, const std::string& environment);

}  // namespace jettyfleet

#endif  // JETTYFLEET_CLIENT_SETTINGS_H_
