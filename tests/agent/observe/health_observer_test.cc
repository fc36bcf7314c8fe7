#include "agent/observe/health_observer.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/testing/agent/loop_until.h"
#include "tests/testing/agent/tiny_http_server.h"

namespace jettyfleet {
namespace {

constexpr char kHealthy[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
constexpr char kStarting[] = "HTTP/1.1 503 Starting\r\nContent-Length: 0\r\n\r\n";

class HealthObserverTest : public testing::Test {
 protected:
  HealthObserverTest()
      : loop_(*Loop::Create()),
        server_(kHealthy),
        observer_(
            *loop_, [this](const std::string&) { return around_; },
            [this](v1::HostChange change) { changes_.push_back(std::move(change)); }) {}

  HealthObserver::Watched Watched(uint32_t port) const {
    return {.request = {.resource = "jetty", .port = port, .path = "/", .expected_status = 200}, .interval = {}};
  }
  void Set(v1::Answer active, v1::Answer bound) {
    around_ = {.unit_active = active, .port_bound = bound};
    observer_.OnSurroundingsChanged();
  }
  v1::Answer Healthy() const { return observer_.facts().at("jetty").healthy(); }
  bool Becomes(v1::Answer healthy) {
    return LoopUntil(*loop_, [&] { return Healthy() == healthy; });
  }
  void Read() {
    bool done = false;
    observer_.Read([&done] { done = true; });
    EXPECT_TRUE(LoopUntil(*loop_, [&done] { return done; }));
  }

  std::unique_ptr<Loop> loop_;
  TinyHttpServer server_;
  HealthObserver::Surroundings around_;
  std::vector<v1::HostChange> changes_;
  HealthObserver observer_;
};

TEST_F(HealthObserverTest, AsksNothingUntilThereIsAReason) {
  observer_.SetWatched({Watched(server_.port())});
  LoopFor(*loop_, absl::Milliseconds(150));
  EXPECT_EQ(server_.requests, 0);
  EXPECT_EQ(Healthy(), v1::ANSWER_UNSPECIFIED);
  EXPECT_FALSE(observer_.facts().at("jetty").has_observed_at());
}

TEST_F(HealthObserverTest, ABoundPortIsAskedUntilItIsHealthy) {
  server_.SetAnswer(kStarting);
  observer_.SetWatched({Watched(server_.port())});
  Set(v1::ANSWER_YES, v1::ANSWER_YES);
  ASSERT_TRUE(Becomes(v1::ANSWER_NO));
  const int asked = server_.requests;
  ASSERT_TRUE(LoopUntil(*loop_, [&] { return server_.requests >= asked + 2; }));
  server_.SetAnswer(kHealthy);
  ASSERT_TRUE(Becomes(v1::ANSWER_YES));
  // The same answer several times is one piece of news.
  EXPECT_EQ(changes_.size(), 2u);
  const int settled = server_.requests;
  LoopFor(*loop_, absl::Milliseconds(350));
  EXPECT_EQ(server_.requests, settled);
}

TEST_F(HealthObserverTest, ItIsAskedAgainWhenItsUnitOrItsPortIsGone) {
  for (const bool unit : {true, false}) {
    server_.SetAnswer(kHealthy);
    observer_.SetWatched({});
    observer_.SetWatched({Watched(server_.port())});
    Set(v1::ANSWER_YES, v1::ANSWER_YES);
    ASSERT_TRUE(Becomes(v1::ANSWER_YES));
    server_.SetAnswer(kStarting);
    unit ? Set(v1::ANSWER_NO, v1::ANSWER_YES) : Set(v1::ANSWER_YES, v1::ANSWER_NO);
    EXPECT_TRUE(Becomes(v1::ANSWER_NO)) << unit;
    around_ = {};
  }
}

TEST_F(HealthObserverTest, WhatBecomesUnknownIsNoReason) {
  observer_.SetWatched({Watched(server_.port())});
  Set(v1::ANSWER_YES, v1::ANSWER_YES);
  ASSERT_TRUE(Becomes(v1::ANSWER_YES));
  const int asked = server_.requests;
  Set(v1::ANSWER_UNSPECIFIED, v1::ANSWER_UNSPECIFIED);
  LoopFor(*loop_, absl::Milliseconds(150));
  EXPECT_EQ(server_.requests, asked);
}

TEST_F(HealthObserverTest, AReadAsksAfterItWasAsked) {
  observer_.SetWatched({Watched(server_.port())});
  int done = 0;
  for (int i = 0; i < 3; ++i) observer_.Read([&done] { ++done; });
  ASSERT_TRUE(LoopUntil(*loop_, [&done] { return done == 3; }));
  EXPECT_EQ(server_.requests, 2);
  EXPECT_EQ(changes_.size(), 2u);  // unchanged, and passed on all the same
  EXPECT_EQ(changes_[1].http(0).healthy(), v1::ANSWER_YES);
}

TEST_F(HealthObserverTest, NothingWatchedIsReadAtOnce) {
  Read();
  observer_.SetWatched({Watched(0)});
  Read();
  EXPECT_TRUE(changes_.empty());
  EXPECT_TRUE(observer_.facts().empty());
}

TEST_F(HealthObserverTest, TheSameWatchKeepsItsFactsAndAnotherForgetsThem) {
  observer_.SetWatched({Watched(server_.port())});
  Read();
  ASSERT_EQ(Healthy(), v1::ANSWER_YES);
  observer_.SetWatched({Watched(server_.port())});
  EXPECT_EQ(Healthy(), v1::ANSWER_YES);
  HealthObserver::Watched other = Watched(server_.port());
  other.request.path = "/other";
  observer_.SetWatched({other});
  EXPECT_EQ(Healthy(), v1::ANSWER_UNSPECIFIED);
}

TEST_F(HealthObserverTest, AnAnswerToAnEarlierWatchIsNotTakenForThisOnes) {
  const TinyHttpServer other(kStarting);
  observer_.SetWatched({Watched(server_.port())});
  int done = 0;
  observer_.Read([&done] { ++done; });
  observer_.SetWatched({Watched(other.port())});
  ASSERT_TRUE(LoopUntil(*loop_, [&done] { return done == 1; }));
  EXPECT_EQ(Healthy(), v1::ANSWER_UNSPECIFIED);
  Read();
  EXPECT_EQ(Healthy(), v1::ANSWER_NO);
}

TEST_F(HealthObserverTest, WhoWaitsIsAnsweredWhenTheWatchChanges) {
  server_.silent = true;
  observer_.SetWatched({Watched(server_.port())});
  int done = 0;
  observer_.Read([&done] { ++done; });  // under way
  observer_.Read([&done] { ++done; });  // waits for the next
  observer_.SetWatched({});
  EXPECT_EQ(done, 1);
  EXPECT_TRUE(LoopUntil(*loop_, [&done] { return done == 2; }));
}

TEST_F(HealthObserverTest, AnIntervalIsKept) {
  HealthObserver::Watched watched = Watched(server_.port());
  watched.interval = absl::Milliseconds(1);  // a second is the least
  observer_.SetWatched({watched});
  const absl::Time began = absl::Now();
  ASSERT_TRUE(LoopUntil(*loop_, [&] { return server_.requests >= 2; }));
  EXPECT_GE(absl::Now() - began, absl::Milliseconds(1900));
}

}  // namespace
}  // namespace jettyfleet
