#include "coordinator/probe/traffic_settings.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

constexpr absl::Duration kShortestTimeout = absl::Milliseconds(10);
constexpr absl::Duration kLongestTimeout = absl::Minutes(1);
// Of a compiled pattern; one that wants more is refused.
constexpr int64_t kPatternMemoryBytes = 1 << 20;

absl::Status CheckPattern(const char* field, const std::string& pattern, std::unique_ptr<RE2>* compiled) {
  if (pattern.empty()) return absl::OkStatus();
  if (pattern.size() > kLongestPattern) {
    return absl::InvalidArgumentError(absl::StrCat("traffic ", field, " is longer than ", kLongestPattern, " bytes"));
  }
  // Latin-1: bodies are bytes, and one that is not valid UTF-8 must match all the same.
  RE2::Options options(RE2::Latin1);
  options.set_log_errors(false);
  options.set_max_mem(kPatternMemoryBytes);
  auto made = std::make_unique<RE2>(pattern, options);
  if (!made->ok()) {
    return absl::InvalidArgumentError(absl::StrCat("traffic ", field, " is not a regular expression: ", made->error()));
  }
  if (made->NumberOfCapturingGroups() != 1) {
    return absl::InvalidArgumentError(absl::StrCat("traffic ", field, " has ", made->NumberOfCapturingGroups(),
                                                   " groups in parentheses and must have exactly one"));
  }
  *compiled = std::move(made);
  return absl::OkStatus();
}

absl::Status CheckRange(const char* field, uint32_t value, uint32_t most) {
  if (value <= most) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("traffic ", field, " is ", value, " and may be at most ", most));
}

std::string FindGroup(const RE2* pattern, const std::string& body) {
  re2::StringPiece group;
  if (pattern == nullptr || !RE2::PartialMatch(body, *pattern, &group)) return "";
  return std::string(group.data(), group.size());
}

}  // namespace

absl::StatusOr<TrafficSettings> CheckTraffic(const v1::TrafficDescription& description) {
  TrafficSettings settings;
  absl::StatusOr<HttpUrl> url = ParseHttpUrl(description.url());
  if (!url.ok()) return url.status();
  settings.url = *std::move(url);
  const uint32_t rate = description.requests_per_second();
  if (absl::Status good = CheckRange("requests_per_second", rate, kMostRequestsPerSecond); !good.ok()) return good;
  if (rate > 0) settings.requests_per_second = rate;
  const uint32_t users = description.virtual_users();
  if (absl::Status good = CheckRange("virtual_users", users, kMostVirtualUsers); !good.ok()) return good;
  if (users > 0) settings.virtual_users = users;
  if (description.has_timeout() && FromProto(description.timeout()) != absl::ZeroDuration()) {
    settings.timeout = FromProto(description.timeout());
    if (settings.timeout < kShortestTimeout || settings.timeout > kLongestTimeout) {
      return absl::InvalidArgumentError(absl::StrCat("traffic timeout is ", absl::FormatDuration(settings.timeout),
                                                     " and must be ", absl::FormatDuration(kShortestTimeout), " to ",
                                                     absl::FormatDuration(kLongestTimeout)));
    }
  }
  if (absl::Status good = CheckPattern("counter_pattern", description.counter_pattern(), &settings.counter_pattern);
      !good.ok()) {
    return good;
  }
  if (absl::Status good = CheckPattern("node_pattern", description.node_pattern(), &settings.node_pattern);
      !good.ok()) {
    return good;
  }
  return settings;
}

SessionEvidence ReadEvidence(const TrafficSettings& settings, const std::string& body, std::string cookie) {
  SessionEvidence evidence;
  evidence.cookie = std::move(cookie);
  uint64_t counter = 0;
  if (absl::SimpleAtoi(FindGroup(settings.counter_pattern.get(), body), &counter)) evidence.counter = counter;
  std::string node = FindGroup(settings.node_pattern.get(), body);
  if (node.size() <= kLongestNodeName) evidence.node = std::move(node);
  return evidence;
}

}  // namespace jettyfleet
