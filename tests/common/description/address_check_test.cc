#include "common/description/address_check.h"

#include <gtest/gtest.h>

#include <string>

namespace jettyfleet {
namespace {

MaybeProblem Check(const std::string& address) {
  v1::ClusterDescription description;
  (*description.mutable_addresses())["node-01"] = address;
  return CheckAddresses(description);
}

TEST(AddressCheckTest, TakesAddressesAndHostNames) {
  for (const char* good : {"10.0.0.1", "127.0.0.1", "::1", "fd00::2", "2001:db8::10.0.0.1", "node-01",
                           "Node-01.Example", "a", "1a.example", "10.example"}) {
    EXPECT_FALSE(Check(good).has_value()) << good;
  }
  EXPECT_FALSE(Check(std::string(63, 'a') + ".b").has_value());
}

TEST(AddressCheckTest, RefusesWhatNobodyCanBeReachedAt) {
  for (const char* bad :
       {"",           "10.0.0",  "10.0.0.256", "10.0.0.1:80", "010.0.0.1.", "[fd00::2]", "fd00::2%eth0",
        "fd00::2::1", "0.0.0.0", "::",         "a b",         "a_b",        "-a",        "a-",
        "a..b",       ".a",      "a.",         "a;b",         "http://a",   "1234",      "a.7"}) {
    const MaybeProblem problem = Check(bad);
    ASSERT_TRUE(problem.has_value()) << bad;
    EXPECT_EQ(problem->path, "addresses.node-01");
  }
  EXPECT_TRUE(Check(std::string(64, 'a')).has_value());
  std::string long_name = "a";
  for (int i = 0; i < 130; ++i) long_name += ".a";
  EXPECT_TRUE(Check(long_name).has_value());
}

TEST(AddressCheckTest, NodesAreThoseThatThereAre) {
  v1::ClusterDescription description;
  (*description.mutable_addresses())["node-01"] = "10.0.0.1";
  EXPECT_FALSE(CheckAddresses(description).has_value()) << "without nodes the cluster decides";
  description.add_nodes("node-02");
  ASSERT_TRUE(CheckAddresses(description).has_value());
  description.add_nodes("node-01");
  EXPECT_FALSE(CheckAddresses(description).has_value());
  (*description.mutable_addresses())["no node"] = "10.0.0.2";
  ASSERT_TRUE(CheckAddresses(description).has_value());
  EXPECT_EQ(CheckAddresses(description)->path, "addresses.no node");
}

TEST(AddressCheckTest, OneAddressIsOneNodes) {
  v1::ClusterDescription description;
  (*description.mutable_addresses())["node-01"] = "web.example";
  (*description.mutable_addresses())["node-02"] = "WEB.example";
  ASSERT_TRUE(CheckAddresses(description).has_value());
  EXPECT_EQ(CheckAddresses(description)->path, "addresses.node-02");
}

TEST(AddressCheckTest, NotWithoutLimit) {
  v1::ClusterDescription description;
  for (int i = 0; i < 65; ++i) {
    (*description.mutable_addresses())["n" + std::to_string(i)] = "10.0.0." + std::to_string(i + 1);
  }
  ASSERT_TRUE(CheckAddresses(description).has_value());
  EXPECT_EQ(CheckAddresses(description)->path, "addresses");
}

}  // namespace
}  // namespace jettyfleet
