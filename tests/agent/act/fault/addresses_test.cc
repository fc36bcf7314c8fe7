#include "agent/act/fault/addresses.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace jettyfleet {
namespace {

TEST(Addresses, OneWayOfWriting) {
  const struct {
    const char* text;
    const char* canonical;
  } cases[] = {
      {"10.0.0.1", "10.0.0.1"},
      {"2001:DB8:0:0::3", "2001:db8::3"},
      {"::ffff:10.0.0.1", "10.0.0.1"},
      {"::1", "::1"},
      {"node-01", ""},
      {"10.0.0.0/24", ""},
      {"10.0.0", ""},
      {"010.0.0.1", ""},
      {"fe80::1%eth0", ""},
      {"10.0.0.1 ", ""},
      {"10.0.0.1 } drop; flush ruleset", ""},
      {"", ""},
  };
  for (const auto& test : cases) EXPECT_EQ(CanonicalAddress(test.text), test.canonical) << test.text;
}

TEST(Addresses, OneOtherHost) {
  for (const char* one : {"10.0.0.1", "192.0.2.3", "223.255.255.255", "fd00::1", "fe80::1", "2001:db8::1"}) {
    EXPECT_TRUE(IsOneHost(one)) << one;
  }
  for (const char* none : {"0.0.0.0", "0.1.2.3", "127.0.0.1", "127.255.0.1", "224.0.0.1", "239.1.1.1",
                           "255.255.255.255", "::", "::1", "ff02::1", "node-01", ""}) {
    EXPECT_FALSE(IsOneHost(none)) << none;
  }
}

TEST(Addresses, OfThisHost) {
  const absl::StatusOr<std::set<std::string>> own = OwnAddresses();
  ASSERT_TRUE(own.ok()) << own.status();
  EXPECT_THAT(*own, testing::Not(testing::Contains("")));
}

}  // namespace
}  // namespace jettyfleet
