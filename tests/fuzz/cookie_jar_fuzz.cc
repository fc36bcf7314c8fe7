// Set-Cookie headers, one a line, as servers send them.
#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "coordinator/probe/cookie_jar.h"
#include "tests/fuzz/demand.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using jettyfleet::CookieJar;
  using jettyfleet::Demand;
  const absl::Time now = absl::FromUnixSeconds(1795424400);
  CookieJar jar;
  for (const absl::string_view line :
       absl::StrSplit(absl::string_view(reinterpret_cast<const char*>(data), size), '\n')) {
    jar.Store(line, now);
  }
  const std::string header = jar.Header(now);
  Demand(header == jar.Header(now), "a header says the same twice");
  Demand(std::all_of(header.begin(), header.end(), absl::ascii_isprint), "a header stays one line");
  Demand(header.size() <= CookieJar::kMostCookies * (CookieJar::kLongestCookie + 3), "a header is bounded");
  const std::vector<absl::string_view> cookies = absl::StrSplit(header, "; ", absl::SkipEmpty());
  Demand(cookies.size() <= CookieJar::kMostCookies, "cookies are few");
  const absl::string_view session = jar.SessionValue();
  Demand(header.find(std::string(session)) != std::string::npos, "a session's value is sent");
  CookieJar again;
  for (const absl::string_view cookie : cookies) again.Store(cookie, now);
  Demand(again.Header(now) == header, "what is sent would be taken");
  return 0;
}
