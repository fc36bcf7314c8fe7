#include "common/identity.h"

#include <gtest/gtest.h>

#include <string>

namespace jettyfleet {
namespace {

struct GoodCase {
  const char* uri;
  Identity identity;
  const char* words;
};

TEST(IdentityTest, ReadsWhatItWrites) {
  const GoodCase cases[] = {
      {"spiffe://lab/coordinator", {"lab", Role::kCoordinator, "", ""}, "coordinator"},
      {"spiffe://lab/cluster/blue/agent/node-01",
       {"lab", Role::kAgent, "blue", "node-01"},
       "agent node-01 of cluster blue"},
      {"spiffe://lab.example.org/lb/lb-01", {"lab.example.org", Role::kLb, "", "lb-01"}, "lb lb-01"},
      {"spiffe://lab/operator/alice", {"lab", Role::kOperator, "", "alice"}, "operator alice"},
      {"spiffe://lab/viewer/wall.display", {"lab", Role::kViewer, "", "wall.display"}, "viewer wall.display"},
      {"spiffe://lab/operator/coordinator", {"lab", Role::kOperator, "", "coordinator"}, "operator coordinator"},
  };
  for (const GoodCase& c : cases) {
    SCOPED_TRACE(c.uri);
    const auto parsed = ParseIdentity(c.uri);
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    EXPECT_EQ(*parsed, c.identity);
    const auto written = FormatIdentity(c.identity);
    ASSERT_TRUE(written.ok()) << written.status();
    EXPECT_EQ(*written, c.uri);
    EXPECT_EQ(DescribeIdentity(c.identity), c.words);
  }
}

TEST(IdentityTest, RefusesEverythingElse) {
  const std::string long_name(64, 'a');
  const std::string cases[] = {
      "",
      "spiffe://",
      "spiffe://lab",
      "spiffe://lab/",
      "spiffe:///coordinator",
      "SPIFFE://lab/coordinator",
      "https://lab/coordinator",
      "spiffe://lab/coordinator/",
      "spiffe://lab/coordinator/extra",
      "spiffe://lab//coordinator",
      "spiffe://Lab/coordinator",
      "spiffe://lab/Coordinator",
      "spiffe://lab:443/coordinator",
      "spiffe://user@lab/coordinator",
      "spiffe://lab/coordinator?x=1",
      "spiffe://lab/coordinator#x",
      " spiffe://lab/coordinator",
      "spiffe://lab/coordinator ",
      std::string("spiffe://lab/coordinator\0", 25),
      "spiffe://lab/agent/node-01",
      "spiffe://lab/cluster/blue/agent",
      "spiffe://lab/cluster/blue/agent/",
      "spiffe://lab/cluster//agent/node-01",
      "spiffe://lab/cluster/blue/agent/node-01/x",
      "spiffe://lab/cluster/blue/lb/node-01",
      "spiffe://lab/cluster/../agent/node-01",
      "spiffe://lab/lb",
      "spiffe://lab/lb/",
      "spiffe://lab/operator/-alice",
      "spiffe://lab/operator/alice-",
      "spiffe://lab/operator/.alice",
      "spiffe://lab/operator/a..b",
      "spiffe://lab/operator/a%2eb",
      "spiffe://lab/operator/al_ice",
      "spiffe://lab/viewer/" + long_name,
      "spiffe://" + long_name + "/coordinator",
      "spiffe://lab/nobody/alice",
      "spiffe://lab/root/alice",
      "spiffe://lab/" + std::string(100000, 'a'),
  };
  for (const std::string& uri : cases) {
    const auto parsed = ParseIdentity(uri);
    EXPECT_EQ(parsed.status().code(), absl::StatusCode::kInvalidArgument) << uri;
    EXPECT_LT(parsed.status().message().size(), 600u);
    EXPECT_EQ(parsed.status().message().find('\n'), absl::string_view::npos);
  }
}

TEST(IdentityTest, TheLongestNamesAreStillAccepted) {
  const std::string name(63, 'a');
  const std::string uri = "spiffe://" + name + "/cluster/" + name + "/agent/" + name;
  EXPECT_TRUE(ParseIdentity(uri).ok());
}

TEST(IdentityTest, WritesNothingThatItWouldNotRead) {
  const Identity cases[] = {
      {},
      {"lab", Role::kNone, "", ""},
      {"", Role::kCoordinator, "", ""},
      {"lab", Role::kCoordinator, "", "one"},
      {"lab", Role::kCoordinator, "blue", ""},
      {"lab", Role::kAgent, "", "node-01"},
      {"lab", Role::kAgent, "blue", ""},
      {"lab", Role::kAgent, "blue/agent", "node-01"},
      {"lab", Role::kLb, "blue", "lb-01"},
      {"lab", Role::kOperator, "", ""},
      {"lab", Role::kViewer, "", "a/b"},
  };
  for (const Identity& identity : cases) {
    EXPECT_EQ(FormatIdentity(identity).status().code(), absl::StatusCode::kInvalidArgument);
  }
}

TEST(IdentityTest, RolesHaveNames) {
  for (const char* name : {"coordinator", "agent", "lb", "operator", "viewer"}) {
    const auto role = ParseRole(name);
    ASSERT_TRUE(role.ok()) << name;
    EXPECT_EQ(RoleName(*role), name);
  }
  for (const char* name : {"", "nobody", "Operator", "operator ", "admin"}) {
    EXPECT_FALSE(ParseRole(name).ok()) << name;
  }
}

}  // namespace
}  // namespace jettyfleet
