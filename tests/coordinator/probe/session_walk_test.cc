#include "coordinator/probe/session_walk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/coordinator/probe/scripted_server.h"

namespace jettyfleet {
namespace {

const std::atomic<bool> kGoOn = false;

WalkOrder Through(std::vector<std::string> urls) {
  WalkOrder order;
  order.traffic.set_url("http://somewhere.else/");
  order.traffic.set_counter_pattern("count=([0-9]+)");
  order.traffic.set_node_pattern("node=([a-z]+)");
  order.urls = std::move(urls);
  order.requests = 6;
  return order;
}

// Counts for one session; `count` may be shared between nodes, as an external store is.
auto Counting(const std::string& node, std::atomic<int>* count) {
  return [node, count](const SeenRequest& request) {
    const bool known = request.cookie.find("JSESSIONID=abc") != std::string::npos;
    return Respond(200, absl::StrCat("count=", ++*count, " node=", node),
                   known ? "" : absl::StrCat("Set-Cookie: JSESSIONID=abc.", node, "\r\n"));
  };
}

TEST(SessionWalkTest, ASharedSessionIsMovedAndKept) {
  std::atomic<int> count = 0;
  ScriptedServer a(Counting("a", &count));
  ScriptedServer b(Counting("b", &count));
  const WalkAnswer walked = WalkSession(Through({a.Url(), b.Url()}), kGoOn);
  ASSERT_TRUE(walked.usable.ok()) << walked.usable;
  EXPECT_EQ(walked.requests, 6u);
  EXPECT_EQ(walked.counted, 6u);
  EXPECT_EQ(walked.kept, 1u);
  EXPECT_EQ(walked.moved, 5u);
  EXPECT_EQ(walked.regressed + walked.lost + walked.failures, 0u);
}

TEST(SessionWalkTest, CopiesOfASessionRegress) {
  std::atomic<int> on_a = 0;
  std::atomic<int> on_b = 0;
  ScriptedServer a(Counting("a", &on_a));
  ScriptedServer b(Counting("b", &on_b));
  EXPECT_EQ(WalkSession(Through({a.Url(), b.Url()}), kGoOn).regressed, 3u);
}

TEST(SessionWalkTest, OneNodeKeepsItsOwn) {
  std::atomic<int> count = 0;
  ScriptedServer a(Counting("a", &count));
  EXPECT_EQ(WalkSession(Through({a.Url()}), kGoOn).kept, 6u);
}

TEST(SessionWalkTest, TellsWhoAnswered) {
  std::atomic<int> count = 0;
  ScriptedServer a(Counting("a", &count));
  ScriptedServer b(Counting("b", &count));
  WalkOrder order = Through({a.Url(), b.Url()});
  order.requests = 4;
  EXPECT_THAT(WalkSession(order, kGoOn).nodes, testing::ElementsAre("a", "b", "a", "b")) << "by the node pattern";

  order.traffic.clear_node_pattern();
  EXPECT_THAT(WalkSession(order, kGoOn).nodes, testing::ElementsAre("", "", "", "")) << "nobody is known";
  order.answerers.nodes = {"a", "b"};
  EXPECT_THAT(WalkSession(order, kGoOn).nodes, testing::Each("a")) << "by the worker in the session's cookie";

  std::atomic<bool> set = false;
  ScriptedServer balancer([&set](const SeenRequest&) {
    return Respond(200, "", set.exchange(true) ? "" : "Set-Cookie: SRV=s7; path=/\r\n");
  });
  order.urls = {balancer.Url()};
  order.answerers.node_of_server = {{"s7", "b"}};
  EXPECT_THAT(WalkSession(order, kGoOn).nodes, testing::ElementsAre("b", "", "", ""))
      << "by the load balancer's cookie";
}

TEST(SessionWalkTest, EndsWhenItsTimeIsUp) {
  ScriptedServer silent([](const SeenRequest&) { return Reply{"", Reply::Then::kHang}; });
  WalkOrder order = Through({silent.Url()});
  order.longest = absl::Milliseconds(50);
  const WalkAnswer walked = WalkSession(order, kGoOn);
  EXPECT_EQ(walked.requests, 1u);
  EXPECT_EQ(walked.failures, 1u);
}

TEST(SessionWalkTest, FailuresAndWhatCannotBeAsked) {
  ScriptedServer broken([](const SeenRequest&) { return Respond(500, ""); });
  const WalkAnswer walked = WalkSession(Through({broken.Url()}), kGoOn);
  EXPECT_EQ(walked.failures, 6u);
  EXPECT_NE(walked.first_failure, "");
  EXPECT_FALSE(WalkSession(Through({}), kGoOn).usable.ok());
  EXPECT_FALSE(WalkSession(Through({"ftp://a/"}), kGoOn).usable.ok());
  const std::atomic<bool> stop = true;
  EXPECT_EQ(WalkSession(Through({broken.Url()}), stop).requests, 0u);
}

}  // namespace
}  // namespace jettyfleet
