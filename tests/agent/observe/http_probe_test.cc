#include "agent/observe/http_probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/testing/agent/loop_until.h"
#include "tests/testing/agent/tiny_http_server.h"

namespace jettyfleet {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string Answer(const std::string& status, std::size_t body_bytes) {
  return absl::StrCat("HTTP/1.1 ", status, "\r\nContent-Length: ", body_bytes, "\r\n\r\n",
                      std::string(body_bytes, 'x'));
}

class HttpProbeTest : public testing::Test {
 protected:
  HttpProbeTest() : loop_(*Loop::Create()), probe_(*loop_) {}

  v1::HttpFact Get(HttpProbe::Request request) {
    std::optional<v1::HttpFact> got;
    request.resource = "jetty";
    probe_.Get(request, [&got](v1::HttpFact fact) { got = std::move(fact); });
    EXPECT_FALSE(got.has_value()) << "done was called from inside Get";
    EXPECT_TRUE(LoopUntil(*loop_, [&got] { return got.has_value(); }));
    EXPECT_TRUE(got->has_observed_at());
    EXPECT_EQ(got->resource(), "jetty");
    return *got;
  }

  std::unique_ptr<Loop> loop_;
  HttpProbe probe_;
};

TEST_F(HttpProbeTest, TheStatusDecides) {
  const struct {
    const char* name;
    std::string answer;
    uint32_t expected;
    v1::Answer healthy;
    uint32_t status;
    const char* error;
  } kCases[] = {
      {"as described", Answer("200 OK", 10), 200, v1::ANSWER_YES, 200, ""},
      {"no body", Answer("200 OK", 0), 200, v1::ANSWER_YES, 200, ""},
      {"not ready", Answer("503 Service Unavailable", 10), 200, v1::ANSWER_NO, 503, "answered 503, described 200"},
      {"another is described", Answer("404 Not Found", 3), 404, v1::ANSWER_YES, 404, ""},
      {"a redirect is an answer",
       "HTTP/1.1 302 Found\r\nLocation: http://elsewhere.invalid/\r\nContent-Length: 0\r\n\r\n", 200, v1::ANSWER_NO,
       302, "answered 302"},
      {"chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", 200, v1::ANSWER_YES,
       200, ""},
      {"until the end", "HTTP/1.0 200 OK\r\n\r\nabc", 200, v1::ANSWER_YES, 200, ""},
      {"more than is read, announced", Answer("200 OK", 100 << 10), 200, v1::ANSWER_YES, 200, ""},
      {"more than is read, until the end", absl::StrCat("HTTP/1.0 200 OK\r\n\r\n", std::string(100 << 10, 'x')), 200,
       v1::ANSWER_YES, 200, ""},
      {"not HTTP", "SSH-2.0-OpenSSH_9.2\r\n\r\n", 200, v1::ANSWER_NO, 0, "reading the answer"},
      {"cut short", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", 200, v1::ANSWER_NO, 0, "reading the answer"},
      {"nothing", "", 200, v1::ANSWER_NO, 0, "reading the answer"},
      {"endless head", absl::StrCat("HTTP/1.1 200 OK\r\nX: ", std::string(100 << 10, 'x'), "\r\n\r\n"), 200,
       v1::ANSWER_NO, 0, "reading the answer"},
  };
  TinyHttpServer server("");
  for (const auto& one : kCases) {
    SCOPED_TRACE(one.name);
    server.SetAnswer(one.answer);
    const v1::HttpFact fact = Get({.port = server.port(), .path = "/", .expected_status = one.expected});
    EXPECT_EQ(fact.healthy(), one.healthy);
    EXPECT_EQ(fact.status(), one.status);
    EXPECT_THAT(fact.error(),
                *one.error == '\0' ? testing::Eq("") : testing::Matcher<std::string>(HasSubstr(one.error)));
  }
}

TEST_F(HttpProbeTest, TheBodyDecidesWhereOneIsDescribed) {
  const struct {
    const char* name;
    std::string answer;
    std::string pattern;
    v1::Answer healthy;
    v1::Answer matches;
    std::string error;
  } kCases[] = {
      {"any body", "HTTP/1.0 200 OK\r\n\r\nUP", "", v1::ANSWER_YES, v1::ANSWER_UNSPECIFIED, ""},
      {"found", "HTTP/1.0 200 OK\r\n\r\n{status: UP}", "status: *UP", v1::ANSWER_YES, v1::ANSWER_YES, ""},
      {"found in parts", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nU\r\n1\r\nP\r\n0\r\n\r\n", "^UP$",
       v1::ANSWER_YES, v1::ANSWER_YES, ""},
      {"not found", "HTTP/1.0 200 OK\r\n\r\nDOWN", "UP", v1::ANSWER_NO, v1::ANSWER_NO,
       "the described body was not found in the 4 bytes of the answer"},
      {"found under another status", "HTTP/1.0 503 No\r\n\r\nUP", "UP", v1::ANSWER_NO, v1::ANSWER_YES,
       "answered 503, described 200"},
      {"not text", "HTTP/1.0 200 OK\r\n\r\n\xff\xfe UP", "UP", v1::ANSWER_YES, v1::ANSWER_YES, ""},
      {"as far as is read", absl::StrCat("HTTP/1.0 200 OK\r\n\r\n", std::string((64 << 10) - 2, 'x'), "UP---"), "UP$",
       v1::ANSWER_YES, v1::ANSWER_YES, ""},
      {"further than is read", absl::StrCat("HTTP/1.0 200 OK\r\n\r\n", std::string((64 << 10) - 1, 'x'), "UP"), "UP",
       v1::ANSWER_NO, v1::ANSWER_NO, "the described body was not found in the 65536 bytes of the answer"},
      {"announces more than there is memory", "HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\n\r\nUP", "UP",
       v1::ANSWER_NO, v1::ANSWER_UNSPECIFIED, "reading the answer: partial message"},
  };
  TinyHttpServer server("");
  for (const auto& one : kCases) {
    SCOPED_TRACE(one.name);
    server.SetAnswer(one.answer);
    const v1::HttpFact fact = Get({.port = server.port(), .path = "/", .body_pattern = one.pattern});
    EXPECT_EQ(fact.healthy(), one.healthy);
    EXPECT_EQ(fact.body_matches(), one.matches);
    EXPECT_EQ(fact.error(), one.error);
  }
}

TEST_F(HttpProbeTest, TheVersionThatTheBodyTells) {
  const struct {
    const char* name;
    std::string body;
    std::string pattern;
    std::string version;
  } kCases[] = {
      {"told", "{version: 1.4.2}", "version: ([^}]+)", "1.4.2"},
      {"not asked for", "{version: 1.4.2}", "", ""},
      {"not told", "UP", "version: ([^}]+)", ""},
      {"no group", "{version: 1.4.2}", "version", ""},
      {"two groups", "{version: 1.4.2}", "(version): (.*)", ""},
      {"no expression", "{version: 1.4.2}", "(version", ""},
      {"not printable", "{version: 1\x1b[2J}", "version: ([^}]+)", ""},
      {"as long as it may be", std::string(64, 'x'), "(x+)", std::string(64, 'x')},
      {"longer", std::string(65, 'x'), "(x+)", ""},
  };
  TinyHttpServer server("");
  for (const auto& one : kCases) {
    SCOPED_TRACE(one.name);
    server.SetAnswer("HTTP/1.0 200 OK\r\n\r\n" + one.body);
    const v1::HttpFact fact = Get({.port = server.port(), .path = "/", .version_pattern = one.pattern});
    EXPECT_EQ(fact.version(), one.version);
    EXPECT_EQ(fact.healthy(), v1::ANSWER_YES);
  }
}

TEST_F(HttpProbeTest, APatternThatIsNoneIsUnknown) {
  TinyHttpServer server("HTTP/1.0 200 OK\r\n\r\nUP");
  const v1::HttpFact fact = Get({.port = server.port(), .path = "/", .body_pattern = "(UP"});
  EXPECT_EQ(fact.healthy(), v1::ANSWER_UNSPECIFIED);
  EXPECT_THAT(fact.error(), HasSubstr("is not a regular expression: missing ): (UP"));
}

TEST_F(HttpProbeTest, AsksForThePathOnItsOwnConnection) {
  TinyHttpServer server(Answer("200 OK", 2));
  Get({.port = server.port(), .path = "/counter/health?deep=1"});
  EXPECT_THAT(server.LastRequest(), StartsWith("GET /counter/health?deep=1 HTTP/1.1\r\n"));
  EXPECT_THAT(server.LastRequest(), HasSubstr(absl::StrCat("Host: 127.0.0.1:", server.port(), "\r\n")));
  EXPECT_THAT(server.LastRequest(), HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(server.LastRequest(), HasSubstr("User-Agent: jettyfleet-agent/"));
}

TEST_F(HttpProbeTest, NobodyListensIsNo) {
  LoopbackListener gone;
  gone.Close();
  const v1::HttpFact fact = Get({.port = gone.port(), .path = "/"});
  EXPECT_EQ(fact.healthy(), v1::ANSWER_NO);
  EXPECT_THAT(fact.error(), HasSubstr("connecting: Connection refused"));
}

TEST_F(HttpProbeTest, SilenceIsNoWhenTheTimeIsUp) {
  TinyHttpServer server("");
  server.silent = true;
  const v1::HttpFact fact = Get({.port = server.port(), .path = "/", .timeout = absl::Milliseconds(150)});
  EXPECT_EQ(fact.healthy(), v1::ANSWER_NO);
  EXPECT_EQ(fact.error(), "no whole answer within 150ms");
  EXPECT_GE(fact.latency_us(), 140000u);
}

TEST_F(HttpProbeTest, WhatCannotBeAskedIsUnknown) {
  const struct {
    uint32_t port;
    std::string path;
  } kCases[] = {{70000, "/"},
                {80, ""},
                {80, "health"},
                {80, "/a b"},
                {80, "/x\r\nHost: evil"},
                {80, "/\xc3\xbc"},
                {80, std::string("/") + std::string(5000, 'x')}};
  for (const auto& one : kCases) {
    const v1::HttpFact fact = Get({.port = one.port, .path = one.path});
    EXPECT_EQ(fact.healthy(), v1::ANSWER_UNSPECIFIED) << one.path;
    EXPECT_THAT(fact.error(), HasSubstr("describe")) << one.path;
  }
}

TEST_F(HttpProbeTest, MayBeDestroyedWhileItAsks) {
  TinyHttpServer server("");
  server.silent = true;
  bool called = false;
  {
    HttpProbe probe(*loop_);
    probe.Get({.resource = "jetty", .port = server.port(), .path = "/"}, [&called](v1::HttpFact) { called = true; });
    while (server.requests == 0) LoopFor(*loop_, absl::Milliseconds(1));
  }
  LoopFor(*loop_, absl::Milliseconds(50));
  EXPECT_FALSE(called);
}

}  // namespace
}  // namespace jettyfleet
