#include "coordinator/server/check_desk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Outcome {
  grpc::Status status;
  v1::CheckReport report;
};

// A desk on a core thread of its own, two nodes whose agents answer at once unless they are held back, and a load
// balancer.
class CheckDeskTest : public testing::Test {
 protected:
  CheckDeskTest()
      : core_(SystemClock()),
        registry_("uuid", 5, ""),
        desk_(core_, registry_, SystemClock(),
              {.send = [this](const std::string& cluster, const std::string& host,
                              const v1::Action& action) { return Send(cluster, host, action); },
               .observe = [this](const std::string& cluster, const std::string& host,
                                 const v1::Observe& observe) { Observe(cluster, host, observe); },
               .traffic = [this](const std::vector<ReachQuestion>& questions,
                                 const std::atomic<bool>&) { return Traffic(questions); },
               .judge = [this](const CheckInput& input) { return Judge(input); },
               .overall = [](const std::vector<v1::Finding>& findings) { return findings[0].passed(); }}) {
    v1::ClusterDescription description;
    description.set_cluster("blue");
    v1::ResourceDescription* const resource = description.add_resources();
    resource->set_name("jetty");
    resource->set_unit("jetty9");
    v1::LoadBalancerDescription* const balancer = description.add_load_balancers();
    balancer->set_host("lb-01");
    balancer->set_resource("jetty");
    (*balancer->mutable_servers())["node-01"] = "s1";
    description.mutable_traffic()->set_url("http://lb-01/");
    registry_.SetDescription(description);
    for (const char* const node : {"node-01", "node-02"}) registry_.Connected({"blue", node}, v1::Hello(), Now());
    v1::HostReport report;
    v1::ClusterFact* const cluster = report.mutable_cluster();
    cluster->set_connected(v1::ANSWER_YES);
    cluster->set_dc_present(v1::ANSWER_YES);
    cluster->set_dc_with_quorum(v1::ANSWER_YES);
    cluster->set_dc("node-01");
    cluster->mutable_quorum()->set_quorate(v1::ANSWER_YES);
    v1::InstanceFact* const instance = cluster->add_instances();
    instance->set_agent("systemd:jetty9");
    instance->set_role("Started");
    instance->add_nodes("node-01");
    registry_.TakeSnapshot({"blue", "node-01"}, report, Now());
    thread_ = std::thread([this] { core_.Run(); });
  }

  ~CheckDeskTest() override {
    core_.Stop();
    thread_.join();
  }

  static absl::Time Now() { return SystemClock().WallNow(); }

  bool Send(const std::string& cluster, const std::string& host, const v1::Action& action) {
    if (!registry_.Find(cluster)->nodes.at(host).connected) return false;
    sent_.push_back(absl::StrCat(host, " ", action.id().substr(action.id().rfind('/') + 1)));
    ids_.push_back(action.id());
    if (action.has_inspect()) rehash_ |= action.inspect().rehash();
    if (hold_inspections_ && action.has_inspect()) {
      held_.push_back(action);
    } else {
      core_.Post([this, action] { Answer(action); });
    }
    return true;
  }

  void Answer(const v1::Action& action) {
    v1::ActionResult result;
    result.set_action_id(action.id());
    result.set_outcome(v1::ActionResult::OUTCOME_DONE);
    if (action.has_inspect()) {
      v1::ResourceInspection* const resource = result.mutable_inspection()->add_resources();
      resource->set_resource("jetty");
      v1::PathFact* const path = resource->add_paths();
      path->set_path("/var/lib/jetty9");
      path->set_marked(true);
    }
    registry_.Find("blue")->results[action.id()] = result;
    desk_.OnChanged("blue");
  }

  void Observe(const std::string& cluster, const std::string& host, const v1::Observe& observe) {
    core_.Post([this, cluster, host, observe, at = Now()] {
      registry_.TakeObserved({cluster, host}, observe, at, Now());
      desk_.OnChanged(cluster);
    });
  }

  std::vector<TrafficLook> Traffic(const std::vector<ReachQuestion>& questions) {
    traffic_asked_ += static_cast<int>(questions.size());
    return std::vector<TrafficLook>(questions.size());
  }

  // One finding, which says what there was to judge.
  std::vector<v1::Finding> Judge(const CheckInput& input) {
    v1::Finding finding;
    finding.set_passed(v1::ANSWER_YES);
    std::size_t seen = 0;
    for (const auto& [node, look] : input.hosts) seen += look.inspection.ok() && look.sightings.ok() ? 1 : 0;
    finding.set_summary(absl::StrCat(input.view.cluster, ": ", seen, " of ", input.hosts.size(), " nodes"));
    ++judged_;
    looks_ = input.traffic.size();
    return {finding};
  }

  void OnCore(std::function<void()> call) {
    std::promise<void> done;
    core_.Post([&] {
      call();
      done.set_value();
    });
    done.get_future().wait();
  }

  struct Asked {
    uint64_t caller = 0;
    v1::CheckReport report;
    std::promise<grpc::Status> promise;
    std::future<grpc::Status> status = promise.get_future();
  };

  std::unique_ptr<Asked> Ask(bool rehash = false) {
    auto asked = std::make_unique<Asked>();
    OnCore([&] {
      v1::CheckRequest request;
      request.set_rehash(rehash);
      asked->caller = desk_.Check("blue", request, &asked->report, [asked = asked.get()](const grpc::Status& status) {
        asked->promise.set_value(status);
      });
    });
    return asked;
  }

  static bool Ended(const Asked& asked) {
    return asked.status.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
  }

  void LetGo() {
    OnCore([this] {
      hold_inspections_ = false;
      for (const v1::Action& action : std::exchange(held_, {})) Answer(action);
    });
  }

  // Until the core has nothing of a check left to do.
  void WaitUntilIdle() {
    for (bool idle = false; !idle;) {
      OnCore([&] {
        idle = registry_.Find("blue")->results.empty() && held_.empty() &&
               std::count_if(sent_.begin(), sent_.end(),
                             [](const std::string& one) { return absl::EndsWith(one, " remove"); }) %
                       2 ==
                   0;
      });
    }
  }

  CoreLoop core_;
  Registry registry_;
  CheckDesk desk_;
  std::thread thread_;
  // On the core thread.
  bool hold_inspections_ = false;
  bool rehash_ = false;
  std::vector<v1::Action> held_;
  std::vector<std::string> sent_;
  std::vector<std::string> ids_;
  int judged_ = 0;
  std::size_t looks_ = 0;
  std::atomic<int> traffic_asked_ = 0;
};

TEST_F(CheckDeskTest, AnswersWhatWasFound) {
  const auto asked = Ask();
  ASSERT_TRUE(asked->status.get().ok());
  EXPECT_EQ(asked->report.cluster(), "blue");
  EXPECT_EQ(asked->report.passed(), v1::ANSWER_YES);
  ASSERT_EQ(asked->report.findings_size(), 1);
  EXPECT_EQ(asked->report.findings(0).summary(), "blue: 2 of 2 nodes");
  EXPECT_TRUE(asked->report.has_at());
  EXPECT_GT(FromProto(asked->report.took()), absl::ZeroDuration());
  EXPECT_LT(FromProto(asked->report.took()), absl::Seconds(5));
  WaitUntilIdle();
  EXPECT_EQ(traffic_asked_, 1);
  EXPECT_EQ(looks_, 1u);
  EXPECT_THAT(sent_, testing::UnorderedElementsAre("node-01 inspect", "node-02 inspect", "node-01 look", "node-02 look",
                                                   "node-01 remove", "node-02 remove"));
}

TEST_F(CheckDeskTest, WhoAsksMeanwhileSharesTheNext) {
  OnCore([this] { hold_inspections_ = true; });
  const auto first = Ask();
  const auto second = Ask();
  const auto third = Ask(/*rehash=*/true);
  EXPECT_FALSE(Ended(*first));
  OnCore([this] { EXPECT_FALSE(rehash_); });
  LetGo();
  EXPECT_TRUE(first->status.get().ok());
  EXPECT_TRUE(second->status.get().ok());
  EXPECT_TRUE(third->status.get().ok());
  OnCore([this] {
    EXPECT_EQ(judged_, 2);
    EXPECT_TRUE(rehash_);
  });
  EXPECT_GT(FromProto(second->report.at()), FromProto(first->report.at()));
}

TEST_F(CheckDeskTest, WhoGivesUpIsAnsweredAtOnceAndMarkersGo) {
  OnCore([this] { hold_inspections_ = true; });
  const auto asked = Ask();
  OnCore([&] { desk_.Cancel(asked->caller); });
  EXPECT_EQ(asked->status.get().error_code(), grpc::StatusCode::CANCELLED);
  LetGo();
  WaitUntilIdle();
  OnCore([&] {
    EXPECT_THAT(sent_, ElementsAre("node-01 inspect", "node-02 inspect", "node-01 remove", "node-02 remove"));
    EXPECT_EQ(judged_, 0);
    desk_.Cancel(asked->caller);  // nothing comes of it any more
  });
}

TEST_F(CheckDeskTest, OneOfTwoGivesUp) {
  OnCore([this] { hold_inspections_ = true; });
  const auto first = Ask();
  const auto second = Ask();
  const auto third = Ask();
  OnCore([&] { desk_.Cancel(second->caller); });
  EXPECT_EQ(second->status.get().error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_FALSE(Ended(*first));
  LetGo();
  EXPECT_TRUE(first->status.get().ok());
  EXPECT_TRUE(third->status.get().ok());
}

TEST_F(CheckDeskTest, TooManyAreRefused) {
  OnCore([this] { hold_inspections_ = true; });
  std::vector<std::unique_ptr<Asked>> all;
  for (int i = 0; i < 65; ++i) all.push_back(Ask());
  EXPECT_FALSE(Ended(*all.back()));
  const auto last = Ask();
  EXPECT_EQ(last->caller, 0u);
  const grpc::Status status = last->status.get();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_THAT(status.error_message(), HasSubstr("try again later"));
  LetGo();
  for (const auto& one : all) EXPECT_TRUE(one->status.get().ok());
}

TEST_F(CheckDeskTest, ANodeThatGoesAwayIsNotWaitedFor) {
  OnCore([this] { registry_.Disconnected({"blue", "node-02"}, Now()); });
  const auto asked = Ask();
  ASSERT_TRUE(asked->status.get().ok());
  EXPECT_EQ(asked->report.findings(0).summary(), "blue: 0 of 2 nodes") << "nobody was there to look for its marker";
}

TEST_F(CheckDeskTest, WhatCameTooLateIsForgotten) {
  OnCore([this] {
    registry_.Find("blue")->results["c-old/node-01/remove"] = {};
    registry_.Find("blue")->results["d-1/node-01/evict/1.1"] = {};
  });
  ASSERT_TRUE(Ask()->status.get().ok());
  OnCore([this] {
    const auto& results = registry_.Find("blue")->results;
    EXPECT_FALSE(results.contains("c-old/node-01/remove"));
    EXPECT_TRUE(results.contains("d-1/node-01/evict/1.1")) << "somebody else's";
  });
}

TEST_F(CheckDeskTest, EveryCheckHasNamesOfItsOwn) {
  ASSERT_TRUE(Ask()->status.get().ok());
  ASSERT_TRUE(Ask()->status.get().ok());
  WaitUntilIdle();
  OnCore([this] {
    EXPECT_EQ(std::set<std::string>(ids_.begin(), ids_.end()).size(), ids_.size());
    EXPECT_EQ(ids_.size(), 12u);
  });
}

}  // namespace
}  // namespace jettyfleet
