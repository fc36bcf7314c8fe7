#include "agent/link/peer_address.h"

#include <gtest/gtest.h>

namespace jettyfleet {
namespace {

TEST(PeerAddress, OfWhatGrpcWrites) {
  const struct {
    const char* peer;
    const char* address;
  } cases[] = {
      {"ipv4:10.0.0.1:7411", "10.0.0.1"},
      {"ipv6:%5Bfd00::1%5D:7411", "fd00::1"},
      {"ipv6:[fd00::1]:7411", "fd00::1"},
      {"ipv6:%5B::ffff:10.0.0.1%5D:7411", "::ffff:10.0.0.1"},
      {"unix:/run/x.sock", ""},
      {"ipv6:fd00::1:7411", ""},
      {"ipv6:", ""},
      {"ipv4:", ""},
      {"10.0.0.1:7411", ""},
      {"", ""},
  };
  for (const auto& test : cases) EXPECT_EQ(AddressOfPeer(test.peer), test.address) << test.peer;
}

}  // namespace
}  // namespace jettyfleet
