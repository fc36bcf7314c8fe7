// The cookies of one virtual user.
#ifndef JETTYFLEET_COORDINATOR_PROBE_COOKIE_JAR_H_
#define JETTYFLEET_COORDINATOR_PROBE_COOKIE_JAR_H_

#include <cstddef>
#include <map>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace jettyfleet {

// A plain value. RFC 6265 as far as one URL needs it: Max-Age goes before Expires, a past one deletes; Domain, Path and
// Secure are not looked at, because every request goes to the one place that sets the cookies. At most kMostCookies of
// kLongestCookie bytes; others, and those with a malformed name or value, are ignored, as browsers do.
class CookieJar {
 public:
  static constexpr std::size_t kMostCookies = 32;
  static constexpr std::size_t kLongestCookie = 4096;

  // The value of one "Set-Cookie" header that arrived at wall time `now`.
  void Store(absl::string_view set_cookie, absl::Time now);

  // The value of the "Cookie" header to send at `now`; empty: none. Forgets what has expired.
  std::string Header(absl::Time now);

  // The value of the session's cookie: the first by name whose name contains "session" in any case (JSESSIONID is
  // Jetty's; an operator may rename it). Empty: there is none.
  absl::string_view SessionValue() const;

 private:
  struct Cookie {
    std::string value;
    absl::Time expires_at = absl::InfiniteFuture();
  };
  std::map<std::string, Cookie> cookies_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_PROBE_COOKIE_JAR_H_
