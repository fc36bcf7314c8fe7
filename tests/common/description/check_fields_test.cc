// The keys that `check` reads, and what they may not say, as an operator meets them: through ParseDescription.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/description/description_yaml.h"
#include "common/description/validate.h"

namespace jettyfleet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Sessions = v1::SessionsDescription;

constexpr char kFull[] = R"yaml(apiVersion: jettyfleet/v1
kind: Cluster
cluster: blue
resources:
  - name: jetty
    unit: jetty9
    health: {port: 8080, body: 'status: *UP', version: 'v(\d+)'}
    paths: {volatile: [/run/jetty9], min_free_percent: 10}
    sessions: {affinity: worker-name, store: jdbc, store_address: 'db-01:5432'}
    identity:
      archives: [/srv/app.war]
      configuration: [/etc/jetty9, /etc/default/jetty9]
      may_differ: ['start\.d/node\.ini']
checks:
  - {id: paths.space, severity: info, reason: disks come in March, until: 2027-03-31}
  - {id: cluster.fencing, reason: a lab, until: 2020-12-31}
)yaml";

TEST(CheckFieldsTest, ReadsEveryKey) {
  const auto read = ParseDescription(kFull, "blue.yaml");
  ASSERT_TRUE(read.ok()) << read.status();
  const v1::ResourceDescription& jetty = read->resources(0);
  EXPECT_EQ(jetty.health().body(), "status: *UP");
  EXPECT_EQ(jetty.health().version(), "v(\\d+)");
  EXPECT_THAT(jetty.paths().volatile_(), ElementsAre("/run/jetty9"));
  EXPECT_EQ(jetty.paths().min_free_percent(), 10u);
  EXPECT_EQ(jetty.sessions().store_address(), "db-01:5432");
  EXPECT_THAT(jetty.identity().archives(), ElementsAre("/srv/app.war"));
  EXPECT_THAT(jetty.identity().configuration(), ElementsAre("/etc/jetty9", "/etc/default/jetty9"));
  EXPECT_THAT(jetty.identity().may_differ(), ElementsAre("start\\.d/node\\.ini"));
  ASSERT_EQ(read->checks_size(), 2);
  EXPECT_EQ(read->checks(0).id(), "paths.space");
  EXPECT_EQ(read->checks(0).severity(), v1::SEVERITY_INFO);
  EXPECT_EQ(read->checks(0).reason(), "disks come in March");
  EXPECT_EQ(read->checks(0).until(), "2027-03-31");
  EXPECT_EQ(read->checks(1).severity(), v1::SEVERITY_UNSPECIFIED) << "silenced, and it does not matter here until when";
}

TEST(CheckFieldsTest, AnApplicationWithoutSessionsNeedsNoAffinity) {
  const auto read =
      ParseDescription(absl::StrReplaceAll(kFull, {{"{affinity: worker-name, store: jdbc, store_address: 'db-01:5432'}",
                                                    "{affinity: none, store: none}"}}),
                       "blue.yaml");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->resources(0).sessions().store(), Sessions::STORE_NONE);
  EXPECT_EQ(read->resources(0).sessions().cookie(), "");
}

TEST(CheckFieldsTest, AddressesOfAStore) {
  const auto accepts = [](const std::string& address) {
    return ParseDescription(absl::StrReplaceAll(kFull, {{"db-01:5432", address}}), "f.yaml").ok();
  };
  for (const char* good : {"db-01:5432", "db.example:1", "10.0.0.1:65535", "[fd00::1]:6379"}) {
    EXPECT_TRUE(accepts(good)) << good;
  }
  for (const char* bad : {"db-01", "db-01:", "db-01:0", "db-01:65536", "db-01: 1", "db-01:+1", ":5432", "fd00::1:6379",
                          "[fd00::1]", "[db-01]:1", "[fd00::1:1", "0.0.0.0:1", "10.0.0.256:1", "jdbc:db-01:5432"}) {
    EXPECT_FALSE(accepts(bad)) << bad;
  }
}

TEST(CheckFieldsTest, EveryMistakeNamesFileLineKeyAndReason) {
  const struct {
    std::string from;  // in kFull
    std::string to;
    std::string message;
  } cases[] = {
      {"'status: *UP'", "'(UP'", R"(f.yaml:7:26: key "resources[0].health.body": is not a regular expression (RE2): )"},
      {"'status: *UP'", std::string(257, 'x'), R"(key "resources[0].health.body": longer than 256 bytes)"},
      {"'status: *UP'", "''", R"(f.yaml:7:32: key "resources[0].health.body": must be text, not empty)"},
      {"v(\\d+)", "v\\d+", R"(key "resources[0].health.version": )"},
      {"v(\\d+)", "v(", R"(key "resources[0].health.version": is not a regular expression (RE2): )"},
      {"[/run/jetty9]", "[run/jetty9]",
       R"(f.yaml:8:24: key "resources[0].paths.volatile[0]": must be an absolute path, beginning with '/')"},
      {"[/run/jetty9]", "[/run/jetty9, /run//jetty9/]",
       R"(key "resources[0].paths.volatile[1]": /run//jetty9/ is given twice; remove one)"},
      {"min_free_percent: 10", "min_free_percent: 0",
       R"(f.yaml:8:56: key "resources[0].paths.min_free_percent": must be 1 to 99; silence the check)"},
      {"min_free_percent: 10", "min_free_percent: 100",
       R"(f.yaml:8:38: key "resources[0].paths.min_free_percent": 100 is out of range; give 0 to 99)"},
      {"min_free_percent: 10", "min_free: 10",
       R"("min_free": is not known here; known are local, shared, volatile, min_free_percent)"},
      {"store_address: 'db-01:5432'", "store_address: db-01",
       R"(f.yaml:9:52: key "resources[0].sessions.store_address": must be HOST:PORT, an IPv6 address in brackets)"},
      {"store: jdbc", "store: memory",
       R"(key "resources[0].sessions.store_address": only a store that is reached over the network has one)"},
      {"store: jdbc, store_address: 'db-01:5432'", "store: none, cache_null: true",
       R"(key "resources[0].sessions.cache_null": with store none there are no sessions to cache; remove it)"},
      {"archives: [/srv/app.war]", "archives: [app.war]",
       R"(f.yaml:11:18: key "resources[0].identity.archives[0]": must be an absolute path)"},
      {"[/etc/jetty9, /etc/default/jetty9]", "[/etc/jetty9, /etc/../etc]",
       R"(key "resources[0].identity.configuration[1]": must not contain '..')"},
      {R"('start\.d/node\.ini')", "'['",
       R"(f.yaml:13:20: key "resources[0].identity.may_differ[0]": is not a regular expression (RE2): )"},
      {R"('start\.d/node\.ini')", "a, a", R"(key "resources[0].identity.may_differ[1]": a is given twice; remove one)"},
      {"archives: [/srv/app.war]", "files: [/srv/app.war]",
       R"(f.yaml:11:7: key "files": is not known here; known are archives, configuration, may_differ)"},
      {"id: paths.space", "id: Paths", R"(f.yaml:15:6: key "checks[0].id": must be a check's id such as paths.space)"},
      {"id: paths.space", "id: cluster.fencing",
       R"(f.yaml:16:6: key "checks[1].id": cluster.fencing is given twice; remove one)"},
      {"severity: info", "severity: fatal",
       R"(f.yaml:15:33: key "checks[0].severity": "fatal" is not known here; give one of info, warning)"},
      {"reason: a lab, ", "", R"(f.yaml:16:5: key "checks[1].reason": is missing; add it)"},
      {"reason: a lab", "reason: \"a\\nlab\"",
       R"(key "checks[1].reason": must be one line of 1 to 1024 bytes of text)"},
      {", until: 2020-12-31", "", R"(f.yaml:16:5: key "checks[1].until": is missing; add it)"},
      {"2020-12-31", "2020-12-32", R"(key "checks[1].until": must be a day that there is, as YYYY-MM-DD)"},
      {"2020-12-31", "never", R"(key "checks[1].until": must be a day that there is, as YYYY-MM-DD)"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.to);
    ASSERT_THAT(std::string(kFull), HasSubstr(c.from));
    const auto read = ParseDescription(absl::StrReplaceAll(kFull, {{c.from, c.to}}), "f.yaml");
    EXPECT_EQ(read.status().code(), absl::StatusCode::kInvalidArgument);
    const std::string message(read.status().message());
    EXPECT_THAT(message, HasSubstr(c.message));
    EXPECT_THAT(message, testing::Not(HasSubstr("\n")));
  }
}

// What no YAML could say, and a client of ours would not send.
TEST(CheckFieldsTest, TheCoordinatorRefusesItToo) {
  v1::ClusterDescription description = ParseDescription(kFull, "blue.yaml").value();
  description.mutable_checks(0)->set_severity(v1::SEVERITY_FATAL);
  EXPECT_EQ(FindProblem(description)->path, "checks[0].severity");
  description.mutable_checks(0)->set_severity(static_cast<v1::Severity>(17));
  EXPECT_EQ(FindProblem(description)->path, "checks[0].severity");
  description.clear_checks();
  for (int i = 0; i < 129; ++i) description.add_checks()->set_id(absl::StrCat("a.", i));
  EXPECT_EQ(FindProblem(description)->path, "checks");
  description.clear_checks();
  description.mutable_resources(0)->mutable_identity()->add_may_differ("");
  EXPECT_EQ(FindProblem(description)->path, "resources[0].identity.may_differ[1]");
  description.mutable_resources(0)->mutable_identity()->Clear();
  EXPECT_EQ(FindProblem(description)->path, "resources[0].identity");
}

}  // namespace
}  // namespace jettyfleet
