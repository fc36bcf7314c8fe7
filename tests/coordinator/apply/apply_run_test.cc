#include "coordinator/apply/apply_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/proto_time.h"
#include "tests/coordinator/apply/scripted_cluster.h"

namespace jettyfleet {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;
using Answer = ScriptedCluster::Answer;

std::string Message(const absl::Status& status) { return std::string(status.message()); }

// An existing clone exactly as described.
void AddDescribedClone(ScriptedCluster* cluster) {
  cluster->AddPrimitive("web", "jetty9")->set_clone("web-clone");
  cluster->StartInstances();
}

TEST(ApplyRunTest, CreatesAndClonesFromNothing) {
  ScriptedCluster cluster;
  const absl::Status status = cluster.Run();
  EXPECT_TRUE(status.ok()) << status;
  ASSERT_THAT(cluster.SentInWords(), ElementsAre("acquire_lock to node-02", "create_resource to node-02",
                                                 "clone_resource to node-02", "release_lock to node-02"));
  EXPECT_TRUE(cluster.all_were_durable());
  EXPECT_FALSE(cluster.locked());
  const v1::Action& lock = cluster.sent()[0].action;
  EXPECT_EQ(lock.acquire_lock().holder(), "uuid-1");
  EXPECT_EQ(FromProto(lock.acquire_lock().duration()), absl::Minutes(10));
  EXPECT_EQ(cluster.sent()[1].action.create_resource().unit(), "jetty9");
  EXPECT_EQ(cluster.sent()[2].action.clone_resource().clone_max(), 3u);
  std::set<std::string> ids;
  for (const ScriptedCluster::Sent& sent : cluster.sent()) {
    ids.insert(sent.action.id());
    EXPECT_EQ(sent.action.operation_id(), "a-1");
    EXPECT_EQ(sent.action.epoch(), 7u);
    EXPECT_EQ(FromProto(sent.action.timeout()), absl::Seconds(60));
  }
  EXPECT_EQ(ids.size(), 4u) << "every action has an id of its own";
  EXPECT_THAT(
      cluster.ProgressInWords(),
      ElementsAre("DONE gate: quorum, idle, DC node-02",
                  "STARTED create web as systemd:jetty9: no resource runs systemd:jetty9",
                  "DONE create web as systemd:jetty9: ", StartsWith("STARTED clone web"), StartsWith("DONE clone web"),
                  "UNCHANGED resource web: as described",
                  StartsWith("DONE web on node-01: active, bound"), StartsWith("DONE web on node-02"),
                  StartsWith("DONE web on node-03"), StartsWith("DONE server app/node-01 on lb-01: UP"),
                  StartsWith("DONE server app/node-02"), StartsWith("DONE server app/node-03")));
}

TEST(ApplyRunTest, EveryActionAndItsEndAreInTheJournalWithWhoAndWhy) {
  ScriptedCluster cluster;
  ASSERT_TRUE(cluster.Run().ok());
  ASSERT_GT(cluster.journal().LastSequence(), 0u);
  std::vector<std::string> records;
  for (const v1::JournalRecord& record : cluster.journal().records()) {
    EXPECT_EQ(record.operation_id(), "a-1");
    EXPECT_EQ(record.cluster(), "c");
    EXPECT_EQ(record.who(), "operator alice");
    records.push_back(record.has_action_issued()   ? "issued " + record.action_issued().action().id()
                      : record.has_action_ended() ? "ended " + record.action_ended().result().action_id()
                                                   : "step " + record.apply_step_ended().step());
  }
  EXPECT_THAT(records, ElementsAre("issued a-1/7-1", "ended a-1/7-1", "issued a-1/7-2", "ended a-1/7-2",
                                   "step create web as systemd:jetty9", "issued a-1/7-3", "ended a-1/7-3",
                                   StartsWith("step clone web"), "issued a-1/7-4", "ended a-1/7-4"));
  EXPECT_EQ(cluster.journal().records()[0].why(), "a test");
}

TEST(ApplyRunTest, WhatIsAsDescribedIsLeftAlone) {
  ScriptedCluster cluster;
  AddDescribedClone(&cluster);
  EXPECT_TRUE(cluster.Run().ok());
  EXPECT_THAT(cluster.sent(), IsEmpty()) << "it needs not even the lock";
  EXPECT_THAT(cluster.ProgressInWords(), Contains("UNCHANGED resource web: as described"));
}

TEST(ApplyRunTest, WhatThePlannerRefusesChangesNothing) {
  ScriptedCluster cluster;
  AddDescribedClone(&cluster);
  cluster.AddPrimitive("other", "jetty9");
  const absl::Status status = cluster.Run();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(Message(status), HasSubstr("2 resources run systemd:jetty9 (web, other)"));
  EXPECT_THAT(cluster.sent(), IsEmpty());
}

v1::Prediction StopsOn(const std::vector<std::string>& nodes) {
  v1::Prediction prediction;
  prediction.set_predicted(v1::ANSWER_YES);
  for (const std::string& node : nodes) {
    v1::PredictedOperation* const stop = prediction.add_operations();
    stop->set_task("stop");
    stop->set_resource("web:0");
    stop->set_node(node);
  }
  return prediction;
}

TEST(ApplyRunTest, WhatStopsAnInstanceNeedsToBeAllowed) {
  for (const bool allowed : {false, true}) {
    ScriptedCluster cluster;
    AddDescribedClone(&cluster);
    cluster.description().mutable_resources(0)->set_clone_max(2);
    cluster.predict = [](const v1::Action&) { return StopsOn({"node-03"}); };
    cluster.allow_disruption = allowed;
    const absl::Status status = cluster.Run();
    if (allowed) {
      EXPECT_TRUE(status.ok()) << status;
      EXPECT_THAT(cluster.SentInWords(),
                  ElementsAre("acquire_lock to node-02", "set_lb_server to lb-01", "set_lb_server to lb-01",
                              "set_meta to node-02", "set_lb_server to lb-01", "release_lock to node-02"));
      const v1::SetLbServer& drain = cluster.sent()[1].action.set_lb_server();
      EXPECT_EQ(drain.server(), "node-03");
      EXPECT_EQ(drain.state(), v1::LbServerFact::ADMIN_STATE_DRAIN);
      EXPECT_EQ(drain.lease_id(), "jettyfleet-a-1-lb0");
      EXPECT_EQ(cluster.sent()[2].action.set_lb_server().state(), v1::LbServerFact::ADMIN_STATE_MAINT);
      EXPECT_EQ(cluster.sent()[4].action.set_lb_server().state(), v1::LbServerFact::ADMIN_STATE_READY);
    } else {
      EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
      EXPECT_EQ(Message(status),
                "set clone-max=2 on web-clone would stop web on node-03; --allow-disruption does it nevertheless");
      EXPECT_THAT(cluster.SentInWords(), ElementsAre("acquire_lock to node-02", "release_lock to node-02"));
    }
  }
}

TEST(ApplyRunTest, WhatWasDrainedIsGivenBackWhenTheStepFails) {
  ScriptedCluster cluster;
  AddDescribedClone(&cluster);
  cluster.description().mutable_resources(0)->set_clone_max(2);
  cluster.predict = [](const v1::Action&) { return StopsOn({"node-03"}); };
  cluster.allow_disruption = true;
  cluster.answers["set_meta"] = Answer::kRefuses;
  EXPECT_THAT(Message(cluster.Run()), HasSubstr("a reason"));
  EXPECT_THAT(cluster.SentInWords(),
              ElementsAre("acquire_lock to node-02", "set_lb_server to lb-01", "set_lb_server to lb-01",
                          "set_meta to node-02", "set_lb_server to lb-01", "release_lock to node-02"));
}

TEST(ApplyRunTest, ALoadBalancerThatCannotBeToldStopsItBeforeTheStep) {
  ScriptedCluster cluster;
  AddDescribedClone(&cluster);
  cluster.description().mutable_resources(0)->set_clone_max(2);
  cluster.predict = [](const v1::Action&) { return StopsOn({"node-03"}); };
  cluster.allow_disruption = true;
  cluster.reachable = [](const std::string& host) { return host != "lb-01"; };
  EXPECT_EQ(Message(cluster.Run()), "the agent on lb-01 is not connected");
  EXPECT_THAT(cluster.SentInWords(), ElementsAre("acquire_lock to node-02", "release_lock to node-02"));
}

TEST(ApplyRunTest, SessionsAreWaitedForButNotForEver) {
  ScriptedCluster cluster;
  AddDescribedClone(&cluster);
  cluster.description().mutable_resources(0)->set_clone_max(2);
  cluster.predict = [](const v1::Action&) { return StopsOn({"node-03"}); };
  cluster.allow_disruption = true;
  for (v1::LbServerFact& fact : *cluster.view().load_balancers.at("lb-01").report.mutable_lb_servers()) {
    fact.set_current_sessions(3);
  }
  EXPECT_TRUE(cluster.Run().ok());
  EXPECT_GE(cluster.took(), absl::Seconds(35));
  EXPECT_LE(cluster.took(), absl::Seconds(45));
}

TEST(ApplyRunTest, ACoordinatorThatDiesAtAnyActIsFollowedByOneThatCompletesIt) {
  for (const ScriptedCluster::Death death :
       {ScriptedCluster::Death::kBeforeSending, ScriptedCluster::Death::kBeforeTheAnswer}) {
    // Lock, create, clone, unlock.
    for (int act = 0; act < 4; ++act) {
      SCOPED_TRACE(absl::StrCat("act ", act, death == ScriptedCluster::Death::kBeforeSending ? " unsent" : " unheard"));
      ScriptedCluster cluster;
      cluster.death = death;
      cluster.dies_at_act = act;
      const absl::Status status = cluster.Run();
      EXPECT_TRUE(status.ok()) << status;
      EXPECT_FALSE(cluster.locked());
      EXPECT_EQ(cluster.cib().primitives_size(), 1) << "created once";
      EXPECT_EQ(cluster.cib().primitives(0).clone_meta_size(), 2) << "cloned once";
      std::map<std::string, int> times;
      for (const ScriptedCluster::Sent& sent : cluster.sent()) ++times[KindOf(sent.action)];
      EXPECT_EQ(times["create_resource"], 1);
      EXPECT_EQ(times["clone_resource"], 1);
      std::set<std::string> ids;
      for (const ScriptedCluster::Sent& sent : cluster.sent()) {
        EXPECT_TRUE(ids.insert(sent.action.id()).second) << "no id twice, or an agent would think it done";
      }
    }
  }
}

TEST(ApplyRunTest, NoStepStopsTwoInstancesEvenWhereItIsAllowed) {
  ScriptedCluster cluster;
  AddDescribedClone(&cluster);
  cluster.description().mutable_resources(0)->set_clone_max(2);
  cluster.predict = [](const v1::Action&) { return StopsOn({"node-02", "node-03"}); };
  cluster.allow_disruption = true;
  const absl::Status status = cluster.Run();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(Message(status), HasSubstr("would stop web on node-02 and web on node-03 at once"));
  EXPECT_THAT(cluster.SentInWords(), ElementsAre("acquire_lock to node-02", "release_lock to node-02"));
}

TEST(ApplyRunTest, WhatCannotBePredictedNeedsToBeAllowed) {
  ScriptedCluster cluster;
  AddDescribedClone(&cluster);
  cluster.description().mutable_resources(0)->set_clone_max(2);
  cluster.predict = [](const v1::Action&) {
    v1::Prediction none;
    none.set_error("crm_simulate is not installed");
    return none;
  };
  EXPECT_THAT(Message(cluster.Run()), HasSubstr("cannot be predicted (crm_simulate is not installed)"));
}

TEST(ApplyRunTest, AStepIsPredictedBesideTheOneBeforeIt) {
  ScriptedCluster cluster;
  std::vector<std::string> tried;
  cluster.predict = [&](const v1::Action& action) {
    tried.push_back(absl::StrCat(KindOf(action), " after ", cluster.sent().size(), " acts"));
    v1::Prediction prediction;
    prediction.set_predicted(v1::ANSWER_YES);
    return prediction;
  };
  EXPECT_TRUE(cluster.Run().ok());
  EXPECT_THAT(tried, ElementsAre("create_resource after 0 acts", "create_resource after 2 acts",
                                 "clone_resource after 2 acts"));
}

TEST(ApplyRunTest, WhatCouldNotBePredictedBesideAnActIsPredictedAfterIt) {
  ScriptedCluster cluster;
  int clones = 0;
  cluster.predict = [&](const v1::Action& action) {
    v1::Prediction prediction;
    if (action.has_clone_resource() && ++clones == 1) {
      prediction.set_error("the CIB changed meanwhile");
    } else {
      prediction.set_predicted(v1::ANSWER_YES);
    }
    return prediction;
  };
  const absl::Status status = cluster.Run();
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(clones, 2);
}

TEST(ApplyRunTest, AnAgentThatCannotLookIsAskedAgainButNotForEver) {
  ScriptedCluster cluster;
  cluster.answers["predict_actions"] = Answer::kRefuses;
  const absl::Status status = cluster.Run();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(Message(status), "a reason");
  EXPECT_THAT(cluster.SentInWords(), Not(Contains("create_resource to node-02")));
  EXPECT_FALSE(cluster.locked());
}

TEST(ApplyRunTest, AnAgentThatFindsTheClusterInTransitionIsToldAgainButNotForEver) {
  ScriptedCluster never_rests;
  never_rests.answers["create_resource"] = Answer::kIsBusy;
  EXPECT_EQ(Message(never_rests.Run()), "the cluster is in transition");
  EXPECT_FALSE(never_rests.locked());

  ScriptedCluster comes_to_rest;
  comes_to_rest.answers["create_resource"] = Answer::kIsBusy;
  comes_to_rest.after_send = [&](const ScriptedCluster::Sent& sent) {
    if (sent.action.has_create_resource()) comes_to_rest.answers.clear();
  };
  const absl::Status status = comes_to_rest.Run();
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_THAT(comes_to_rest.ProgressInWords(),
              Contains("STARTED gate: the cluster is in transition; looking at the cluster again"));
}

TEST(ApplyRunTest, ASurpriseStopsIt) {
  ScriptedCluster cluster;
  cluster.most_instances = 2;
  cluster.predict = [](const v1::Action& action) {
    v1::Prediction prediction;
    prediction.set_predicted(v1::ANSWER_YES);
    if (!action.has_clone_resource()) return prediction;
    v1::PredictedPlacement* const placement = prediction.add_placements();
    placement->set_resource("web");
    for (const char* const node : {"node-01", "node-02", "node-03"}) placement->add_nodes(node);
    return prediction;
  };
  const absl::Status status = cluster.Run();
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_THAT(Message(status), HasSubstr("Pacemaker was expected to run web on node-01, node-02, node-03, and it runs on "
                                         "node-01, node-02; stopped here"));
  EXPECT_THAT(cluster.ProgressInWords(), Contains(StartsWith("FAILED clone web")));
  EXPECT_FALSE(cluster.locked());
}

TEST(ApplyRunTest, AnothersLockIsNotGivenBack) {
  ScriptedCluster cluster;
  cluster.lock_is_anothers = true;
  const absl::Status status = cluster.Run();
  EXPECT_EQ(status.code(), absl::StatusCode::kAborted);
  EXPECT_EQ(Message(status), "another operation is running in this cluster: d-9");
  EXPECT_THAT(cluster.SentInWords(), ElementsAre("acquire_lock to node-02"));
}

TEST(ApplyRunTest, AnActionWithoutAnAnswerIsFoundDoneByLooking) {
  for (const Answer answer : {Answer::kDoesSilently, Answer::kGoesAwayDoing}) {
    ScriptedCluster cluster;
    cluster.answers["create_resource"] = answer;
    const absl::Status status = cluster.Run();
    EXPECT_TRUE(status.ok()) << status;
    EXPECT_THAT(cluster.SentInWords(), ElementsAre("acquire_lock to node-02", "create_resource to node-02",
                                                   "clone_resource to node-02", "release_lock to node-02"));
    EXPECT_THAT(cluster.ProgressInWords(), Contains(HasSubstr("; reading what became of it")));
  }
}

TEST(ApplyRunTest, ALockWhoseAnswerWasLostIsAskedForAgain) {
  ScriptedCluster cluster;
  cluster.answers["acquire_lock"] = Answer::kGoesAwayDoing;
  cluster.after_send = [&](const ScriptedCluster::Sent&) { cluster.answers.clear(); };
  EXPECT_TRUE(cluster.Run().ok());
  EXPECT_THAT(cluster.SentInWords(),
              ElementsAre("acquire_lock to node-02", "acquire_lock to node-02", "create_resource to node-02",
                          "clone_resource to node-02", "release_lock to node-02"));
  EXPECT_FALSE(cluster.locked());
}

TEST(ApplyRunTest, OutcomesThatStayUnknownEndIt) {
  for (const char* const kind : {"acquire_lock", "create_resource"}) {
    SCOPED_TRACE(kind);
    ScriptedCluster cluster;
    cluster.answers[kind] = Answer::kNothing;
    const absl::Status status = cluster.Run();
    EXPECT_FALSE(status.ok());
    EXPECT_THAT(Message(status), HasSubstr("no answer from the agent"));
    int asked = 0;
    for (const ScriptedCluster::Sent& sent : cluster.sent()) asked += KindOf(sent.action) == kind;
    ASSERT_EQ(asked, 6);
    EXPECT_EQ(cluster.SentInWords().back(), "release_lock to node-02") << "it may have been taken all the same";
  }
}

TEST(ApplyRunTest, DoneThatTheCibDoesNotShowIsNotDoneAgainForEver) {
  ScriptedCluster cluster;
  cluster.answers["create_resource"] = Answer::kLiesItIsDone;
  const absl::Status status = cluster.Run();
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_THAT(Message(status), HasSubstr("create web as systemd:jetty9"));
  EXPECT_THAT(Message(status), HasSubstr("it was done, and it is needed again (no resource runs systemd:jetty9)"));
  EXPECT_THAT(cluster.SentInWords(),
              ElementsAre("acquire_lock to node-02", "create_resource to node-02", "release_lock to node-02"));
}

TEST(ApplyRunTest, TheNextStepGoesToTheDcOfThatMoment) {
  ScriptedCluster cluster;
  cluster.after_send = [&](const ScriptedCluster::Sent& sent) {
    if (sent.action.has_create_resource()) cluster.MoveDc("node-03");
  };
  EXPECT_TRUE(cluster.Run().ok());
  EXPECT_THAT(cluster.SentInWords(), ElementsAre("acquire_lock to node-02", "create_resource to node-02",
                                                 "clone_resource to node-03", "release_lock to node-03"));
}

TEST(ApplyRunTest, ADcThatWasGoneForAWhileIsWaitedFor) {
  ScriptedCluster cluster;
  cluster.after_send = [&](const ScriptedCluster::Sent& sent) {
    if (!sent.action.has_create_resource()) return;
    cluster.InEveryFact([](v1::ClusterFact* fact) { fact->set_dc_present(v1::ANSWER_NO); });
    cluster.At(absl::Seconds(20), [&] {
      cluster.InEveryFact([](v1::ClusterFact* fact) { fact->set_dc_present(v1::ANSWER_YES); });
      cluster.MoveDc("node-01");
    });
  };
  const absl::Status status = cluster.Run();
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_THAT(cluster.SentInWords(),
              ElementsAre("acquire_lock to node-02", "create_resource to node-02", "clone_resource to node-01",
                          "release_lock to node-01"));
}

TEST(ApplyRunTest, WithoutAQuorateDcNeitherAnActNorItsUndoIsSent) {
  ScriptedCluster cluster;
  cluster.after_send = [&](const ScriptedCluster::Sent& sent) {
    if (!sent.action.has_create_resource()) return;
    cluster.InEveryFact([](v1::ClusterFact* fact) { fact->set_dc_with_quorum(v1::ANSWER_NO); });
  };
  const absl::Status status = cluster.Run();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(Message(status), HasSubstr("no DC with quorum can be reached"));
  EXPECT_THAT(cluster.SentInWords(), ElementsAre("acquire_lock to node-02", "create_resource to node-02"));
  EXPECT_THAT(cluster.ProgressInWords().back(),
              HasSubstr("the lock could not be given back; it ends by itself after 10m"));
  EXPECT_LE(cluster.took(), absl::Minutes(4));
}

TEST(ApplyRunTest, GivingTheLockBackIsTriedAgain) {
  for (const Answer answer : {Answer::kGoesAwayDoing, Answer::kRefuses}) {
    ScriptedCluster cluster;
    cluster.answers["release_lock"] = answer;
    cluster.At(absl::Seconds(5), [&] { cluster.answers.clear(); });
    EXPECT_TRUE(cluster.Run().ok()) << "what was applied stays applied";
    EXPECT_FALSE(cluster.locked());
    EXPECT_EQ(cluster.SentInWords().back(), "release_lock to node-02");
    EXPECT_GT(cluster.sent().size(), 5u);
    EXPECT_LE(cluster.took(), absl::Seconds(6));
  }
}

TEST(ApplyRunTest, WhatTheAgentRefusesEndsIt) {
  for (const char* const kind : {"acquire_lock", "create_resource", "clone_resource"}) {
    SCOPED_TRACE(kind);
    ScriptedCluster cluster;
    cluster.answers[kind] = Answer::kRefuses;
    const absl::Status status = cluster.Run();
    EXPECT_FALSE(status.ok());
    EXPECT_THAT(Message(status), HasSubstr("a reason"));
    ASSERT_GE(cluster.sent().size(), 2u);
    EXPECT_EQ(cluster.SentInWords().back(), "release_lock to node-02");
    EXPECT_FALSE(cluster.locked());
  }
}

TEST(ApplyRunTest, ANodeWithoutItsAgent) {
  ScriptedCluster nobody;
  for (auto& [name, host] : nobody.view().nodes) host.connected = false;
  const absl::Status none = nobody.Run();
  EXPECT_EQ(none.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(Message(none), StartsWith("no DC with quorum can be reached"));
  EXPECT_THAT(nobody.sent(), IsEmpty());

  ScriptedCluster gone;
  gone.reachable = [](const std::string&) { return false; };
  const absl::Status unsent = gone.Run();
  EXPECT_EQ(unsent.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(Message(unsent), "the agent on node-02 is not connected");
  EXPECT_LT(gone.took(), absl::Seconds(5)) << "there is no lock to give back";

  ScriptedCluster later;
  later.reachable = [&](const std::string&) { return later.sent().size() != 1; };
  EXPECT_EQ(later.Run().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(later.ProgressInWords().back(), HasSubstr("the lock could not be given back"));
}

TEST(ApplyRunTest, ItGoesOnWhenTheAgentIsBack) {
  ScriptedCluster cluster;
  int refused = 0;
  cluster.reachable = [&](const std::string&) { return cluster.sent().size() != 1 || ++refused > 4; };
  EXPECT_TRUE(cluster.Run().ok());
  EXPECT_THAT(cluster.SentInWords(), ElementsAre("acquire_lock to node-02", "create_resource to node-02",
                                                 "clone_resource to node-02", "release_lock to node-02"));
  EXPECT_FALSE(cluster.locked());
}

TEST(ApplyRunTest, ABrokenStreamIsNoReasonToWaitForAnAnswer) {
  ScriptedCluster cluster;
  cluster.answers["create_resource"] = Answer::kDoesSilently;
  cluster.after_send = [&](const ScriptedCluster::Sent& sent) {
    if (!sent.action.has_create_resource()) return;
    cluster.view().nodes.at("node-02").connected = false;
    cluster.At(cluster.took() + absl::Seconds(2), [&] { cluster.view().nodes.at("node-02").connected = true; });
  };
  EXPECT_TRUE(cluster.Run().ok());
  EXPECT_LT(cluster.took(), absl::Seconds(10));
}

TEST(ApplyRunTest, AFullJournalSendsNothing) {
  for (const MemoryJournal::Room room : {MemoryJournal::Room::kOnlyReserve, MemoryJournal::Room::kNone}) {
    ScriptedCluster cluster;
    cluster.journal().set_room(room);
    EXPECT_EQ(cluster.Run().code(), absl::StatusCode::kResourceExhausted);
    EXPECT_THAT(cluster.sent(), IsEmpty());
    EXPECT_THAT(cluster.journal().records(), IsEmpty());
  }
}

TEST(ApplyRunTest, AJournalThatFillsUpStopsTheActsAndNotTheUndo) {
  for (const MemoryJournal::Room room : {MemoryJournal::Room::kOnlyReserve, MemoryJournal::Room::kNone}) {
    ScriptedCluster cluster;
    cluster.after_send = [&](const ScriptedCluster::Sent&) { cluster.journal().set_room(room); };
    EXPECT_EQ(cluster.Run().code(), absl::StatusCode::kResourceExhausted);
    EXPECT_THAT(cluster.SentInWords(), ElementsAre("acquire_lock to node-02", "release_lock to node-02"));
    EXPECT_FALSE(cluster.locked());
    EXPECT_EQ(cluster.all_were_durable(), room == MemoryJournal::Room::kOnlyReserve) << "the reserve is for the undo";
  }
}

struct GateCase {
  const char* name;
  void (*bend)(ScriptedCluster*);
  absl::StatusCode code;
  const char* says;
};

class ApplyGateTest : public testing::TestWithParam<GateCase> {};

TEST_P(ApplyGateTest, SaysWhatIsMissingAndSendsNothing) {
  ScriptedCluster cluster;
  GetParam().bend(&cluster);
  const absl::Status status = cluster.Run();
  EXPECT_EQ(status.code(), GetParam().code);
  EXPECT_THAT(Message(status), HasSubstr(GetParam().says));
  EXPECT_THAT(cluster.sent(), IsEmpty());
  EXPECT_LE(cluster.took(), absl::Seconds(31));
}

INSTANTIATE_TEST_SUITE_P(
    All, ApplyGateTest,
    testing::Values(
        GateCase{"InTransition",
                 [](ScriptedCluster* cluster) {
                   cluster->InEveryFact([](v1::ClusterFact* fact) {
                     fact->set_idle(v1::ANSWER_NO);
                     fact->set_dc_state("S_TRANSITION_ENGINE");
                   });
                 },
                 absl::StatusCode::kFailedPrecondition, "in transition (S_TRANSITION_ENGINE on node-02)"},
        GateCase{
            "IdleIsUnknown",
            [](ScriptedCluster* cluster) { cluster->InEveryFact([](v1::ClusterFact* fact) { fact->clear_idle(); }); },
            absl::StatusCode::kFailedPrecondition, "in transition"},
        GateCase{"Maintenance",
                 [](ScriptedCluster* cluster) {
                   cluster->InEveryFact([](v1::ClusterFact* fact) { fact->set_maintenance_mode(true); });
                 },
                 absl::StatusCode::kFailedPrecondition, "pcs property set maintenance-mode=false"},
        GateCase{"NoQuorumByCorosync",
                 [](ScriptedCluster* cluster) {
                   cluster->InEveryFact(
                       [](v1::ClusterFact* fact) { fact->mutable_quorum()->set_quorate(v1::ANSWER_UNSPECIFIED); });
                 },
                 absl::StatusCode::kFailedPrecondition, "no DC with quorum can be reached"},
        GateCase{"NobodyLooksAgain", [](ScriptedCluster* cluster) { cluster->observes = false; },
                 absl::StatusCode::kFailedPrecondition, "the DC node-02 does not answer"},
        GateCase{"NoCib", [](ScriptedCluster* cluster) { cluster->cib().set_error("cibadmin: timed out"); },
                 absl::StatusCode::kFailedPrecondition, "the CIB cannot be read on node-02: cibadmin: timed out"},
        GateCase{"ANodeThatIsNone", [](ScriptedCluster* cluster) { cluster->description().add_nodes("node-04"); },
                 absl::StatusCode::kFailedPrecondition,
                 "the description names node-04, the cluster has node-01, node-02, node-03"}),
    [](const auto& info) { return info.param.name; });

TEST(ApplyRunTest, AClusterThatDoesNotComeToRestIsADeadline) {
  ScriptedCluster cluster;
  cluster.after_send = [&](const ScriptedCluster::Sent& sent) {
    if (sent.action.has_create_resource()) {
      cluster.InEveryFact([](v1::ClusterFact* fact) { fact->set_idle(v1::ANSWER_NO); });
    }
  };
  const absl::Status status = cluster.Run();
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(Message(status), "the cluster does not come to rest after create web as systemd:jetty9");
  EXPECT_GE(cluster.took(), absl::Minutes(3));
  EXPECT_FALSE(cluster.locked());
}

TEST(ApplyRunTest, InstancesThatDoNotComeAreADeadlineThatNamesThem) {
  ScriptedCluster cluster;
  cluster.most_instances = 2;
  const absl::Status status = cluster.Run();
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(Message(status), "not ready: 2 of 3 instances of web started");
  EXPECT_FALSE(cluster.locked());
}

TEST(ApplyRunTest, AnInstanceThatDoesNotAnswerIsNotReady) {
  ScriptedCluster cluster;
  v1::HttpFact* const http = cluster.view().nodes.at("node-03").report.mutable_http(0);
  http->set_healthy(v1::ANSWER_NO);
  http->set_status(503);
  const absl::Status status = cluster.Run();
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(Message(status), "not ready: web on node-03: unit active, port bound, HTTP answered 503");
  EXPECT_THAT(cluster.ProgressInWords(), Not(Contains(StartsWith("DONE web on node-03"))));
  EXPECT_FALSE(cluster.locked());
}

}  // namespace
}  // namespace jettyfleet
