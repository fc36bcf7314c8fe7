#include "coordinator/probe/reach_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/proto_time.h"
#include "tests/coordinator/probe/scripted_server.h"

namespace jettyfleet {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

const std::atomic<bool> kGoOn = false;

ReachQuestion Ask(const std::string& url) {
  ReachQuestion question;
  question.traffic.set_url(url);
  question.traffic.set_node_pattern("node=([a-z0-9-]+)");
  question.nodes = {"node-01", "node-02"};
  question.node_of_server = {{"s1", "node-01"}, {"s2", "node-02"}};
  return question;
}

TEST(ReachCheckTest, AsksUntilEveryNodeHasAnsweredEachTimeAsAnotherClient) {
  ScriptedServer server([](const SeenRequest& request) {
    EXPECT_EQ(request.on_connection, 0) << "a new connection for each";
    EXPECT_EQ(request.cookie, "");
    return Respond(200, request.total < 3 ? "node=node-01" : "node=node-02", "Set-Cookie: JSESSIONID=x.node-09\r\n");
  });
  const ReachAnswer answer = AskUntilAllAnswer(Ask(server.Url()), kGoOn);
  EXPECT_TRUE(answer.usable.ok());
  EXPECT_THAT(answer.by_node, ElementsAre(Pair("node-01", 3), Pair("node-02", 1)));
  EXPECT_EQ(answer.requests, 4u);
  EXPECT_EQ(answer.failures, 0u);
}

TEST(ReachCheckTest, ANodeThatNeverAnswersIsAskedForTwelveTimesForEachNode) {
  ScriptedServer server([](const SeenRequest&) { return Respond(200, "node=node-01"); });
  const ReachAnswer answer = AskUntilAllAnswer(Ask(server.Url()), kGoOn);
  EXPECT_THAT(answer.by_node, ElementsAre(Pair("node-01", 24)));
}

TEST(ReachCheckTest, WithoutAPatternTheWorkerNameTellsOrTheServersCookie) {
  ScriptedServer server([](const SeenRequest& request) {
    return request.total == 0 ? Respond(200, "", "Set-Cookie: JSESSIONID=node0abc.node-01; Path=/\r\n")
                              : Respond(200, "", "Set-Cookie: JSESSIONID=node0abc\r\nSet-Cookie: LB=s2; path=/\r\n");
  });
  ReachQuestion question = Ask(server.Url());
  question.traffic.clear_node_pattern();
  EXPECT_THAT(AskUntilAllAnswer(question, kGoOn).by_node, ElementsAre(Pair("node-01", 1), Pair("node-02", 1)));
}

TEST(ReachCheckTest, AnswersThatDoNotSayAndFailuresAreCounted) {
  ScriptedServer server(
      [](const SeenRequest& request) { return request.total == 0 ? Respond(503) : Respond(200, "hello"); });
  const ReachAnswer answer = AskUntilAllAnswer(Ask(server.Url()), kGoOn);
  EXPECT_THAT(answer.by_node, IsEmpty());
  EXPECT_EQ(answer.failures, 1u);
  EXPECT_EQ(answer.first_failure, "status_5xx");
  EXPECT_EQ(answer.nameless, 23u);
}

TEST(ReachCheckTest, StopsWhenTold) {
  ScriptedServer server([](const SeenRequest&) { return Respond(200, "node=node-01"); });
  const std::atomic<bool> stop = true;
  EXPECT_EQ(AskUntilAllAnswer(Ask(server.Url()), stop).requests, 0u);
}

TEST(ReachCheckTest, AnUnusableDescriptionIsSaid) {
  EXPECT_FALSE(AskUntilAllAnswer(Ask("https://x/"), kGoOn).usable.ok());
}

}  // namespace
}  // namespace jettyfleet
