#include "coordinator/probe/http_traffic_probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "tests/coordinator/probe/scripted_server.h"

namespace jettyfleet {
namespace {

using testing::ElementsAre;
using testing::Ge;
using testing::Pair;
using testing::UnorderedElementsAre;

v1::TrafficDescription Describe(const std::string& url, uint32_t users = 4, int64_t timeout_ms = 10'000) {
  v1::TrafficDescription description;
  description.set_url(url);
  description.set_requests_per_second(500);
  description.set_virtual_users(users);
  description.mutable_timeout()->set_seconds(timeout_ms / 1000);
  description.mutable_timeout()->set_nanos(static_cast<int>(timeout_ms % 1000) * 1'000'000);
  description.set_counter_pattern("count=([0-9]+)");
  description.set_node_pattern("node=([a-z0-9-]+)");
  return description;
}

v1::TrafficSummary Whole(const HttpTrafficProbe& probe) { return probe.Snapshot().windows.at(""); }

// False: it did not come true within a time that no test needs.
bool Eventually(const std::function<bool()>& condition) {
  const absl::Time limit = absl::Now() + absl::Seconds(30);
  while (!condition()) {
    if (absl::Now() > limit) return false;
    absl::SleepFor(absl::Milliseconds(1));
  }
  return true;
}

void RunUntil(HttpTrafficProbe& probe, uint64_t ended) {
  EXPECT_TRUE(Eventually([&] {
    const v1::TrafficSummary whole = Whole(probe);
    return whole.requests() >= ended + 20;
  }));
}

void StopAndDrain(HttpTrafficProbe& probe) {
  probe.Stop();
  EXPECT_TRUE(Eventually([&] { return !probe.Snapshot().running; }));
}

std::map<std::string, uint64_t> Kinds(const v1::TrafficSummary& summary) {
  return {summary.failures_by_kind().begin(), summary.failures_by_kind().end()};
}

// A Jetty that counts in the session: the session's id is in the cookie, and so is the user's.
class CountingServer {
 public:
  // `node` of the answer to request number `total`.
  explicit CountingServer(std::function<std::string(int)> node = [](int) { return "node-01"; })
      : node_(std::move(node)), server_([this](const SeenRequest& request) { return Answer(request); }) {}

  // From the next request on every known session is unknown.
  void ForgetSessions() {
    const std::lock_guard<std::mutex> lock(mutex_);
    counts_.clear();
  }
  void StepBack(int by) {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (auto& [id, count] : counts_) count -= by;
  }
  ScriptedServer& server() { return server_; }

 private:
  Reply Answer(const SeenRequest& request) {
    const std::lock_guard<std::mutex> lock(mutex_);
    std::string id = request.cookie.substr(0, request.cookie.rfind('.'));
    std::string headers;
    if (counts_.count(id) == 0) {
      id = absl::StrCat("JSESSIONID=s", ++sessions_);
      headers = absl::StrCat("Set-Cookie: ", id, ".node0; Path=/; HttpOnly\r\n");
    }
    return Respond(200, absl::StrCat("count=", ++counts_[id], " node=", node_(request.total), "\n"), headers);
  }

  const std::function<std::string(int)> node_;
  std::mutex mutex_;
  std::map<std::string, int> counts_;
  int sessions_ = 0;
  ScriptedServer server_;
};

TEST(HttpTrafficProbeTest, AServiceThatWorks) {
  CountingServer jetty;
  HttpTrafficProbe probe;
  EXPECT_FALSE(probe.Snapshot().running);
  ASSERT_TRUE(probe.Start(Describe(jetty.server().Url("/app/count?x=1"))).ok());
  EXPECT_TRUE(probe.Snapshot().running);
  ASSERT_TRUE(probe.Start(Describe("http://127.0.0.1:1/")).ok()) << "while it runs this changes nothing";
  RunUntil(probe, 100);
  StopAndDrain(probe);
  const v1::TrafficSummary whole = Whole(probe);
  EXPECT_EQ(whole.requests(), static_cast<uint64_t>(jetty.server().requests()));
  EXPECT_EQ(whole.failures(), 0u);
  EXPECT_EQ(whole.sessions_kept(), 4u);
  EXPECT_EQ(whole.sessions_moved() + whole.sessions_lost() + whole.sessions_regressed(), 0u);
  EXPECT_GT(whole.p50_us(), 0u);
  EXPECT_GE(whole.p99_us(), whole.p50_us());
  EXPECT_GE(whole.max_us(), whole.p99_us());
  EXPECT_EQ(jetty.server().connections(), 4) << "one kept alive for each user";
  EXPECT_EQ(probe.Start(Describe(jetty.server().Url())).code(), absl::StatusCode::kFailedPrecondition);
}

TEST(HttpTrafficProbeTest, SendsWhatABrowserWould) {
  std::mutex mutex;
  std::set<std::string> seen;
  ScriptedServer server([&](const SeenRequest& request) {
    const std::lock_guard<std::mutex> lock(mutex);
    seen.insert(absl::StrCat(request.target, "|", request.host, "|", request.cookie));
    const char* const cookies[] = {"Set-Cookie: a=1\r\nSet-Cookie: b=2; Max-Age=60\r\n",
                                   "Set-Cookie: a=; Max-Age=0\r\n"};
    return Respond(200, "", request.total < 2 ? cookies[request.total] : "");
  });
  HttpTrafficProbe probe;
  ASSERT_TRUE(probe.Start(Describe(server.Url("/app?q=1"), 1)).ok());
  RunUntil(probe, 5);
  StopAndDrain(probe);
  const std::string start = absl::StrCat("/app?q=1|", server.Url("").substr(7), "|");
  EXPECT_THAT(seen, UnorderedElementsAre(start, start + "a=1; b=2", start + "b=2"));
}

TEST(HttpTrafficProbeTest, AWindowHasTheRequestsThatBeganInIt) {
  CountingServer jetty;
  HttpTrafficProbe probe;
  probe.EnterWindow("first");
  ASSERT_TRUE(probe.Start(Describe(jetty.server().Url())).ok());
  RunUntil(probe, 30);
  probe.EnterWindow("second");
  const uint64_t at_change = Whole(probe).requests();
  RunUntil(probe, at_change + 30);
  probe.EnterWindow("");
  const v1::TrafficSummary second = probe.Snapshot().windows.at("second");
  RunUntil(probe, Whole(probe).requests() + 30);
  StopAndDrain(probe);
  const TrafficView view = probe.Snapshot();
  ASSERT_EQ(view.windows.size(), 3u);
  EXPECT_EQ(view.windows.at("second").requests(), second.requests()) << "nothing is added once it is left";
  EXPECT_LE(view.windows.at("first").requests(), at_change);
  EXPECT_GE(view.windows.at("second").requests(), 30u);
  EXPECT_GE(view.windows.at("").requests(),
            view.windows.at("first").requests() + view.windows.at("second").requests() + 30);
  EXPECT_EQ(view.windows.at("second").sessions_kept(), 4u) << "a session that came with an earlier window is kept";
}

TEST(HttpTrafficProbeTest, SessionsThatAServerForgetsAreLost) {
  CountingServer jetty;
  HttpTrafficProbe probe;
  ASSERT_TRUE(probe.Start(Describe(jetty.server().Url())).ok());
  RunUntil(probe, 40);
  probe.EnterWindow("after");
  jetty.ForgetSessions();
  RunUntil(probe, Whole(probe).requests() + 40);
  StopAndDrain(probe);
  const TrafficView view = probe.Snapshot();
  EXPECT_EQ(view.windows.at("").sessions_lost(), 4u) << "once for each user, who then keeps the new one";
  EXPECT_EQ(view.windows.at("").sessions_kept(), 0u);
  EXPECT_EQ(view.windows.at("").sessions_regressed(), 0u);
  EXPECT_EQ(view.windows.at("").failures(), 0u);
}

TEST(HttpTrafficProbeTest, CountersThatGoBackAreRegressions) {
  CountingServer jetty;
  HttpTrafficProbe probe;
  ASSERT_TRUE(probe.Start(Describe(jetty.server().Url())).ok());
  RunUntil(probe, 60);
  jetty.StepBack(3);
  RunUntil(probe, Whole(probe).requests() + 40);
  StopAndDrain(probe);
  const v1::TrafficSummary whole = Whole(probe);
  EXPECT_EQ(whole.sessions_regressed(), 4u);
  EXPECT_EQ(whole.sessions_lost(), 0u);
  EXPECT_EQ(whole.sessions_kept(), 0u);
}

TEST(HttpTrafficProbeTest, SessionsThatGoOnElsewhereAreMoved) {
  CountingServer jetty([](int total) { return total < 50 ? "node-01" : "node-02"; });
  HttpTrafficProbe probe;
  ASSERT_TRUE(probe.Start(Describe(jetty.server().Url())).ok());
  RunUntil(probe, 100);
  StopAndDrain(probe);
  const v1::TrafficSummary whole = Whole(probe);
  EXPECT_EQ(whole.sessions_moved(), 4u);
  EXPECT_EQ(whole.sessions_kept(), 4u);
  EXPECT_EQ(whole.sessions_lost() + whole.sessions_regressed(), 0u);
}

TEST(HttpTrafficProbeTest, EachWayToFailHasItsName) {
  const std::string large(70'000, 'x');
  const struct {
    const char* what;
    Reply reply;
    const char* kind;
  } kCases[] = {
      {"service unavailable", Respond(503), "status_5xx"},
      {"not found", Respond(404), "status_4xx"},
      {"reset at once", {"", Reply::Then::kReset}, "reset"},
      {"closed at once on a new connection", {"", Reply::Then::kClose}, "reset"},
      {"closed in the header", {"HTTP/1.1 200 OK\r\nConte", Reply::Then::kClose}, "reset"},
      {"reset in the body", {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", Reply::Then::kReset}, "reset"},
      {"silent", {"", Reply::Then::kHang}, "timeout"},
      {"stuck in the body", {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", Reply::Then::kHang}, "timeout"},
      {"not HTTP", {"220 mail.example ESMTP\r\n\r\n", Reply::Then::kClose}, "malformed"},
      {"two lengths",
       {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", Reply::Then::kHang},
       "malformed"},
      {"status 101", Respond(101), "malformed"},
      {"a long body", Respond(200, large), "too_large"},
      {"a long body of unsaid length", {"HTTP/1.0 200 OK\r\n\r\n" + large, Reply::Then::kClose}, "too_large"},
      {"a long chunk",
       {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n11170\r\n" + large + "\r\n0\r\n\r\n", Reply::Then::kHang},
       "too_large"},
      {"a long header", Respond(200, "", "X: " + large + "\r\n"), "too_large"},
  };
  for (const auto& test : kCases) {
    SCOPED_TRACE(test.what);
    ScriptedServer server([&](const SeenRequest&) { return test.reply; });
    HttpTrafficProbe probe;
    ASSERT_TRUE(probe.Start(Describe(server.Url(), 4, 100)).ok());
    EXPECT_TRUE(Eventually([&] { return Whole(probe).failures() >= 5; }));
    StopAndDrain(probe);
    const v1::TrafficSummary whole = Whole(probe);
    EXPECT_THAT(Kinds(whole), ElementsAre(Pair(test.kind, whole.requests())));
    EXPECT_EQ(whole.failures(), whole.requests());
    EXPECT_EQ(whole.max_us(), 0u) << "latencies are those of successes";
    EXPECT_GT(whole.longest_gap_ms() + 1, 5u);
  }
}

TEST(HttpTrafficProbeTest, NobodyListens) {
  std::string url;
  {
    ScriptedServer gone([](const SeenRequest&) { return Respond(200); });
    url = gone.Url();
  }
  for (const std::string& target : {url, std::string("http://name.invalid/")}) {
    HttpTrafficProbe probe;
    ASSERT_TRUE(probe.Start(Describe(target)).ok());
    EXPECT_TRUE(Eventually([&] { return Whole(probe).failures() >= 5; }));
    StopAndDrain(probe);
    EXPECT_THAT(Kinds(Whole(probe)), ElementsAre(Pair("connect", Ge(5u)))) << target;
  }
}

TEST(HttpTrafficProbeTest, ANameIsLookedUp) {
  CountingServer jetty;
  HttpTrafficProbe probe;
  std::string url = jetty.server().Url();
  ASSERT_TRUE(probe.Start(Describe(url.replace(url.find("127.0.0.1"), 9, "localhost"))).ok());
  RunUntil(probe, 20);
  StopAndDrain(probe);
  EXPECT_EQ(Whole(probe).failures(), 0u);
}

TEST(HttpTrafficProbeTest, AnIdleConnectionThatThePeerClosedIsReplaced) {
  // The answer promises to keep the connection; the server closes it all the same.
  for (const Reply::Then then : {Reply::Then::kClose, Reply::Then::kReset}) {
    ScriptedServer server([&](const SeenRequest&) {
      Reply reply = Respond(200, "count=1");
      reply.then = then;
      return reply;
    });
    HttpTrafficProbe probe;
    ASSERT_TRUE(probe.Start(Describe(server.Url())).ok());
    RunUntil(probe, 60);
    StopAndDrain(probe);
    const v1::TrafficSummary whole = Whole(probe);
    // A reset may still take an answer with it that was not yet read: that is a failure and is counted as one.
    if (then == Reply::Then::kClose) {
      EXPECT_EQ(whole.failures(), 0u);
      EXPECT_EQ(static_cast<uint64_t>(server.connections()), whole.requests());
    }
  }
}

TEST(HttpTrafficProbeTest, AnAnswerThatBeganIsNotAskedForAgain) {
  ScriptedServer server([](const SeenRequest& request) {
    if (request.on_connection == 0) return Respond(200);
    return Reply{"HTTP/1.1 200 OK\r\n", Reply::Then::kClose};
  });
  HttpTrafficProbe probe;
  ASSERT_TRUE(probe.Start(Describe(server.Url(), 1)).ok());
  RunUntil(probe, 20);
  StopAndDrain(probe);
  const v1::TrafficSummary whole = Whole(probe);
  EXPECT_EQ(static_cast<uint64_t>(server.requests()), whole.requests());
  EXPECT_EQ(whole.failures(), whole.requests() / 2);
  EXPECT_THAT(Kinds(whole), ElementsAre(Pair("reset", whole.failures())));
}

TEST(HttpTrafficProbeTest, ARequestIsRepeatedOnceAndNoMore) {
  // The second request of a connection, and every first one after that, meets a closed door.
  ScriptedServer server([](const SeenRequest& request) {
    if (request.total == 0) return Respond(200);
    return Reply{"", Reply::Then::kClose};
  });
  HttpTrafficProbe probe;
  ASSERT_TRUE(probe.Start(Describe(server.Url(), 1)).ok());
  RunUntil(probe, 10);
  StopAndDrain(probe);
  const v1::TrafficSummary whole = Whole(probe);
  EXPECT_EQ(whole.failures(), whole.requests() - 1);
  EXPECT_EQ(static_cast<uint64_t>(server.requests()), whole.requests() + 1) << "one repetition, of the second request";
}

TEST(HttpTrafficProbeTest, BytesNobodyAskedForDoNotBecomeTheNextAnswer) {
  ScriptedServer server([](const SeenRequest& request) {
    Reply reply = Respond(200, "count=" + std::to_string(request.total + 1));
    reply.bytes += Respond(500).bytes;
    return reply;
  });
  HttpTrafficProbe probe;
  ASSERT_TRUE(probe.Start(Describe(server.Url(), 1)).ok());
  RunUntil(probe, 20);
  StopAndDrain(probe);
  EXPECT_EQ(Whole(probe).failures(), 0u);
}

TEST(HttpTrafficProbeTest, DueWhileEveryUserWaitsIsNotSent) {
  ScriptedServer server([](const SeenRequest&) { return Reply{"", Reply::Then::kHang}; });
  HttpTrafficProbe probe;
  probe.EnterWindow("stuck");
  ASSERT_TRUE(probe.Start(Describe(server.Url(), 3)).ok());
  EXPECT_TRUE(Eventually([&] { return Whole(probe).not_sent() >= 50; }));
  const v1::TrafficSummary stuck = probe.Snapshot().windows.at("stuck");
  EXPECT_EQ(stuck.requests(), 3u);
  EXPECT_EQ(stuck.failures(), 0u) << "they are still in flight";
  EXPECT_GE(stuck.longest_gap_ms(), 90u) << "53 requests at 500 a second";
  EXPECT_TRUE(probe.Snapshot().running);
  // The destructor forgets them, and does not wait for the ten seconds of their timeout.
}

TEST(HttpTrafficProbeTest, AStopWaitsForWhatIsInFlight) {
  ScriptedServer server([](const SeenRequest&) { return Reply{"", Reply::Then::kHang}; });
  HttpTrafficProbe probe;
  ASSERT_TRUE(probe.Start(Describe(server.Url(), 3, 200)).ok());
  EXPECT_TRUE(Eventually([&] { return server.requests() == 3; }));
  StopAndDrain(probe);
  EXPECT_THAT(Kinds(Whole(probe)), ElementsAre(Pair("timeout", 3u)));
}

TEST(HttpTrafficProbeTest, WhatCannotBeUsedIsRefused) {
  HttpTrafficProbe probe;
  EXPECT_EQ(probe.Start(Describe("ftp://host/")).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_FALSE(probe.Snapshot().running);
  probe.EnterWindow("x");
  probe.Stop();
}

}  // namespace
}  // namespace jettyfleet
