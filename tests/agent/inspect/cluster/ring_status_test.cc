#include "agent/inspect/cluster/ring_status.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace jettyfleet {
namespace {

// "LINK ADDRESS[disconnected...]" each, or the error.
std::string Text(const v1::RingFact& fact) {
  std::string text = fact.error().empty() ? "" : absl::StrCat("error: ", fact.error());
  for (const v1::RingLinkFact& link : fact.links()) {
    absl::StrAppend(&text, text.empty() ? "" : " ", link.link(), " ", link.address(), "[",
                    absl::StrJoin(link.disconnected(), " "), "]");
  }
  return text;
}

constexpr char kHealthy[] =
    "Local node ID 1, transport knet\n"
    "LINK ID 0 udp\n"
    "\taddr\t= 10.0.0.1\n"
    "\tstatus:\n"
    "\t\tnodeid:          1:\tlocalhost\n"
    "\t\tnodeid:          2:\tconnected\n"
    "\t\tnodeid:          3:\tconnected\n";

TEST(ParseRingStatus, ReadsLinksAndTheirPeers) {
  const struct {
    std::string text;
    const char* links;
  } cases[] = {
      {kHealthy, "0 10.0.0.1[]"},
      {absl::StrCat(kHealthy,
                    "LINK ID 1 udp\n\taddr\t= fd00::1\n\tstatus:\n\t\tnodeid:          1:\tlocalhost\n"
                    "\t\tnodeid:          2:\tdisconnected\n\t\tnodeid:          3:\tdisconnected\n"),
       "0 10.0.0.1[] 1 fd00::1[2 3]"},
      // A word that is not known is no connection.
      {"LINK ID 0 udp\n\taddr\t= a\n\tstatus:\n\t\tnodeid:          2:\t?\n", "0 a[2]"},
      // As corosync-cfgtool(8) shows it.
      {"LINK ID 0\n        addr    = 192.168.100.80\n        status:\n                nodeid  1:      localhost\n"
       "                nodeid  2:      connected\n",
       "0 192.168.100.80[]"},
      {"Local node ID 1, transport udpu\nLINK ID 0 udp\n\taddr\t= 10.0.0.1\n\tstatus\t= OK\n", "0 10.0.0.1[]"},
      {"LINK ID 0 udp\n\taddr\t= 10.0.0.1\n\tstatus\t= FAULTY\n", "0 10.0.0.1[all]"},
      {"", "error: corosync-cfgtool -s printed no links with a status"},
      {"Could not initialize corosync configuration API error 2\n",
       "error: corosync-cfgtool -s printed no links with a status"},
      {"LINK ID 0 udp\n\taddr\t= a\n", "error: corosync-cfgtool -s printed no links with a status"},
      {absl::StrCat("LINK ID 0 udp\n\taddr\t= a\n", kHealthy),
       "error: corosync-cfgtool -s printed no links with a status"},
      {"LINK ID x udp\n\tstatus\t= OK\n", "error: corosync-cfgtool -s printed no links with a status"},
  };
  for (const auto& test : cases) EXPECT_EQ(Text(ParseRingStatus(test.text)), test.links) << test.text;
}

}  // namespace
}  // namespace jettyfleet
