#include "common/description/traffic_check.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "common/description/pattern_check.h"

namespace jettyfleet {
namespace {

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

// None is given: what it would find is not judged.
MaybeProblem CheckOptionalPattern(std::string path, const std::string& pattern) {
  return pattern.empty() ? std::nullopt : CheckPatternWithGroup(std::move(path), pattern);
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
  if (MaybeProblem bad = CheckOptionalPattern("traffic.counter_pattern", traffic.counter_pattern())) return bad;
  return CheckOptionalPattern("traffic.node_pattern", traffic.node_pattern());
}

}  // namespace jettyfleet
