#include "agent/observe/port_observer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/testing/agent/loop_until.h"
#include "tests/testing/agent/loopback_listener.h"
#include "tests/testing/files/temporary_directory.h"

namespace jettyfleet {
namespace {

using testing::StartsWith;

constexpr char kUnit[] = "jetty9.service";
constexpr char kGroup[] = "/system.slice/jetty9.service";

// This test process plays the unit's: it is the one in the unit's control group, unless a test says otherwise.
class PortObserverTest : public testing::Test {
 protected:
  PortObserverTest() : loop_(*Loop::Create()) {
    SetGroup(absl::StrCat(getpid(), "\n"));
    ControlGroupRoots roots;
    roots.unified = {};
    roots.with_processes = {root_.path()};
    observer_.emplace(
        *loop_,
        [this](const std::string& name) -> const v1::UnitFact* {
          const auto found = units_.find(name);
          return found == units_.end() ? nullptr : &found->second;
        },
        [this](v1::HostChange change) { changes_.push_back(std::move(change)); }, roots);
    SetUnit("active", kGroup);
  }

  void SetGroup(const std::string& processes) {
    std::filesystem::create_directories(root_.path() + kGroup);
    std::ofstream(root_.path() + kGroup + "/cgroup.procs") << processes;
  }
  void SetUnit(const std::string& state, const std::string& group) {
    units_[kUnit].set_active_state(state);
    units_[kUnit].set_control_group(group);
  }
  void Watch(uint16_t port) { observer_->SetWatched({{"jetty", kUnit, port}}); }
  const v1::PortFact& Fact(uint16_t port) const { return observer_->ports().at({"jetty", port}); }

  std::unique_ptr<Loop> loop_;
  const TemporaryDirectory root_;
  std::map<std::string, v1::UnitFact> units_;
  std::vector<v1::HostChange> changes_;
  std::optional<PortObserver> observer_;
};

TEST_F(PortObserverTest, ABoundPortOfTheUnit) {
  const LoopbackListener listener(AF_INET6);
  Watch(listener.port());
  const v1::PortFact& fact = Fact(listener.port());
  EXPECT_EQ(fact.bound(), v1::ANSWER_YES);
  EXPECT_EQ(fact.bound_by_unit(), v1::ANSWER_YES);
  ASSERT_EQ(fact.listeners_size(), 1);
  EXPECT_EQ(fact.listeners(0).address(), "::");
  EXPECT_EQ(fact.listeners(0).owned_by_unit(), v1::ANSWER_YES);
  EXPECT_EQ(fact.listeners(0).owner(), "");
  EXPECT_EQ(fact.error(), "");
  EXPECT_TRUE(fact.has_observed_at());
  EXPECT_EQ(changes_.size(), 1u);
}

TEST_F(PortObserverTest, AStrangersPortIsBoundButNotByTheUnit) {
  const LoopbackListener listener;
  SetUnit("inactive", "");
  Watch(listener.port());
  const v1::PortFact& fact = Fact(listener.port());
  EXPECT_EQ(fact.bound(), v1::ANSWER_YES);
  EXPECT_EQ(fact.bound_by_unit(), v1::ANSWER_NO);
  EXPECT_EQ(fact.listeners(0).owned_by_unit(), v1::ANSWER_NO);
  EXPECT_THAT(fact.listeners(0).owner(), StartsWith(absl::StrCat(getpid(), " ")));
}

TEST_F(PortObserverTest, WhatIsUnknownOfTheUnitIsUnknownOfItsPort) {
  const LoopbackListener listener;
  const struct {
    const char* name;
    const char* state;
    const char* group;
  } kCases[] = {
      {"unit unknown", "", kGroup},
      {"runs, its group not yet read", "active", ""},
      {"runs, its group is not there", "activating", "/system.slice/gone.service"},
  };
  for (const auto& one : kCases) {
    SetUnit(one.state, one.group);
    observer_->SetWatched({});
    Watch(listener.port());
    EXPECT_EQ(Fact(listener.port()).bound(), v1::ANSWER_YES) << one.name;
    EXPECT_EQ(Fact(listener.port()).bound_by_unit(), v1::ANSWER_UNSPECIFIED) << one.name;
  }
}

TEST_F(PortObserverTest, AFailedUnitsLeftoverProcessStillOwnsItsPort) {
  const LoopbackListener listener;
  SetUnit("failed", kGroup);
  Watch(listener.port());
  EXPECT_EQ(Fact(listener.port()).bound_by_unit(), v1::ANSWER_YES);
}

TEST_F(PortObserverTest, AnUnboundPort) {
  LoopbackListener listener;
  listener.Close();
  Watch(listener.port());
  EXPECT_EQ(Fact(listener.port()).bound(), v1::ANSWER_NO);
  EXPECT_EQ(Fact(listener.port()).bound_by_unit(), v1::ANSWER_NO);
}

TEST_F(PortObserverTest, ALostListenerIsNoticedWhileItsProcessLives) {
  LoopbackListener listener(AF_INET6);
  Watch(listener.port());
  ASSERT_EQ(Fact(listener.port()).bound_by_unit(), v1::ANSWER_YES);
  // Only an event can tell: the next dump is a minute away.
  listener.Close();
  EXPECT_TRUE(LoopUntil(*loop_, [&] { return Fact(listener.port()).bound() == v1::ANSWER_NO; }));
  EXPECT_EQ(changes_.back().ports(0).bound(), v1::ANSWER_NO);
}

TEST_F(PortObserverTest, ConnectionsAreNoEvents) {
  const LoopbackListener listener;
  Watch(listener.port());
  for (int i = 0; i < 100; ++i) listener.ConnectOnce();
  LoopFor(*loop_, absl::Milliseconds(100));
  EXPECT_EQ(changes_.size(), 1u);
}

TEST_F(PortObserverTest, ANewBindOfAnActiveUnitIsFoundSoon) {
  LoopbackListener reserved;
  const uint16_t port = reserved.port();
  reserved.Close();
  Watch(port);
  ASSERT_EQ(Fact(port).bound(), v1::ANSWER_NO);
  const LoopbackListener listener(AF_INET, port);
  EXPECT_TRUE(LoopUntil(*loop_, [&] { return Fact(port).bound_by_unit() == v1::ANSWER_YES; }));
}

TEST_F(PortObserverTest, APortThatIsBoundAnewIsFollowed) {
  LoopbackListener first;
  Watch(first.port());
  const uint64_t cookie = Fact(first.port()).listeners(0).cookie();
  first.Close();
  const LoopbackListener second(AF_INET, first.port());
  EXPECT_TRUE(LoopUntil(*loop_, [&] {
    return Fact(first.port()).listeners_size() == 1 && Fact(first.port()).listeners(0).cookie() != cookie;
  }));
}

TEST_F(PortObserverTest, OwnershipFollowsTheUnit) {
  const LoopbackListener listener;
  SetUnit("active", "");
  Watch(listener.port());
  ASSERT_EQ(Fact(listener.port()).bound_by_unit(), v1::ANSWER_UNSPECIFIED);
  SetUnit("active", kGroup);
  observer_->OnUnitChanged();
  EXPECT_EQ(Fact(listener.port()).bound_by_unit(), v1::ANSWER_YES);
}

TEST_F(PortObserverTest, TellsOnlyWhatChangedUnlessItIsAsked) {
  const LoopbackListener listener;
  Watch(listener.port());
  Watch(listener.port());
  observer_->OnUnitChanged();
  EXPECT_EQ(changes_.size(), 1u);
  observer_->Read();
  EXPECT_EQ(changes_.size(), 2u);
}

TEST_F(PortObserverTest, WhatIsNoLongerWatchedIsForgotten) {
  const LoopbackListener listener;
  Watch(listener.port());
  observer_->SetWatched({});
  EXPECT_TRUE(observer_->ports().empty());
  observer_->Read();
  EXPECT_EQ(changes_.size(), 1u);
}

}  // namespace
}  // namespace jettyfleet
