#include "coordinator/probe/http_url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace jettyfleet {
namespace {

using testing::HasSubstr;

TEST(HttpUrlTest, TakesApart) {
  const struct {
    const char* url;
    const char* host;
    uint16_t port;
    const char* target;
    const char* host_header;
  } kCases[] = {
      {"http://10.0.0.1", "10.0.0.1", 80, "/", "10.0.0.1"},
      {"http://lb-01:8080/app/count.jsp?a=b", "lb-01", 8080, "/app/count.jsp?a=b", "lb-01:8080"},
      {"HTTP://shop.example.org/", "shop.example.org", 80, "/", "shop.example.org"},
      {"http://host?q=1", "host", 80, "/?q=1", "host"},
      {"http://host:80/x:y", "host", 80, "/x:y", "host"},
      {"http://[fd00::1]:65535/a", "fd00::1", 65535, "/a", "[fd00::1]:65535"},
      {"http://[::1]", "::1", 80, "/", "[::1]"},
  };
  for (const auto& test : kCases) {
    const auto url = ParseHttpUrl(test.url);
    ASSERT_TRUE(url.ok()) << url.status();
    EXPECT_EQ(url->host, test.host) << test.url;
    EXPECT_EQ(url->port, test.port) << test.url;
    EXPECT_EQ(url->target, test.target) << test.url;
    EXPECT_EQ(url->host_header, test.host_header) << test.url;
  }
}

TEST(HttpUrlTest, RefusesWithAReason) {
  const struct {
    std::string url;
    const char* reason;
  } kCases[] = {
      {"", "must be http://"},
      {"lb-01/app", "must be http://"},
      {"https://lb-01/", "plain http only"},
      {"http://", "neither a name nor an address"},
      {"http:///path", "neither a name nor an address"},
      {"http://user@host/", "must not name a user"},
      {"http://host:/", "port must be 1 to 65535"},
      {"http://host:0/", "port must be 1 to 65535"},
      {"http://host:65536/", "port must be 1 to 65535"},
      {"http://host:+80/", "port must be 1 to 65535"},
      {"http://host:80x/", "port must be 1 to 65535"},
      {"http://[::1/", "not closed"},
      {"http://[::1]80/", "port must be 1 to 65535"},
      {"http://[10.0.0.1]/", "neither a name nor an address"},
      {"http://10.0.0.300/", "neither a name nor an address"},
      {"http://a..b/", "neither a name nor an address"},
      {"http://-/", "neither a name nor an address"},
      {"http://host/#top", "fragment"},
      {"http://host/a b", "not printable"},
      {"http://host/\r\nX: y", "not printable"},
      {"http://host/\xc3\xa4", "not printable"},
      {"http://host/" + std::string(3000, 'x'), "longer than"},
  };
  for (const auto& test : kCases) {
    const absl::Status status = ParseHttpUrl(test.url).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << test.url;
    const std::string message(status.message());
    EXPECT_THAT(message, HasSubstr(test.reason));
    EXPECT_EQ(message.find('\n'), std::string::npos);
    EXPECT_LT(message.size(), 1000u);
  }
}

}  // namespace
}  // namespace jettyfleet
