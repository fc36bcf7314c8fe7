#include "coordinator/probe/http_url.h"

#include <arpa/inet.h>

#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace jettyfleet {
namespace {

constexpr std::size_t kLongestUrl = 2048;
constexpr std::size_t kLongestHost = 253;
constexpr absl::string_view kScheme = "http://";

absl::Status Wrong(absl::string_view url, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("traffic url \"", absl::CHexEscape(url.substr(0, 200)), "\": ", what));
}

bool IsAddress(int family, const std::string& text) {
  unsigned char address[sizeof(in6_addr)];
  return inet_pton(family, text.c_str(), address) == 1;
}

// Letters, digits, '-' and '_' between dots; only digits and dots must be an IPv4 address ("10.0.0.300" is a slip of
// the pen, and no name).
bool IsHost(const std::string& host) {
  if (host.empty() || host.size() > kLongestHost) return false;
  bool numeric = true;
  char before = '.';
  for (const char c : host) {
    if (c == '.' ? before == '.' : !(absl::ascii_isalnum(c) || c == '-' || c == '_')) return false;
    if (c != '.' && !absl::ascii_isdigit(c)) numeric = false;
    before = c;
  }
  return before != '.' && before != '-' && (!numeric || IsAddress(AF_INET, host));
}

}  // namespace

absl::StatusOr<HttpUrl> ParseHttpUrl(absl::string_view url) {
  if (url.size() > kLongestUrl) return Wrong(url, absl::StrCat("is longer than ", kLongestUrl, " bytes"));
  for (const char c : url) {
    if (!absl::ascii_isgraph(c)) return Wrong(url, "has a space or a character that is not printable ASCII");
  }
  if (absl::StartsWithIgnoreCase(url, "https://")) return Wrong(url, "the probe speaks plain http only");
  if (!absl::StartsWithIgnoreCase(url, kScheme)) return Wrong(url, "must be http://HOST[:PORT]/PATH");
  if (absl::StrContains(url, "#")) return Wrong(url, "must not have a fragment (#)");

  const absl::string_view rest = url.substr(kScheme.size());
  const std::size_t end = rest.find_first_of("/?");
  absl::string_view authority = rest.substr(0, end);
  HttpUrl parsed;
  parsed.target = end == absl::string_view::npos ? "/" : std::string(rest.substr(end));
  if (parsed.target[0] == '?') parsed.target.insert(0, "/");
  if (absl::StrContains(authority, "@")) return Wrong(url, "must not name a user");

  const bool bracketed = absl::StartsWith(authority, "[");
  const std::size_t host_end = bracketed ? authority.find(']') : authority.find(':');
  if (bracketed && host_end == absl::string_view::npos) return Wrong(url, "the bracket of its address is not closed");
  parsed.host = std::string(bracketed ? authority.substr(1, host_end - 1) : authority.substr(0, host_end));
  if (bracketed ? !IsAddress(AF_INET6, parsed.host) : !IsHost(parsed.host)) {
    return Wrong(url, "the host is neither a name nor an address");
  }
  const std::size_t after_host = bracketed ? host_end + 1 : host_end;
  const absl::string_view port = after_host < authority.size() ? authority.substr(after_host) : absl::string_view();
  if (!port.empty()) {
    uint32_t number = 0;
    // SimpleAtoi would take a sign and spaces.
    if (port[0] != ':' || port.size() < 2 || !absl::ascii_isdigit(port[1]) ||
        !absl::SimpleAtoi(port.substr(1), &number) || number == 0 || number > 65535) {
      return Wrong(url, "the port must be 1 to 65535");
    }
    parsed.port = static_cast<uint16_t>(number);
  }
  const std::string host = bracketed ? absl::StrCat("[", parsed.host, "]") : parsed.host;
  parsed.host_header = parsed.port == 80 ? host : absl::StrCat(host, ":", parsed.port);
  return parsed;
}

}  // namespace jettyfleet
