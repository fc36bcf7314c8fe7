#include "coordinator/probe/cookie_jar.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace jettyfleet {
namespace {

// Tue, 14 Nov 2023 22:13:20 GMT
const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

TEST(CookieJarTest, StoresReplacesAndDeletes) {
  const struct {
    const char* what;
    std::vector<std::string> set_cookies;
    const char* header;
  } kCases[] = {
      {"none", {}, ""},
      {"plain", {"a=1"}, "a=1"},
      {"attributes", {"a=1; Path=/; HttpOnly; SameSite=Lax; Secure"}, "a=1"},
      {"blanks", {"  a = 1 ;Path=/"}, "a=1"},
      {"value with an equals sign", {"a=b=c"}, "a=b=c"},
      {"quoted", {"a=\"x y\""}, "a=\"x y\""},
      {"empty value", {"a="}, "a="},
      {"two", {"b=2", "a=1"}, "a=1; b=2"},
      {"replaced", {"a=1", "a=2"}, "a=2"},
      {"names tell case apart", {"a=1", "A=2"}, "A=2; a=1"},
      {"max-age to come", {"a=1; Max-Age=60"}, "a=1"},
      {"max-age 0 deletes", {"a=1", "a=x; Max-Age=0"}, ""},
      {"max-age below 0 deletes", {"a=1", "a=x; max-age=-1"}, ""},
      {"an absurd max-age", {"a=1; Max-Age=9223372036854775807"}, "a=1"},
      {"a max-age that is no number is ignored", {"a=1; Max-Age=soon"}, "a=1"},
      {"expires in the past deletes", {"a=1", "a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT"}, ""},
      {"expires with dashes, as Jetty writes it", {"a=1", "a=; Expires=Thu, 01-Jan-1970 00:00:00 GMT"}, ""},
      {"expires to come", {"a=1; Expires=Wed, 15 Nov 2023 00:00:00 GMT"}, "a=1"},
      {"max-age goes before expires", {"a=1; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT"}, "a=1"},
      {"and in the other order", {"a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=60"}, "a=1"},
      {"a date that is none is ignored", {"a=1; Expires=yesterday"}, "a=1"},
      {"deleting what is not there", {"a=; Max-Age=0"}, ""},
      {"no name", {"=1"}, ""},
      {"no equals sign", {"a"}, ""},
      {"empty", {""}, ""},
      {"a name that is no token", {"a b=1", "a,b=1", "a\"=1"}, ""},
      {"a value that would break the header", {"a=1\r\nX: y", std::string("a=1\0", 4)}, ""},
  };
  for (const auto& test : kCases) {
    SCOPED_TRACE(test.what);
    CookieJar jar;
    for (const std::string& cookie : test.set_cookies) jar.Store(cookie, kNow);
    EXPECT_EQ(jar.Header(kNow), test.header);
  }
}

TEST(CookieJarTest, ForgetsAtTheTime) {
  CookieJar jar;
  jar.Store("JSESSIONID=x; Max-Age=10", kNow);
  EXPECT_EQ(jar.Header(kNow + absl::Seconds(9)), "JSESSIONID=x");
  EXPECT_EQ(jar.Header(kNow + absl::Seconds(10)), "");
  EXPECT_EQ(jar.SessionValue(), "");
}

TEST(CookieJarTest, FindsTheSession) {
  CookieJar jar;
  EXPECT_EQ(jar.SessionValue(), "");
  jar.Store("SERVERID=s1", kNow);
  EXPECT_EQ(jar.SessionValue(), "");
  jar.Store("JSESSIONID=abc.node0", kNow);
  EXPECT_EQ(jar.SessionValue(), "abc.node0");
  CookieJar renamed;
  renamed.Store("shopSession=abc", kNow);
  EXPECT_EQ(renamed.SessionValue(), "abc");
}

TEST(CookieJarTest, IsBounded) {
  CookieJar jar;
  for (int i = 0; i < 100; ++i) jar.Store(absl::StrCat("c", 100 + i, "=v"), kNow);
  const std::string header = jar.Header(kNow);
  EXPECT_EQ(std::count(header.begin(), header.end(), '='), static_cast<long>(CookieJar::kMostCookies));
  jar.Store("c100=new", kNow);
  EXPECT_EQ(jar.Header(kNow).substr(0, 8), "c100=new") << "a full jar still replaces";
  CookieJar other;
  other.Store(absl::StrCat("a=", std::string(CookieJar::kLongestCookie, 'x')), kNow);
  EXPECT_EQ(other.Header(kNow), "");
}

}  // namespace
}  // namespace jettyfleet
