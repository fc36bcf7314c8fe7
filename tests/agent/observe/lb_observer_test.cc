#include "agent/observe/lb_observer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "tests/testing/agent/canned_haproxy.h"
#include "tests/testing/agent/loop_until.h"
#include "tests/testing/files/fixture.h"
#include "tests/testing/files/temporary_directory.h"

namespace jettyfleet {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

constexpr absl::Duration kInterval = absl::Milliseconds(20);

class LbObserverTest : public testing::Test {
 protected:
  LbObserverTest()
      : loop_(*Loop::Create()),
        haproxy_(*loop_, directory_ / "admin.sock"),
        observer_(
            *loop_, directory_ / "admin.sock", [this](v1::HostChange change) { changes_.push_back(std::move(change)); },
            kInterval) {
    Play("healthy");
  }

  void Play(const std::string& moment) {
    haproxy_.answers["show stat"] = ClusterFixture(absl::StrCat("haproxy-show-stat-", moment, ".csv"));
    haproxy_.answers["show servers state"] =
        ClusterFixture(absl::StrCat("haproxy-show-servers-state-", moment, ".txt"));
  }
  static v1::WatchedServer Server(const std::string& backend, const std::string& server, const std::string& node) {
    v1::WatchedServer watched;
    watched.set_backend(backend);
    watched.set_server(server);
    watched.set_node(node);
    return watched;
  }
  void Read() {
    bool done = false;
    observer_.Read([&done] { done = true; });
    EXPECT_TRUE(LoopUntil(*loop_, [&done] { return done; }));
  }

  std::unique_ptr<Loop> loop_;
  const TemporaryDirectory directory_;
  CannedHaproxy haproxy_;
  std::vector<v1::HostChange> changes_;
  LbObserver observer_;
};

TEST_F(LbObserverTest, WatchedServersWithTheirNodes) {
  observer_.SetWatched({Server("jetty", "node-02", "b"), Server("jetty", "node-01", "a")});
  Read();
  ASSERT_THAT(observer_.servers(), SizeIs(3));
  EXPECT_EQ(observer_.servers()[0].server(), "node-02");
  EXPECT_EQ(observer_.servers()[0].node(), "b");
  EXPECT_EQ(observer_.servers()[0].admin_state(), v1::LbServerFact::ADMIN_STATE_READY);
  EXPECT_EQ(observer_.servers()[0].status(), "UP");
  EXPECT_EQ(observer_.servers()[0].error(), "");
  EXPECT_TRUE(observer_.servers()[0].has_observed_at());
}

TEST_F(LbObserverTest, OthersOfAWatchedBackendHaveNoNode) {
  observer_.SetWatched({Server("jetty", "node-01", "a")});
  Read();
  ASSERT_THAT(observer_.servers(), SizeIs(3));
  EXPECT_EQ(observer_.servers()[1].server(), "node-02");
  EXPECT_EQ(observer_.servers()[1].node(), "");
  EXPECT_EQ(observer_.servers()[1].error(), "");
}

TEST_F(LbObserverTest, OnlyChangesArePassedOnUnlessItIsAsked) {
  observer_.SetWatched({Server("jetty", "node-01", "a"), Server("jetty", "node-02", "b")});
  Read();
  changes_.clear();
  Play("maint");
  // By itself.
  ASSERT_TRUE(LoopUntil(*loop_, [this] { return !changes_.empty(); }));
  ASSERT_THAT(changes_[0].lb_servers(), SizeIs(1));
  EXPECT_EQ(changes_[0].lb_servers(0).server(), "node-02");
  EXPECT_EQ(changes_[0].lb_servers(0).admin_state(), v1::LbServerFact::ADMIN_STATE_MAINT);
  changes_.clear();
  Read();
  ASSERT_THAT(changes_, SizeIs(1));
  EXPECT_THAT(changes_[0].lb_servers(), SizeIs(3));
}

// `text` without its line about node-03, as after a reload with another configuration.
std::string WithoutNode03(const std::string& text) {
  std::vector<std::string> lines;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    if (!absl::StrContains(line, "node-03")) lines.emplace_back(line);
  }
  return absl::StrJoin(lines, "\n");
}

TEST_F(LbObserverTest, AServerThatIsNoLongerConfiguredIsGone) {
  observer_.SetWatched({Server("jetty", "node-01", "a")});
  Read();
  changes_.clear();
  // Nobody knows while HAProxy does not say.
  haproxy_.answers["show stat"] = "oops\n";
  Read();
  for (const v1::HostChange& change : changes_) EXPECT_THAT(change.lb_servers_gone(), SizeIs(0));
  changes_.clear();
  Play("healthy");
  for (const char* const asked : {"show stat", "show servers state"}) {
    haproxy_.answers[asked] = WithoutNode03(haproxy_.answers[asked]);
  }
  Read();
  ASSERT_THAT(changes_, SizeIs(1));
  ASSERT_THAT(changes_[0].lb_servers_gone(), SizeIs(1));
  EXPECT_EQ(changes_[0].lb_servers_gone(0).backend(), "jetty");
  EXPECT_EQ(changes_[0].lb_servers_gone(0).server(), "node-03");
  changes_.clear();
  Read();
  EXPECT_THAT(changes_[0].lb_servers_gone(), SizeIs(0)) << "it is said once";
}

TEST_F(LbObserverTest, AServerThatIsNotConfiguredSaysWhatToDo) {
  observer_.SetWatched({Server("jetty", "node-09", "i")});
  Read();
  EXPECT_THAT(observer_.servers()[0].error(), HasSubstr("no server jetty/node-09"));
  EXPECT_EQ(observer_.servers()[0].admin_state(), v1::LbServerFact::ADMIN_STATE_UNSPECIFIED);
}

TEST_F(LbObserverTest, WhatHaproxyDoesNotSayIsUnknown) {
  observer_.SetWatched({Server("jetty", "node-01", "a")});
  Read();
  const struct {
    const char* name;
    std::string stat;
    std::string states;
  } kCases[] = {
      {"garbage", "oops\n", ClusterFixture("haproxy-show-servers-state-healthy.txt")},
      {"empty", "", ""},
      {"states refused", ClusterFixture("haproxy-show-stat-healthy.csv"), "Permission denied\n"},
  };
  for (const auto& one : kCases) {
    haproxy_.answers["show stat"] = one.stat;
    haproxy_.answers["show servers state"] = one.states;
    Read();
    EXPECT_NE(observer_.servers()[0].error(), "") << one.name;
    EXPECT_EQ(observer_.servers()[0].status(), "") << one.name;
    EXPECT_EQ(observer_.servers()[0].admin_state(), v1::LbServerFact::ADMIN_STATE_UNSPECIFIED) << one.name;
  }
  haproxy_.Down();
  Read();
  EXPECT_THAT(observer_.servers()[0].error(), HasSubstr("HAProxy"));
}

TEST_F(LbObserverTest, NothingWatchedAsksNothing) {
  Read();
  observer_.SetWatched({Server("jetty", "node-01", "a")});
  observer_.SetWatched({});
  LoopFor(*loop_, absl::Milliseconds(50));
  EXPECT_THAT(observer_.servers(), SizeIs(0));
  const std::size_t asked = haproxy_.commands.size();
  LoopFor(*loop_, 5 * kInterval);
  EXPECT_EQ(haproxy_.commands.size(), asked);
}

}  // namespace
}  // namespace jettyfleet
