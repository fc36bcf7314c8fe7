#include "agent/act/fault/peers.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "agent/act/fault/addresses.h"
#include "agent/act/outcome.h"

namespace jettyfleet {
namespace {

// Of fields.cc's bound for partition_node.
constexpr size_t kMostPeers = 64;

std::vector<std::string> LinksCommand() { return {"corosync-cfgtool", "-n"}; }

// Empty: the line names no address in the expected place.
std::string PeerOf(absl::string_view line) {
  const size_t arrow = line.find("->");
  const size_t end = line.find(')', arrow == absl::string_view::npos ? 0 : arrow);
  if (arrow == absl::string_view::npos || end == absl::string_view::npos) return "";
  return CanonicalAddress(std::string(line.substr(arrow + 2, end - arrow - 2)));
}

}  // namespace

absl::StatusOr<std::vector<std::string>> ParsePeers(absl::string_view text) {
  std::vector<std::string> peers;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    line = absl::StripLeadingAsciiWhitespace(line);
    if (!absl::StartsWith(line, "LINK:")) continue;
    std::string peer = PeerOf(line);
    if (peer.empty()) {
      return absl::UnavailableError(absl::StrCat("corosync-cfgtool -n: no peer's address in \"", OneLine(line), "\""));
    }
    if (std::count(peers.begin(), peers.end(), peer) == 0) peers.push_back(std::move(peer));
  }
  if (peers.empty()) return absl::UnavailableError("corosync-cfgtool -n tells of no link to another node");
  if (peers.size() > kMostPeers) {
    return absl::UnavailableError(absl::StrCat("corosync-cfgtool -n tells of ", peers.size(), " peers, at most ",
                                               kMostPeers, " can be cut off"));
  }
  return peers;
}

Task<absl::StatusOr<std::vector<std::string>>> ReadPeers(Tools& tools) {
  const CommandResult result = co_await tools.Run(LinksCommand());
  if (!result.status.ok() || result.exit_code != 0) {
    co_return absl::UnavailableError(absl::StrCat("corosync-cfgtool -n: ", WhyItFailed(result)));
  }
  co_return ParsePeers(result.out);
}

}  // namespace jettyfleet
