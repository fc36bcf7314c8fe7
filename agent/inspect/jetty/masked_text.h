// Configuration files as text for a comparison, without their secrets.
#ifndef JETTYFLEET_AGENT_INSPECT_JETTY_MASKED_TEXT_H_
#define JETTYFLEET_AGENT_INSPECT_JETTY_MASKED_TEXT_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "proto/inspection.pb.h"

namespace jettyfleet {

inline constexpr std::size_t kMaskedTextLimit = 64 << 10;

// The file's text, secrets masked (see mask_secrets.h), valid UTF-8, of control characters only '\n' and '\t'.
// `path` is absolute and lies below (or is) one of `roots`; otherwise, or where a symbolic link stands on the way from
// the root, or it is no regular file, `error` says so and nothing is read. Roots themselves may be links.
v1::TextFact ReadMaskedText(const std::string& path, const std::vector<std::string>& roots);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_INSPECT_JETTY_MASKED_TEXT_H_
