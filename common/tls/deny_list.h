// Certificates that are refused although they are valid, by serial.
#ifndef JETTYFLEET_COMMON_TLS_DENY_LIST_H_
#define JETTYFLEET_COMMON_TLS_DENY_LIST_H_

#include <sys/stat.h>

#include <cstdint>
#include <set>
#include <string>

#include "common/mutex.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace jettyfleet {

// The serials in a deny list: one hexadecimal serial a line; empty lines and what follows '#' do not count.
// InvalidArgument names the line that is neither.
absl::StatusOr<std::set<std::string>> ParseDenyList(absl::string_view text);

// Owned by main; any thread may call it. Looks at the file at every check (one stat, microseconds) and reads it again
// when it has changed. Fails closed: while the file is missing, unreadable or malformed, everyone is refused, since a
// certificate that was to be shut out must not come in by way of a typing error. It does not end streams that are
// already open: check the callers of long streams again from time to time.
class DenyList {
 public:
  // An empty path: there is no list, and nobody is denied.
  explicit DenyList(std::string path);

  // OK: not denied. PermissionDenied: on the list. Unavailable: the list cannot be used; the message says why.
  absl::Status Check(absl::string_view serial);

 private:
  struct Version {
    bool there = false;
    uint64_t inode = 0;
    int64_t size_bytes = 0;
    int64_t changed_ns = 0;
    bool operator==(const Version&) const = default;
  };

  Version Look() const;
  void Reread(const Version& version) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string path_;
  Mutex mutex_;
  bool read_once_ ABSL_GUARDED_BY(mutex_) = false;
  Version version_ ABSL_GUARDED_BY(mutex_);
  absl::Status usable_ ABSL_GUARDED_BY(mutex_);
  std::set<std::string> serials_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COMMON_TLS_DENY_LIST_H_
