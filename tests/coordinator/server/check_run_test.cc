#include "coordinator/server/check_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const absl::Time kStart = absl::FromUnixSeconds(1'795'435'200);

// Three nodes and a load balancer, whose agents say what the test has them say.
class CheckRunTest : public testing::Test {
 protected:
  CheckRunTest() {
    view_.cluster = "blue";
    view_.epoch = 5;
    v1::ResourceDescription* const resource = view_.description.add_resources();
    resource->set_name("jetty");
    resource->set_unit("jetty9");
    for (const char* const node : {"node-01", "node-02", "node-03"}) view_.nodes[node].connected = true;
    view_.load_balancers["lb-01"].connected = true;
  }

  std::unique_ptr<CheckRun> NewRun(bool rehash = false) {
    return std::make_unique<CheckRun>(
        CheckOrder{"c-1", "0123456789abcd", rehash},
        [this](const std::string& host, const v1::Action& action) {
          if (deaf_.contains(host)) return false;
          sent_[host].push_back(action);
          return true;
        },
        [this](const std::string& host, const v1::Observe& observe) { observed_[host].push_back(observe); });
  }

  // All hosts were seen just now.
  void SeeAll() {
    for (auto& [node, host] : view_.nodes) {
      host.fresh.cluster = host.fresh.cib = host.fresh.units = host.fresh.http = now_;
    }
    for (auto& [balancer, host] : view_.load_balancers) host.fresh.lb_servers = now_;
  }

  // The node's agent answers the last thing that it was told. Its clock is `ahead`.
  void Answer(const std::string& node, v1::ActionResult result, absl::Duration ahead = absl::ZeroDuration()) {
    const std::string& id = sent_[node].back().id();
    result.set_action_id(id);
    if (result.outcome() == v1::ActionResult::OUTCOME_UNSPECIFIED) result.set_outcome(v1::ActionResult::OUTCOME_DONE);
    *result.mutable_began_at() = ToProto(now_ - absl::Milliseconds(10) + ahead);
    *result.mutable_ended_at() = ToProto(now_ - absl::Milliseconds(5) + ahead);
    view_.results[id] = result;
  }

  static v1::ActionResult Inspected(bool marked) {
    v1::ActionResult result;
    v1::ResourceInspection* const resource = result.mutable_inspection()->add_resources();
    resource->set_resource("jetty");
    v1::PathFact* const path = resource->add_paths();
    path->set_path("/var/lib/jetty9");
    path->set_marked(marked);
    return result;
  }

  static v1::ActionResult Seen(const std::string& marker) {
    v1::ActionResult result;
    result.add_sightings()->set_marker(marker);
    return result;
  }

  void Step(CheckRun* run, absl::Duration later) {
    now_ += later;
    run->Step(&view_, now_);
  }

  std::vector<std::string> Told(const std::string& node) const {
    std::vector<std::string> kinds;
    const auto found = sent_.find(node);
    if (found == sent_.end()) return kinds;
    for (const v1::Action& action : found->second) kinds.push_back(action.id().substr(action.id().rfind('/') + 1));
    return kinds;
  }

  ClusterView view_;
  absl::Time now_ = kStart;
  std::set<std::string> deaf_;
  std::map<std::string, std::vector<v1::Action>> sent_;
  std::map<std::string, std::vector<v1::Observe>> observed_;
};

TEST_F(CheckRunTest, AsksAllAtOnceLooksAndTidiesUp) {
  const auto run = NewRun();
  run->Step(&view_, now_);
  EXPECT_EQ(run->since(), kStart);
  std::set<std::string> markers;
  for (const char* const node : {"node-01", "node-02", "node-03"}) {
    ASSERT_THAT(Told(node), ElementsAre("inspect"));
    const v1::Action& action = sent_[node][0];
    EXPECT_EQ(action.id(), absl::StrCat("c-1/", node, "/inspect"));
    EXPECT_EQ(action.epoch(), 5u);
    EXPECT_LT(FromProto(action.timeout()), absl::Seconds(10));
    EXPECT_EQ(action.inspect().resources(0).unit(), "jetty9");
    EXPECT_GT(FromProto(action.inspect().marker_life()), absl::Seconds(20)) << "longer than all looks together";
    markers.insert(action.inspect().marker());
    ASSERT_EQ(observed_[node].size(), 1u);
    EXPECT_TRUE(observed_[node][0].cib() && observed_[node][0].http() && observed_[node][0].units() &&
                observed_[node][0].cluster());
  }
  EXPECT_EQ(markers.size(), 3u);
  EXPECT_TRUE(observed_["lb-01"].at(0).lb_servers());
  EXPECT_FALSE(run->observed());

  Answer("node-01", Inspected(true));
  Answer("node-02", Inspected(true));
  SeeAll();
  Step(run.get(), absl::Milliseconds(50));
  EXPECT_TRUE(run->observed());
  EXPECT_THAT(Told("node-01"), ElementsAre("inspect")) << "node-03 may still leave its marker";
  Answer("node-03", Inspected(true));
  Step(run.get(), absl::Milliseconds(50));
  for (const char* const node : {"node-01", "node-02", "node-03"}) {
    ASSERT_THAT(Told(node), ElementsAre("inspect", "look"));
    EXPECT_EQ(sent_[node][1].look_for_markers().markers_size(), 2);
    EXPECT_THAT(sent_[node][1].look_for_markers().resources(0).paths(), ElementsAre("/var/lib/jetty9"));
    EXPECT_FALSE(run->gathered());
    Answer(node, Seen(absl::StrCat("seen by ", node)));
  }
  Step(run.get(), absl::Milliseconds(50));
  EXPECT_TRUE(run->gathered());
  EXPECT_FALSE(run->over());
  for (const auto& [node, look] : run->hosts()) {
    ASSERT_TRUE(look.inspection.ok()) << look.inspection.status();
    ASSERT_TRUE(look.sightings.ok()) << look.sightings.status();
    EXPECT_EQ(look.sightings->at(0).marker(), absl::StrCat("seen by ", node));
    ASSERT_THAT(Told(node), ElementsAre("inspect", "look", "remove"));
    EXPECT_EQ(sent_[node][2].remove_markers().marker(), sent_[node][0].inspect().marker());
    Answer(node, {});
  }
  Step(run.get(), absl::Milliseconds(50));
  EXPECT_TRUE(run->over());
  EXPECT_THAT(view_.results, IsEmpty());
}

TEST_F(CheckRunTest, ANodeThatIsNotConnectedOrDoesNotAnswerIsUnknown) {
  view_.nodes["node-01"].connected = false;
  deaf_ = {"node-01"};
  const auto run = NewRun();
  run->Step(&view_, now_);
  SeeAll();
  Answer("node-02", Inspected(true));
  Step(run.get(), absl::Seconds(9));
  EXPECT_FALSE(run->gathered());
  Step(run.get(), absl::Seconds(1));
  const auto& hosts = run->hosts();
  EXPECT_EQ(hosts.at("node-01").inspection.status().message(), "its agent is not connected");
  EXPECT_EQ(hosts.at("node-03").inspection.status().message(), "its agent did not answer within 10s");
  EXPECT_TRUE(hosts.at("node-02").inspection.ok());
  EXPECT_EQ(hosts.at("node-02").sightings.status().message(), "no other node left a marker");
  EXPECT_TRUE(run->gathered());
  EXPECT_THAT(Told("node-02"), ElementsAre("inspect", "remove"));
  EXPECT_THAT(Told("node-03"), ElementsAre("inspect", "remove")) << "it may have left one all the same";
  EXPECT_THAT(Told("node-01"), IsEmpty());
  Step(run.get(), absl::Seconds(10));
  EXPECT_TRUE(run->over()) << "though nobody said that the markers are gone";
}

TEST_F(CheckRunTest, WhatAnAgentSaysOfItsFailureIsTold) {
  const auto run = NewRun();
  run->Step(&view_, now_);
  SeeAll();
  v1::ActionResult refused;
  refused.set_outcome(v1::ActionResult::OUTCOME_REFUSED);
  refused.set_message("a kind of action that this agent does not know");
  Answer("node-01", refused);
  Answer("node-02", {});
  Answer("node-03", Inspected(true));
  Step(run.get(), absl::Milliseconds(1));
  EXPECT_THAT(std::string(run->hosts().at("node-01").inspection.status().message()), HasSubstr("does not know"));
  EXPECT_THAT(std::string(run->hosts().at("node-02").inspection.status().message()), HasSubstr("neither an answer"));
  v1::ActionResult failed;
  failed.set_outcome(v1::ActionResult::OUTCOME_FAILED);
  failed.set_message("could not look");
  EXPECT_THAT(Told("node-03"), ElementsAre("inspect", "remove")) << "nobody else's marker is there";
  EXPECT_FALSE(run->hosts().at("node-03").sightings.ok());
}

TEST_F(CheckRunTest, ALookThatFailsIsToldToo) {
  const auto run = NewRun();
  run->Step(&view_, now_);
  SeeAll();
  for (const char* const node : {"node-01", "node-02", "node-03"}) Answer(node, Inspected(true));
  Step(run.get(), absl::Milliseconds(1));
  v1::ActionResult failed;
  failed.set_outcome(v1::ActionResult::OUTCOME_FAILED);
  failed.set_message("could not look");
  Answer("node-01", failed);
  Answer("node-02", Seen("x"));
  Step(run.get(), absl::Seconds(10));
  EXPECT_EQ(run->hosts().at("node-01").sightings.status().message(), "could not look");
  EXPECT_TRUE(run->hosts().at("node-02").sightings.ok());
  EXPECT_EQ(run->hosts().at("node-03").sightings.status().message(), "its agent did not answer within 10s");
  for (const char* const node : {"node-01", "node-02", "node-03"}) {
    EXPECT_THAT(Told(node), ElementsAre("inspect", "look", "remove"));
  }
}

TEST_F(CheckRunTest, OneNodeAloneLeavesNoMarker) {
  view_.nodes["node-02"].connected = view_.nodes["node-03"].connected = false;
  deaf_ = {"node-02", "node-03"};
  const auto run = NewRun();
  run->Step(&view_, now_);
  EXPECT_EQ(sent_["node-01"][0].inspect().marker(), "");
  Answer("node-01", Inspected(false));
  SeeAll();
  Step(run.get(), absl::Milliseconds(1));
  EXPECT_TRUE(run->over());
  EXPECT_THAT(Told("node-01"), ElementsAre("inspect"));
}

TEST_F(CheckRunTest, AbandonedItStillRemovesWhatMayHaveBeenLeft) {
  const auto run = NewRun();
  run->Step(&view_, now_);
  SeeAll();
  run->Abandon();
  Step(run.get(), absl::Milliseconds(1));
  EXPECT_THAT(Told("node-01"), ElementsAre("inspect")) << "a removal could overtake it";
  for (const char* const node : {"node-01", "node-02", "node-03"}) Answer(node, Inspected(true));
  Step(run.get(), absl::Milliseconds(1));
  EXPECT_THAT(Told("node-01"), ElementsAre("inspect", "remove"));
}

TEST_F(CheckRunTest, TheDifferencesTextsAreFetched) {
  const auto run = NewRun();
  run->Step(&view_, now_);
  SeeAll();
  for (const char* const node : {"node-01", "node-02", "node-03"}) {
    v1::ActionResult result = Inspected(true);
    v1::TreeFact* const tree = result.mutable_inspection()->mutable_resources(0)->add_configuration();
    tree->set_root("/etc/jetty9/start.ini");
    tree->add_files()->set_sha256(node);
    Answer(node, result);
  }
  Step(run.get(), absl::Milliseconds(1));
  for (const char* const node : {"node-01", "node-02", "node-03"}) {
    ASSERT_THAT(Told(node), ElementsAre("inspect", "look", "texts"));
    EXPECT_THAT(sent_[node][2].inspect().texts(), ElementsAre("/etc/jetty9/start.ini"));
    EXPECT_EQ(sent_[node][2].inspect().marker(), "");
    v1::ActionResult texts = Inspected(false);
    texts.mutable_inspection()->mutable_resources(0)->add_texts()->set_text(absl::StrCat("of ", node));
    Answer(node, texts);
    v1::ActionResult seen = Seen("x");
    seen.set_outcome(v1::ActionResult::OUTCOME_DONE);
    view_.results[sent_[node][1].id()] = seen;
  }
  Step(run.get(), absl::Milliseconds(1));
  EXPECT_TRUE(run->gathered());
  const v1::ResourceInspection& read = run->hosts().at("node-02").inspection->resources(0);
  EXPECT_EQ(read.texts(0).text(), "of node-02");
  EXPECT_TRUE(read.paths(0).marked()) << "nothing else of the second reading is taken";
}

TEST_F(CheckRunTest, RehashingMayTakeLonger) {
  const auto run = NewRun(/*rehash=*/true);
  run->Step(&view_, now_);
  EXPECT_TRUE(sent_["node-01"][0].inspect().rehash());
  EXPECT_GT(FromProto(sent_["node-01"][0].timeout()), absl::Minutes(4));
  EXPECT_GT(FromProto(sent_["node-01"][0].inspect().marker_life()), absl::Minutes(5));
  Step(run.get(), absl::Minutes(4));
  EXPECT_FALSE(run->gathered());
  EXPECT_TRUE(run->observed()) << "the rest has its own time";
  Step(run.get(), absl::Minutes(2));
  EXPECT_TRUE(run->gathered());
}

TEST_F(CheckRunTest, WhatWasUnderWayAlreadyIsAskedForAgain) {
  const auto run = NewRun();
  run->Step(&view_, now_);
  now_ -= absl::Milliseconds(10);
  SeeAll();  // by a question that was asked before
  now_ += absl::Milliseconds(30);
  run->Step(&view_, now_);
  EXPECT_FALSE(run->observed());
  EXPECT_EQ(observed_["node-01"].size(), 2u);
  SeeAll();
  run->Step(&view_, now_);
  EXPECT_TRUE(run->observed());
}

TEST_F(CheckRunTest, ClocksAreBoundedByAllThatWasSaid) {
  const auto run = NewRun();
  run->Step(&view_, now_);
  SeeAll();
  Step(run.get(), absl::Milliseconds(200));
  for (const char* const node : {"node-01", "node-02", "node-03"}) {
    Answer(node, Inspected(true), node == std::string("node-02") ? absl::Seconds(3) : absl::ZeroDuration());
  }
  run->Step(&view_, now_);
  // Between sending and hearing lie 200 ms; the agent began after 190 and ended after 195.
  EXPECT_EQ(run->hosts().at("node-01").clock_least, -absl::Milliseconds(5));
  EXPECT_EQ(run->hosts().at("node-01").clock_most, absl::Milliseconds(190));
  EXPECT_EQ(run->hosts().at("node-02").clock_least, absl::Seconds(3) - absl::Milliseconds(5));
  Step(run.get(), absl::Milliseconds(20));
  Answer("node-01", Seen("x"));
  Answer("node-02", Seen("x"), absl::Seconds(1));
  run->Step(&view_, now_);
  EXPECT_EQ(run->hosts().at("node-01").clock_most, absl::Milliseconds(10)) << "a shorter way tells more";
  EXPECT_EQ(run->hosts().at("node-01").clock_least, -absl::Milliseconds(5));
  EXPECT_EQ(run->hosts().at("node-02").clock_least, absl::Seconds(1) - absl::Milliseconds(5)) << "it was set meanwhile";
  EXPECT_EQ(run->hosts().at("node-02").clock_most, absl::Seconds(3) + absl::Milliseconds(190));
}

}  // namespace
}  // namespace jettyfleet
