#include "agent/observe/unit_observer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "agent/observe/unit_properties.h"
#include "common/proto_time.h"
#include "tests/testing/agent/fake_systemd.h"
#include "tests/testing/agent/loop_until.h"
#include "tests/testing/agent/scripted_runner.h"

namespace jettyfleet {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

FakeSystemd::Unit Running() {
  return {.active_state = "active",
          .sub_state = "running",
          .control_group = "/system.slice/jetty9.service",
          .main_pid = 4711,
          .active_enter_usec = 1763900000000000};
}

class UnitObserverTest : public testing::Test {
 protected:
  UnitObserverTest()
      : loop_(*Loop::Create()),
        systemd_(*loop_),
        runner_(*loop_),
        observer_(
            *loop_, runner_, [this](sd_bus** bus) { return systemd_.Open(bus); },
            [this](v1::HostChange change) { changes_.push_back(std::move(change)); }) {
    systemd_.units["jetty9.service"] = Running();
    runner_.answers["journalctl"] = ScriptedRunner::Exit(0, "Out of memory\nexiting\n");
  }

  // Everything is read; returns the number of changes so far.
  std::size_t Read() {
    bool done = false;
    observer_.Read([&done] { done = true; });
    EXPECT_TRUE(LoopUntil(*loop_, [&done] { return done; }));
    return changes_.size();
  }

  bool Reaches(const std::string& unit, const std::string& state) {
    return LoopUntil(*loop_, [&] {
      const v1::UnitFact* const fact = observer_.Find(unit);
      return fact != nullptr && fact->active_state() == state;
    });
  }

  // Facts of `unit` passed on after the first `after` changes.
  std::vector<v1::UnitFact> FactsOf(const std::string& unit, std::size_t after) const {
    std::vector<v1::UnitFact> facts;
    for (std::size_t i = after; i < changes_.size(); ++i) {
      for (const v1::UnitFact& fact : changes_[i].units()) {
        if (fact.unit() == unit) facts.push_back(fact);
      }
    }
    return facts;
  }

  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const auto& [name, fact] : observer_.units()) names.push_back(name);
    return names;
  }

  std::unique_ptr<Loop> loop_;
  FakeSystemd systemd_;
  ScriptedRunner runner_;
  std::vector<v1::HostChange> changes_;
  UnitObserver observer_;
};

TEST(IsJettyUnitTest, TakesServicesAndInstancesButNoTemplates) {
  const struct {
    const char* name;
    bool expected;
  } kCases[] = {
      {"jetty.service", true},
      {"jetty9.service", true},
      {"jetty@blue.service", true},
      {"jetty12@a.service", true},
      {"jetty@.service", false},
      {"jetty9.timer", false},
      {"jettyfleet-agent.service", false},
      {"xjetty.service", false},
      {"", false},
  };
  for (const auto& one : kCases) EXPECT_EQ(IsJettyUnit(one.name), one.expected) << one.name;
}

TEST_F(UnitObserverTest, FindsJettyAmongFilesAndLoadedUnitsAndWhatIsWatched) {
  systemd_.units["jetty@blue.service"] = Running();
  systemd_.units["jetty@green.service"] = {};
  systemd_.units["jetty12.service"] = {.loaded = false};
  systemd_.units["shop.service"] = {};
  systemd_.units["jettyfleet-agent.service"] = Running();
  systemd_.unit_files = {"/lib/systemd/system/jetty12.service", "/lib/systemd/system/jetty@.service",
                         "/lib/systemd/system/jetty9.service"};
  observer_.SetWatched({"shop.service"});
  observer_.Start();
  Read();
  EXPECT_THAT(Names(), UnorderedElementsAre("jetty12.service", "jetty9.service", "jetty@blue.service",
                                            "jetty@green.service", "shop.service"));
}

TEST_F(UnitObserverTest, ReadsAllProperties) {
  systemd_.units["jetty9.service"].drop_ins = {"/run/systemd/system/jetty9.service.d/50-pacemaker.conf"};
  systemd_.units["jetty9.service"].restarts = 3;
  observer_.Start();
  Read();
  const v1::UnitFact& fact = *observer_.Find("jetty9.service");
  EXPECT_EQ(fact.load_state(), "loaded");
  EXPECT_EQ(fact.active_state(), "active");
  EXPECT_EQ(fact.sub_state(), "running");
  EXPECT_EQ(fact.main_pid(), 4711u);
  EXPECT_EQ(fact.result(), "success");
  EXPECT_EQ(fact.unit_file_state(), "disabled");
  EXPECT_EQ(fact.restarts(), 3u);
  EXPECT_THAT(fact.drop_ins(), ElementsAre("/run/systemd/system/jetty9.service.d/50-pacemaker.conf"));
  EXPECT_EQ(fact.control_group(), "/system.slice/jetty9.service");
  EXPECT_EQ(fact.fragment_path(), "/lib/systemd/system/jetty9.service");
  EXPECT_EQ(FromProto(fact.active_since()), absl::FromUnixSeconds(1763900000));
  EXPECT_EQ(fact.error(), "");
  EXPECT_TRUE(fact.has_observed_at());
}

TEST_F(UnitObserverTest, SubscribesBeforeItLists) {
  observer_.Start();
  Read();
  ASSERT_GE(systemd_.calls.size(), 3u);
  EXPECT_EQ(systemd_.calls[0], "Subscribe");
  EXPECT_THAT(systemd_.calls[1], HasSubstr("List"));
}

TEST_F(UnitObserverTest, AFailureIsPassedOnFromTheSignalAloneAndExplainedLater) {
  observer_.Start();
  const std::size_t before = Read();
  systemd_.answers = false;  // nothing that is asked now is answered
  systemd_.units["jetty9.service"] = {.active_state = "failed", .sub_state = "failed", .result = "signal"};
  systemd_.SendPropertiesChanged("jetty9.service");
  ASSERT_TRUE(Reaches("jetty9.service", "failed"));
  const std::vector<v1::UnitFact> facts = FactsOf("jetty9.service", before);
  ASSERT_FALSE(facts.empty());
  EXPECT_EQ(facts.back().active_state(), "failed");
  EXPECT_EQ(facts.back().result(), "signal");
  EXPECT_EQ(facts.back().main_pid(), 0u);
  EXPECT_THAT(facts.back().journal_tail(), IsEmpty());
  ASSERT_TRUE(LoopUntil(*loop_, [&] { return !FactsOf("jetty9.service", before).back().journal_tail().empty(); }));
  EXPECT_THAT(FactsOf("jetty9.service", before).back().journal_tail(), ElementsAre("Out of memory", "exiting"));
  EXPECT_THAT(runner_.calls, ElementsAre("journalctl -u jetty9.service -n 10 -o cat --no-pager"));
}

TEST_F(UnitObserverTest, TheJournalsLinesGoWithTheFailure) {
  systemd_.units["jetty9.service"] = {.active_state = "failed", .sub_state = "failed", .result = "exit-code"};
  std::string many;
  for (int i = 1; i <= 14; ++i) absl::StrAppend(&many, "line ", i, " ", std::string(1000, 'x'), "\n");
  runner_.answers["journalctl"] = ScriptedRunner::Exit(0, many);
  observer_.Start();
  ASSERT_TRUE(LoopUntil(*loop_, [&] {
    const v1::UnitFact* const fact = observer_.Find("jetty9.service");
    return fact != nullptr && fact->journal_tail_size() > 0;
  }));
  ASSERT_EQ(observer_.Find("jetty9.service")->journal_tail_size(), 10);
  EXPECT_THAT(observer_.Find("jetty9.service")->journal_tail(9), HasSubstr("line 14"));
  EXPECT_LE(observer_.Find("jetty9.service")->journal_tail(0).size(), 300u);
  // A reading of the same failure keeps them; the end of the failure drops them.
  Read();
  EXPECT_EQ(observer_.Find("jetty9.service")->journal_tail_size(), 10);
  systemd_.units["jetty9.service"] = Running();
  systemd_.SendPropertiesChanged("jetty9.service");
  ASSERT_TRUE(Reaches("jetty9.service", "active"));
  EXPECT_THAT(observer_.Find("jetty9.service")->journal_tail(), IsEmpty());
}

TEST_F(UnitObserverTest, WhatNoSignalCarriesIsReadAfterIt) {
  systemd_.units["jetty9.service"] = {};
  observer_.Start();
  Read();
  systemd_.units["jetty9.service"] = Running();
  systemd_.units["jetty9.service"].drop_ins = {"/run/x.conf"};
  systemd_.SendPropertiesChanged("jetty9.service");
  EXPECT_TRUE(LoopUntil(*loop_, [&] {
    return observer_.Find("jetty9.service")->control_group() == "/system.slice/jetty9.service" &&
           observer_.Find("jetty9.service")->drop_ins_size() == 1;
  }));
}

TEST_F(UnitObserverTest, TellsOnlyWhatChangedUnlessItIsAsked) {
  observer_.Start();
  const std::size_t before = Read();
  systemd_.SendPropertiesChanged("jetty9.service");
  systemd_.SendReloading(false);
  LoopFor(*loop_, absl::Milliseconds(200));
  EXPECT_EQ(changes_.size(), before);
  EXPECT_THAT(systemd_.calls, Contains("GetAll jetty9.service").Times(testing::Ge(2)));  // the reload had it read
  Read();
  EXPECT_EQ(FactsOf("jetty9.service", before).size(), 1u);
}

TEST_F(UnitObserverTest, ReadsThatComeTogetherShareOnePass) {
  observer_.Start();
  Read();
  systemd_.calls.clear();
  int done = 0;
  for (int i = 0; i < 5; ++i) observer_.Read([&done] { ++done; });
  ASSERT_TRUE(LoopUntil(*loop_, [&done] { return done == 5; }));
  // The first began before the others asked; one more serves all of these.
  EXPECT_EQ(std::count(systemd_.calls.begin(), systemd_.calls.end(), "ListUnitsByPatterns"), 2);
}

TEST_F(UnitObserverTest, ALostBusMakesEverythingUnknownUntilItIsBack) {
  observer_.Start();
  const std::size_t before = Read();
  systemd_.refuses_to_open = ECONNREFUSED;
  systemd_.Disconnect();
  ASSERT_TRUE(Reaches("jetty9.service", ""));
  EXPECT_THAT(FactsOf("jetty9.service", before).back().error(), HasSubstr("bus"));
  EXPECT_EQ(FactsOf("jetty9.service", before).back().main_pid(), 0u);
  // Asked meanwhile: the answer is "unknown", and it comes.
  const std::size_t asked = changes_.size();
  Read();
  ASSERT_EQ(FactsOf("jetty9.service", asked).size(), 1u);
  EXPECT_NE(FactsOf("jetty9.service", asked)[0].error(), "");
  systemd_.refuses_to_open = 0;
  EXPECT_TRUE(Reaches("jetty9.service", "active"));
  EXPECT_EQ(observer_.Find("jetty9.service")->error(), "");
  for (const v1::HostChange& change : changes_) EXPECT_THAT(change.units_gone(), IsEmpty());
}

TEST_F(UnitObserverTest, WhoeverWaitsWhenTheBusIsLostIsAnswered) {
  observer_.Start();
  Read();
  systemd_.answers = false;
  int done = 0;
  observer_.Read([&done] { ++done; });
  observer_.Read([&done] { ++done; });
  LoopFor(*loop_, absl::Milliseconds(20));
  EXPECT_EQ(done, 0);
  systemd_.refuses_to_open = ENOENT;
  systemd_.Disconnect();
  EXPECT_TRUE(LoopUntil(*loop_, [&done] { return done == 2; }));
  EXPECT_NE(observer_.Find("jetty9.service")->error(), "");
}

TEST_F(UnitObserverTest, WithoutAnyBusWatchedUnitsAreUnknown) {
  systemd_.refuses_to_open = ENOENT;
  observer_.Start();
  observer_.SetWatched({"shop.service"});
  ASSERT_NE(observer_.Find("shop.service"), nullptr);
  EXPECT_EQ(observer_.Find("shop.service")->active_state(), "");
  EXPECT_THAT(observer_.Find("shop.service")->error(), HasSubstr("No such file"));
  EXPECT_EQ(changes_.size(), 1u);
}

TEST_F(UnitObserverTest, AFailedListingIsNotAnEmptyOne) {
  observer_.Start();
  const std::size_t before = Read();
  systemd_.refuses_to_list = true;
  Read();
  EXPECT_THAT(Names(), ElementsAre("jetty9.service"));
  EXPECT_EQ(FactsOf("jetty9.service", before).back().active_state(), "active");
  for (const v1::HostChange& change : changes_) EXPECT_THAT(change.units_gone(), IsEmpty());
}

TEST_F(UnitObserverTest, AUnitThatCannotBeReadIsUnknown) {
  observer_.SetWatched({"shop.service"});
  observer_.Start();
  Read();
  EXPECT_EQ(observer_.Find("shop.service")->active_state(), "");
  EXPECT_THAT(observer_.Find("shop.service")->error(), HasSubstr("no such unit"));
  // A few properties do not make it known; the whole does.
  systemd_.units["shop.service"] = Running();
  systemd_.SendPropertiesChanged("shop.service");
  ASSERT_TRUE(Reaches("shop.service", "active"));
  EXPECT_EQ(observer_.Find("shop.service")->load_state(), "loaded");
}

TEST_F(UnitObserverTest, MalformedSignalsAreAnsweredWithAReading) {
  observer_.Start();
  Read();
  systemd_.units["jetty9.service"].restarts = 5;
  systemd_.SendMalformedProperties("jetty9.service");
  EXPECT_TRUE(LoopUntil(*loop_, [&] { return observer_.Find("jetty9.service")->restarts() == 5; }));
  EXPECT_EQ(observer_.Find("jetty9.service")->active_state(), "active");
}

TEST_F(UnitObserverTest, UnitsComeAndGo) {
  observer_.Start();
  Read();
  systemd_.units["jetty@blue.service"] = Running();
  systemd_.SendUnitSignal("UnitNew", "jetty@blue.service");
  ASSERT_TRUE(Reaches("jetty@blue.service", "active"));
  systemd_.units.erase("jetty@blue.service");
  systemd_.SendUnitSignal("UnitRemoved", "jetty@blue.service");
  ASSERT_TRUE(LoopUntil(*loop_, [&] { return observer_.Find("jetty@blue.service") == nullptr; }));
  EXPECT_THAT(changes_.back().units_gone(), ElementsAre("jetty@blue.service"));
}

TEST_F(UnitObserverTest, ReadingAnUnloadedUnitDoesNotLeadToReadingForEver) {
  systemd_.units["jetty9.service"] = {};
  observer_.Start();
  Read();
  systemd_.calls.clear();
  systemd_.SendUnitSignal("UnitNew", "jetty9.service");
  systemd_.SendUnitSignal("UnitRemoved", "jetty9.service");
  systemd_.SendUnitSignal("UnitNew", "cron.service");
  LoopFor(*loop_, absl::Milliseconds(150));
  EXPECT_THAT(systemd_.calls, IsEmpty());
}

TEST_F(UnitObserverTest, OfManyUnitsSixtyFourAreObserved) {
  for (int i = 0; i < 200; ++i) systemd_.units[absl::StrCat("jetty@", i, ".service")] = {};
  observer_.SetWatched({"shop.service"});
  observer_.Start();
  Read();
  EXPECT_EQ(observer_.units().size(), 64u);
  EXPECT_NE(observer_.Find("shop.service"), nullptr);
}

}  // namespace
}  // namespace jettyfleet
