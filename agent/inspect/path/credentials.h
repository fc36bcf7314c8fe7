// As whom an application reads and writes.
#ifndef JETTYFLEET_AGENT_INSPECT_PATH_CREDENTIALS_H_
#define JETTYFLEET_AGENT_INSPECT_PATH_CREDENTIALS_H_

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace jettyfleet {

struct Credentials {
  uid_t user = 0;
  gid_t group = 0;
  std::vector<gid_t> groups;  // further ones
};

// The effective ones of a process, from the text of its /proc/PID/status. Pure. DataLoss: not of that form.
absl::StatusOr<Credentials> ParseCredentials(absl::string_view status_text);

// Of a user by name or number, as systemd would start it; empty `user`: root; empty `group`: the user's own. NotFound:
// there is no such user or group. Asks NSS, which may block.
absl::StatusOr<Credentials> CredentialsOf(const std::string& user, const std::string& group);

// This process's own from here on, for good. Nothing to do where they are already. One thread only.
absl::Status TakeOn(const Credentials& credentials);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_INSPECT_PATH_CREDENTIALS_H_
