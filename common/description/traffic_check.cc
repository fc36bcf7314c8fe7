#include "common/description/traffic_check.h"

#include <re2/re2.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace jettyfleet {
namespace {

constexpr std::size_t kLongestPattern = 256;

MaybeProblem CheckUrl(const std::string& path, absl::string_view url) {
  const MaybeProblem bad =
      ProblemAt(path, "must be http://HOST[:PORT]/PATH of the load balancer, without user and fragment");
  absl::string_view rest = url;
  if (url.size() > kLongestText || !PrintableWithoutSpaces(url) || !absl::ConsumePrefix(&rest, "http://")) return bad;
  const std::size_t slash = rest.find('/');
  if (slash == absl::string_view::npos || absl::StrContains(rest, '#')) return bad;
  absl::string_view host = rest.substr(0, slash);
  const std::size_t colon = host.rfind(':');
  if (colon != absl::string_view::npos && !absl::EndsWith(host, "]")) {
    uint32_t port = 0;
    if (!absl::SimpleAtoi(host.substr(colon + 1), &port) || port < 1 || port > 65535) return bad;
    host = host.substr(0, colon);
  }
  const bool bracketed = absl::ConsumePrefix(&host, "[");
  if (bracketed && !absl::ConsumeSuffix(&host, "]")) return bad;
  if (host.empty() || !OnlyAlnumAnd(bracketed ? ":." : "-.", host)) return bad;
  return std::nullopt;
}

MaybeProblem CheckPattern(std::string path, const std::string& pattern) {
  if (pattern.empty()) return std::nullopt;
  if (pattern.size() > kLongestPattern) {
    return ProblemAt(std::move(path), absl::StrCat("longer than ", kLongestPattern, " bytes"));
  }
  // The traffic probe's own engine and options: what passes here can be used there.
  RE2::Options options(RE2::Latin1);
  options.set_log_errors(false);
  options.set_max_mem(1 << 20);
  const RE2 compiled(pattern, options);
  if (!compiled.ok()) {
    return ProblemAt(std::move(path), absl::StrCat("is not a regular expression (RE2): ", compiled.error()));
  }
  if (compiled.NumberOfCapturingGroups() == 1) return std::nullopt;
  return ProblemAt(std::move(path), "must have exactly one group ( ) around what is looked for");
}

}  // namespace

MaybeProblem CheckTrafficFields(const v1::TrafficDescription& traffic) {
  if (MaybeProblem bad = CheckUrl("traffic.url", traffic.url())) return bad;
  if (MaybeProblem bad = CheckRange("traffic.requests_per_second", traffic.requests_per_second(), 1, 5000)) return bad;
  if (MaybeProblem bad = CheckRange("traffic.virtual_users", traffic.virtual_users(), 1, 1000)) return bad;
  if (MaybeProblem bad = CheckDuration("traffic.timeout", traffic.timeout(), absl::Milliseconds(10), absl::Minutes(1),
                                       absl::Milliseconds(1))) {
    return bad;
  }
  if (MaybeProblem bad = CheckPattern("traffic.counter_pattern", traffic.counter_pattern())) return bad;
  return CheckPattern("traffic.node_pattern", traffic.node_pattern());
}

}  // namespace jettyfleet
