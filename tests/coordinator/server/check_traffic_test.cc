#include "coordinator/server/check_traffic.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/coordinator/probe/scripted_server.h"

namespace jettyfleet {
namespace {

const std::atomic<bool> kGoOn = false;

ReachQuestion About(const std::string& url) {
  ReachQuestion question;
  question.traffic.set_url(url);
  question.traffic.set_node_pattern("node=([a-z]+)");
  question.nodes = {"a", "b"};
  return question;
}

// Every second new client goes to b, and stays there if `sticky`.
auto Balancing(std::atomic<int>* clients, bool sticky) {
  return [clients, sticky](const SeenRequest& request) {
    std::string node = *clients % 2 == 0 ? "a" : "b";
    if (sticky && absl::StrContains(request.cookie, "SRV=")) {
      node = request.cookie.substr(request.cookie.find('=') + 1, 1);
    } else {
      ++*clients;
    }
    return Respond(200, absl::StrCat("node=", node), absl::StrCat("Set-Cookie: SRV=", node, "\r\n"));
  };
}

TEST(CheckTrafficTest, SeesWhetherSessionsStay) {
  for (const bool sticky : {true, false}) {
    std::atomic<int> clients = 0;
    ScriptedServer balancer(Balancing(&clients, sticky));
    const std::vector<TrafficLook> looks = LookAtTraffic({About(balancer.Url())}, kGoOn);
    ASSERT_EQ(looks.size(), 1u);
    EXPECT_EQ(looks[0].reach.by_node.size(), 2u);
    ASSERT_EQ(looks[0].sessions.size(), 4u);
    for (const WalkAnswer& session : looks[0].sessions) {
      ASSERT_EQ(session.nodes.size(), 4u);
      EXPECT_EQ(session.nodes[0] == session.nodes[1], sticky);
    }
  }
}

TEST(CheckTrafficTest, WhereNobodyAnswersNoSessionIsLookedFor) {
  ScriptedServer broken([](const SeenRequest&) { return Respond(503); });
  const std::vector<TrafficLook> looks = LookAtTraffic({About(broken.Url()), About("ftp://a/")}, kGoOn);
  ASSERT_EQ(looks.size(), 2u);
  EXPECT_EQ(looks[0].reach.failures, looks[0].reach.requests);
  EXPECT_TRUE(looks[0].sessions.empty());
  EXPECT_FALSE(looks[1].reach.usable.ok());
  EXPECT_TRUE(looks[1].sessions.empty());
}

TEST(CheckTrafficTest, MayBeStopped) {
  const std::atomic<bool> stop = true;
  ScriptedServer server([](const SeenRequest&) { return Respond(200, "node=a"); });
  LookAtTraffic({About(server.Url())}, stop);
  EXPECT_EQ(server.requests(), 0);
}

}  // namespace
}  // namespace jettyfleet
