#include "agent/inspect/jetty/session_stores.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace jettyfleet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string Text(const std::vector<StoreAddress>& addresses) {
  std::string text;
  for (const StoreAddress& address : addresses) {
    absl::StrAppend(&text, text.empty() ? "" : " ", address.kind, "@",
                    address.error.empty() ? StoreAddressText(address) : "?");
  }
  return text;
}

JettyXml Class(const std::string& name, std::vector<std::string> urls = {}) {
  JettyXml xml;
  xml.classes = {name};
  xml.store_urls = std::move(urls);
  return xml;
}

TEST(JudgeSessions, TellsStoreCacheAndAddress) {
  const struct {
    std::vector<std::string> modules;
    std::map<std::string, std::string> properties;
    std::vector<JettyXml> xml;
    const char* store;
    const char* cache;
    const char* stores;
  } cases[] = {
      {{"server", "http"}, {}, {}, "memory", "default", ""},
      {{"sessions", "session-cache-hash"}, {}, {}, "memory", "default", ""},
      // The three that the lab has.
      {{"sessions", "session-store-jdbc", "sessions/jdbc/driver", "session-cache-null"},
       {{"db-connection-type", "driver"}, {"jetty.session.jdbc.driverUrl", "jdbc:postgresql://db:5432/s?user=j"}},
       {},
       "jdbc",
       "null",
       "jdbc@db:5432"},
      {{"session-store-file"},
       {{"jetty.session.file.storeDir", "/var/lib/s/"}},
       {},
       "file",
       "default",
       "file@/var/lib/s"},
      {{"session-store-file"},
       {{"jetty.session.file.storeDir", "sessions"}},
       {},
       "file",
       "default",
       "file@/base/sessions"},
      {{"session-store-file"}, {}, {}, "file", "default", "file@?"},
      // A driver's URL that is left over from before has no say.
      {{"session-store-jdbc", "sessions/jdbc/datasource"},
       {{"jetty.session.jdbc.driverUrl", "jdbc:postgresql://old/s"}},
       {},
       "jdbc",
       "default",
       "jdbc@?"},
      {{"session-store-jdbc", "sessions/jdbc/datasource"},
       {},
       {Class("org.example.Pool", {"jdbc:mysql://db/s", "redis://no"})},
       "jdbc",
       "default",
       "jdbc@db:3306"},
      {{"session-store-mongo"}, {}, {}, "mongo", "default", "mongo@localhost:27017"},
      {{"session-store-mongo"},
       {{"jetty.session.mongo.host", "m"}, {"jetty.session.mongo.port", "1"}},
       {},
       "mongo",
       "default",
       "mongo@m:1"},
      {{"session-store-mongo"},
       {{"connection-type", "uri"}, {"jetty.session.mongo.connectionString", "mongodb://a,b/x"}},
       {},
       "mongo",
       "default",
       "mongo@a:27017 mongo@b:27017"},
      {{"session-store-jdbc", "session-store-cache"},
       {{"jetty.session.jdbc.driverUrl", "jdbc:postgresql://db/s"}, {"jetty.session.memcached.host", "mc"}},
       {},
       "jdbc",
       "default",
       "jdbc@db:5432 memcached@mc:11211"},
      {{"session-store-cache"}, {}, {}, "memcached", "default", "memcached@localhost:11211"},
      {{"session-store-hazelcast-embedded"}, {}, {}, "hazelcast", "default", "hazelcast@?"},
      {{"session-store-hazelcast-remote"},
       {{"jetty.session.hazelcast.addresses", "h1:5702,h2"}},
       {},
       "hazelcast",
       "default",
       "hazelcast@h1:5702 hazelcast@h2:5701"},
      {{"session-store-infinispan-remote"}, {}, {}, "infinispan", "default", "infinispan@i:11222"},
      {{"session-store-gcloud"}, {}, {}, "gcloud", "default", "gcloud@?"},
      {{"session-store-redis"}, {{"redis.url", "rediss://:x@cache:6380"}}, {}, "redis", "default", "redis@cache:6380"},
      {{"my-redis-session-manager"},
       {{"jetty.session.redis.host", "cache"}, {"jetty.session.redis.port", "7"}, {"redis.hostnames", "x"}},
       {},
       "redis",
       "default",
       "redis@cache:7"},
      {{"sessions"},
       {{"app.redis.nodes", "a:1 redis://b:2"}},
       {Class("com.example.RedisSessionDataStoreFactory")},
       "redis",
       "default",
       "redis@a:1 redis@b:2"},
      {{"sessions"},
       {},
       {Class("org.redisson.tomcat.SessionManagerX", {"redis://r"})},
       "redis",
       "default",
       "redis@r:6379"},
      {{"sessions"}, {}, {Class("com.example.OurSessionDataStoreFactory")}, "unknown", "default", "unknown@?"},
      {{"session-store-ours"}, {}, {}, "unknown", "default", "unknown@?"},
      {{"sessions"}, {}, {Class("org.eclipse.jetty.server.session.NullSessionCacheFactory")}, "memory", "null", ""},
      {{"sessions"},
       {},
       {Class("org.eclipse.jetty.server.session.NullSessionDataStoreFactory")},
       "memory",
       "default",
       ""},
      // Redis for something else.
      {{"redis-client", "sessions"}, {{"redis.host", "x"}}, {Class("redis.clients.Jedis")}, "memory", "default", ""},
  };
  for (const auto& test : cases) {
    SessionEvidence evidence{test.modules, test.properties, {}, test.xml, "i:11222", "/base"};
    const SessionStores stores = JudgeSessions(evidence);
    const std::string what = absl::StrCat(test.modules.back(), " ", test.stores);
    EXPECT_EQ(stores.fact.error(), "") << what;
    EXPECT_EQ(stores.fact.store(), test.store) << what;
    EXPECT_EQ(stores.fact.cache(), test.cache) << what;
    EXPECT_EQ(Text(stores.stores), test.stores) << what;
    EXPECT_EQ(stores.directory.empty(), stores.stores.empty() || stores.stores[0].directory.empty()) << what;
  }
}

TEST(JudgeSessions, TwoStoresContradictOneAnother) {
  const SessionStores stores = JudgeSessions({{"session-store-jdbc", "session-store-file"}, {}, {}, {}, "", "/"});
  EXPECT_EQ(stores.fact.store(), "unknown");
  EXPECT_THAT(stores.fact.error(), HasSubstr("more than one session store is configured: file, jdbc"));
}

TEST(JudgeSessions, TellsTheWorkerName) {
  JettyXml manager;
  const struct {
    std::vector<std::string> modules;
    std::map<std::string, std::string> properties, environment;
    std::optional<std::string> xml;
    const char* name;
  } cases[] = {
      {{"sessions"}, {}, {}, {}, ""},
      {{"sessions"}, {{"jetty.sessionIdManager.workerName", "web-1"}}, {}, "web-1", "web-1"},
      {{"sessions"}, {{"jetty.sessionIdManager.workerName", "web-1"}}, {}, {}, "web-1"},
      // Without the module Jetty does not look at it (docs/facts.md).
      {{"server"}, {{"jetty.sessionIdManager.workerName", "web-1"}}, {}, {}, ""},
      // Jetty's default, the same on every node.
      {{"sessions"}, {}, {}, "node0", ""},
      {{"sessions"}, {{"jetty.sessionIdManager.workerName", "node0"}}, {}, "node0", "node0"},
      {{"server"}, {}, {{"JETTY_WORKER_INSTANCE", "3"}}, {}, "node3"},
  };
  for (const auto& test : cases) {
    manager.worker_name = test.xml;
    const SessionStores stores = JudgeSessions({test.modules, test.properties, test.environment, {manager}, "", "/"});
    EXPECT_EQ(stores.fact.worker_name(), test.name);
    EXPECT_EQ(stores.fact.error(), "");
  }
  manager.worker_name = "";
  EXPECT_THAT(JudgeSessions({{"sessions"}, {}, {}, {manager}, "", "/"}).fact.error(),
              HasSubstr("worker name is computed"));
}

TEST(JudgeSessions, ListsItsModulesAndPropertiesWithoutSecrets) {
  const SessionStores stores = JudgeSessions({{"server", "sessions", "session-cache-null"},
                                              {{"jetty.http.port", "1"},
                                               {"jetty.session.jdbc.driverUrl", "jdbc:mysql://u:hunter2@db/s"},
                                               {"jetty.session.redis.password", "hunter2"},
                                               {"jetty.sessionIdManager.workerName", "a"}},
                                              {},
                                              {},
                                              "",
                                              "/"});
  EXPECT_THAT(stores.fact.modules(), ElementsAre("sessions", "session-cache-null"));
  ASSERT_EQ(stores.fact.properties_size(), 3);
  EXPECT_THAT(stores.fact.properties(0).value(), HasSubstr("@db/s"));
  EXPECT_EQ(stores.fact.properties(1).value(), "***f52f");
  EXPECT_EQ(stores.fact.properties(2).value(), "a");
  EXPECT_THAT(stores.fact.DebugString(), ::testing::Not(HasSubstr("hunter2")));
}

}  // namespace
}  // namespace jettyfleet
