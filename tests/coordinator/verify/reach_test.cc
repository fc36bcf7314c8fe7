#include "coordinator/verify/reach.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/coordinator/rolling/healthy_view.h"

namespace jettyfleet {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

ClusterView ViewWithUrl(const char* url) {
  ClusterView view = HealthyView();
  view.description.mutable_traffic()->set_url(url);
  return view;
}

std::vector<std::string> Urls(const ClusterView& view) {
  std::vector<std::string> urls;
  for (const ReachQuestion& question : ReachQuestions(view)) urls.push_back(question.traffic.url());
  return urls;
}

void AddBalancer(ClusterView* view, const char* host) {
  v1::LoadBalancerDescription* const other = view->description.add_load_balancers();
  *other = view->description.load_balancers(0);
  other->set_host(host);
}

TEST(ReachQuestionsTest, OnlyNodesThatRunAnInstanceBehindTheLoadBalancer) {
  ClusterView view = ViewWithUrl("http://lb-01/app");
  InEveryView(&view, [](v1::ClusterFact* fact) { fact->mutable_instances()->RemoveLast(); });
  view.description.mutable_load_balancers(0)->mutable_servers()->erase("node-01");
  const std::vector<ReachQuestion> questions = ReachQuestions(view);
  ASSERT_EQ(questions.size(), 1u);
  EXPECT_THAT(questions[0].nodes, ElementsAre("node-02"));
  EXPECT_EQ(questions[0].node_of_server.at("node-02"), "node-02");
}

TEST(ReachQuestionsTest, EveryLoadBalancerWhereTheUrlIsOneOfThem) {
  ClusterView view = ViewWithUrl("http://lb-01:8000/app?x");
  AddBalancer(&view, "lb-02");
  EXPECT_THAT(Urls(view), ElementsAre("http://lb-01:8000/app?x", "http://lb-02:8000/app?x"));
  ClusterView by_address = ViewWithUrl("http://10.0.0.1/app");
  AddBalancer(&by_address, "lb-02");
  EXPECT_THAT(Urls(by_address), ElementsAre("http://10.0.0.1/app"));
  ClusterView longer_name = ViewWithUrl("http://lb-01.example/app");
  AddBalancer(&longer_name, "lb-02");
  EXPECT_THAT(Urls(longer_name), ElementsAre("http://lb-01.example/app"));
}

TEST(ReachQuestionsTest, NothingToAsk) {
  EXPECT_THAT(ReachQuestions(HealthyView()), IsEmpty());
  ClusterView none = ViewWithUrl("http://lb-01/");
  InEveryView(&none, [](v1::ClusterFact* fact) { fact->clear_instances(); });
  EXPECT_THAT(ReachQuestions(none), IsEmpty());
}

struct Case {
  const char* name;
  ReachAnswer answer;
  v1::Answer passed;
  const char* detail;
};

TEST(JudgeReachTest, AnswersAreJudged) {
  ReachQuestion question;
  question.nodes = {"a", "b"};
  const Case cases[] = {
      {"all", {"u", absl::OkStatus(), {{"a", 2}, {"b", 1}}, 3, 0, "", 0}, v1::ANSWER_YES, "every node answered (a 2, b 1)"},
      {"one is silent", {"u", absl::OkStatus(), {{"a", 24}}, 24, 0, "", 0}, v1::ANSWER_NO,
       "never answered by b in 24 requests; answered: a 24"},
      {"one fails", {"u", absl::OkStatus(), {{"a", 1}, {"b", 1}}, 3, 1, "reset", 0}, v1::ANSWER_NO,
       "1 of 3 requests failed (reset); answered: a 1, b 1"},
      {"all fail", {"u", absl::OkStatus(), {}, 24, 24, "connect", 0}, v1::ANSWER_NO, "24 of 24 requests failed (connect)"},
      {"nameless", {"u", absl::OkStatus(), {}, 24, 0, "", 24}, v1::ANSWER_UNSPECIFIED,
       "24 of 24 answers did not say which node they came from; describe traffic.node_pattern"},
      {"unusable", {"u", absl::InvalidArgumentError("traffic url: no"), {}, 0, 0, "", 0}, v1::ANSWER_UNSPECIFIED,
       "traffic url: no"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const v1::VerifyFinding finding = JudgeReach(question, c.answer);
    EXPECT_EQ(finding.passed(), c.passed);
    EXPECT_EQ(finding.detail(), c.detail);
    EXPECT_EQ(finding.subject(), "traffic through u");
  }
}

}  // namespace
}  // namespace jettyfleet
