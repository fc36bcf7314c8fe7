// The release of the operating system. Pure.
#ifndef JETTYFLEET_AGENT_INSPECT_HOST_OS_RELEASE_H_
#define JETTYFLEET_AGENT_INSPECT_HOST_OS_RELEASE_H_

#include <string>

#include "absl/strings/string_view.h"

namespace jettyfleet {

// PRETTY_NAME of os-release(5), unquoted; "Linux", which the manual gives as its default, where it is not set.
std::string PrettyNameOf(absl::string_view os_release);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_INSPECT_HOST_OS_RELEASE_H_
