#include "common/description/address_check.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace jettyfleet {
namespace {

constexpr std::size_t kMostAddresses = 64;  // as many as nodes
constexpr std::size_t kLongestHostName = 253;
constexpr std::size_t kLongestLabel = 63;

// Parsed and not the address that stands for "any", at which nobody can be reached.
bool IsUsableIp(const std::string& text) {
  in_addr v4 = {};
  if (inet_pton(AF_INET, text.c_str(), &v4) == 1) return v4.s_addr != INADDR_ANY;
  in6_addr v6 = {};
  return inet_pton(AF_INET6, text.c_str(), &v6) == 1 && std::memcmp(&v6, &in6addr_any, sizeof v6) != 0;
}

bool IsHostName(absl::string_view text) {
  if (text.empty() || text.size() > kLongestHostName) return false;
  const std::vector<absl::string_view> labels = absl::StrSplit(text, '.');
  for (const absl::string_view label : labels) {
    if (label.empty() || label.size() > kLongestLabel || !OnlyAlnumAnd("-", label)) return false;
    if (label.front() == '-' || label.back() == '-') return false;
  }
  // A name that ends in a number is an IPv4 address with a mistake in it.
  return !std::all_of(labels.back().begin(), labels.back().end(), absl::ascii_isdigit);
}

}  // namespace

MaybeProblem CheckAddresses(const v1::ClusterDescription& description) {
  if (description.addresses().size() > kMostAddresses) {
    return ProblemAt("addresses", absl::StrCat("more than ", kMostAddresses, " nodes"));
  }
  const std::map<std::string, std::string> addresses(description.addresses().begin(), description.addresses().end());
  std::map<std::string, std::string> owners;
  for (const auto& [node, address] : addresses) {
    const std::string path = Within("addresses", node);
    if (MaybeProblem bad = CheckName(path, node)) return bad;
    const bool known =
        description.nodes_size() == 0 ||
        std::find(description.nodes().begin(), description.nodes().end(), node) != description.nodes().end();
    if (!known) {
      return ProblemAt(path, absl::StrCat(node, " is not among the cluster's nodes; add it there or remove it here"));
    }
    if (!IsUsableIp(address) && !IsHostName(address)) {
      return ProblemAt(path,
                       "must be an IPv4 address, an IPv6 address without brackets, or a host name; without a port");
    }
    const auto [owner, first] = owners.emplace(absl::AsciiStrToLower(address), node);
    if (!first) {
      return ProblemAt(path, absl::StrCat(address, " is the address of ", owner->second, " too; give each its own"));
    }
  }
  return std::nullopt;
}

bool IsHostAndPort(absl::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == absl::string_view::npos) return false;
  const absl::string_view number = text.substr(colon + 1);
  uint32_t port = 0;
  if (!OnlyAlnumAnd("", number) || !absl::SimpleAtoi(number, &port) || port < 1 || port > 65535) return false;
  absl::string_view host = text.substr(0, colon);
  const bool bracketed = absl::ConsumePrefix(&host, "[") && absl::ConsumeSuffix(&host, "]");
  const bool v6 = absl::StrContains(host, ':');
  if (bracketed != v6) return false;
  return IsUsableIp(std::string(host)) || (!v6 && IsHostName(host));
}

}  // namespace jettyfleet
