#include "agent/inspect/cluster/ring_status.h"

#include <cstdint>
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

constexpr int kMaxLinks = 64;
constexpr int kMaxPeers = 1024;

// "LINK ID 0 udp"; without the transport before 3.1.
bool TakeLink(absl::string_view line, v1::RingFact* fact) {
  if (!absl::ConsumePrefix(&line, "LINK ID ")) return false;
  uint32_t number = 0;
  if (!absl::SimpleAtoi(line.substr(0, line.find(' ')), &number) || fact->links_size() >= kMaxLinks) return false;
  fact->add_links()->set_link(number);
  return true;
}

// "nodeid:          2:	disconnected", or "nodeid  2:	connected".
bool TakePeer(absl::string_view line, v1::RingLinkFact* link) {
  if (!absl::ConsumePrefix(&line, "nodeid")) return false;
  absl::ConsumePrefix(&line, ":");
  const std::vector<absl::string_view> parts = absl::StrSplit(line, absl::MaxSplits(':', 1));
  uint32_t number = 0;
  if (parts.size() != 2 || !absl::SimpleAtoi(absl::StripAsciiWhitespace(parts[0]), &number)) return false;
  const absl::string_view state = absl::StripAsciiWhitespace(parts[1]);
  if (state == "connected" || state == "localhost") return true;
  if (link->disconnected_size() < kMaxPeers) link->add_disconnected(absl::StrCat(number));
  return true;
}

// The value of "addr	= 10.0.0.1"; empty for another name.
absl::string_view ValueOf(absl::string_view line, absl::string_view name) {
  if (!absl::ConsumePrefix(&line, name)) return "";
  line = absl::StripLeadingAsciiWhitespace(line);
  return absl::ConsumePrefix(&line, "=") ? absl::StripAsciiWhitespace(line) : absl::string_view();
}

}  // namespace

v1::RingFact ParseRingStatus(absl::string_view text) {
  v1::RingFact fact;
  bool has_status = true;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    line = absl::StripAsciiWhitespace(line);
    if (TakeLink(line, &fact)) {
      if (!has_status) break;
      has_status = false;
      continue;
    }
    if (fact.links_size() == 0) continue;
    v1::RingLinkFact* const link = fact.mutable_links(fact.links_size() - 1);
    if (const absl::string_view address = ValueOf(line, "addr"); !address.empty()) {
      link->set_address(std::string(address));
    } else if (const absl::string_view status = ValueOf(line, "status"); !status.empty()) {
      has_status = true;
      if (status != "OK") link->add_disconnected("all");
    } else if (TakePeer(line, link)) {
      has_status = true;
    }
  }
  if (fact.links_size() > 0 && has_status) return fact;
  fact.clear_links();
  fact.set_error("corosync-cfgtool -s printed no links with a status");
  return fact;
}

}  // namespace jettyfleet
