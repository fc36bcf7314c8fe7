#include "agent/link/peer_address.h"

#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace jettyfleet {

std::string AddressOfPeer(absl::string_view peer) {
  if (absl::ConsumePrefix(&peer, "ipv4:")) return std::string(peer.substr(0, peer.rfind(':')));
  if (!absl::ConsumePrefix(&peer, "ipv6:")) return "";
  const std::string text = absl::StrReplaceAll(peer, {{"%5B", "["}, {"%5D", "]"}});
  const std::size_t end = text.find("]:");
  if (text[0] != '[' || end == text.npos) return "";
  return text.substr(1, end - 1);
}

}  // namespace jettyfleet
