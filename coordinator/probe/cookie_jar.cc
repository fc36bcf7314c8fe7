#include "coordinator/probe/cookie_jar.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace jettyfleet {
namespace {

// RFC 6265's date in its usual form, and Netscape's with dashes, which Jetty sends.
constexpr const char* kDateFormats[] = {"%a, %d %b %Y %H:%M:%S GMT", "%a, %d-%b-%Y %H:%M:%S GMT"};

bool IsName(absl::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return absl::ascii_isgraph(c) && !absl::StrContains("()<>@,;:\\\"/[]?={}", c);
  });
}

// What may go back into a header as it came: nothing that could end the line or the cookie.
bool IsValue(absl::string_view value) {
  return std::all_of(value.begin(), value.end(), [](char c) { return absl::ascii_isprint(c) && c != ';'; });
}

std::pair<absl::string_view, absl::string_view> NameAndValue(absl::string_view part) {
  const std::pair<absl::string_view, absl::string_view> split = absl::StrSplit(part, absl::MaxSplits('=', 1));
  return {absl::StripAsciiWhitespace(split.first), absl::StripAsciiWhitespace(split.second)};
}

// InfiniteFuture when no attribute says otherwise.
absl::Time ExpiryOf(const std::vector<absl::string_view>& parts, absl::Time now) {
  absl::Time expires_at = absl::InfiniteFuture();
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const auto [name, value] = NameAndValue(parts[i]);
    if (absl::EqualsIgnoreCase(name, "Max-Age")) {
      int64_t seconds = 0;
      if (absl::SimpleAtoi(value, &seconds)) return seconds <= 0 ? absl::InfinitePast() : now + absl::Seconds(seconds);
    } else if (absl::EqualsIgnoreCase(name, "Expires")) {
      for (const char* const format : kDateFormats) {
        absl::Time date;
        if (absl::ParseTime(format, std::string(value), &date, nullptr)) expires_at = date;
      }
    }
  }
  return expires_at;
}

}  // namespace

void CookieJar::Store(absl::string_view set_cookie, absl::Time now) {
  const std::vector<absl::string_view> parts = absl::StrSplit(set_cookie, ';');
  if (!absl::StrContains(parts[0], '=')) return;
  const auto [name, value] = NameAndValue(parts[0]);
  if (name.size() + value.size() > kLongestCookie || !IsName(name) || !IsValue(value)) return;
  const absl::Time expires_at = ExpiryOf(parts, now);
  if (expires_at <= now) {
    cookies_.erase(std::string(name));
    return;
  }
  if (cookies_.size() >= kMostCookies && cookies_.count(std::string(name)) == 0) return;
  cookies_[std::string(name)] = Cookie{std::string(value), expires_at};
}

std::string CookieJar::Header(absl::Time now) {
  std::string header;
  for (auto it = cookies_.begin(); it != cookies_.end();) {
    if (it->second.expires_at <= now) {
      it = cookies_.erase(it);
      continue;
    }
    absl::StrAppend(&header, header.empty() ? "" : "; ", it->first, "=", it->second.value);
    ++it;
  }
  return header;
}

absl::string_view CookieJar::SessionValue() const {
  for (const auto& [name, cookie] : cookies_) {
    if (absl::StrContains(absl::AsciiStrToLower(name), "session")) return cookie.value;
  }
  return {};
}

}  // namespace jettyfleet
