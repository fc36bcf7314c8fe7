// A file of EnvironmentFile=, read as systemd reads it. Pure.
#ifndef JETTYFLEET_AGENT_INSPECT_UNIT_ENVIRONMENT_FILE_H_
#define JETTYFLEET_AGENT_INSPECT_UNIT_ENVIRONMENT_FILE_H_

#include <map>
#include <string>

#include "absl/strings/string_view.h"

namespace jettyfleet {

// Puts the text's assignments over those in `environment`: NAME=VALUE, with '...' and "..." quotes (which may span
// lines), backslashes, comments (# and ;) and blank lines, as systemd.exec(5) describes under EnvironmentFile=. Lines
// that are no assignment of a valid name are passed over, as systemd does. Nothing is expanded. A comment ends with its
// line, as since systemd 254.
void ReadEnvironmentFile(absl::string_view text, std::map<std::string, std::string>* environment);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_INSPECT_UNIT_ENVIRONMENT_FILE_H_
