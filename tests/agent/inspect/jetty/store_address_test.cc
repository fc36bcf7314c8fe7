#include "agent/inspect/jetty/store_address.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace jettyfleet {
namespace {

// "KIND HOST:PORT[+tls]" for each, "KIND ?" where it is not known.
std::string Text(const std::vector<StoreAddress>& addresses) {
  std::string text;
  for (const StoreAddress& address : addresses) {
    EXPECT_EQ(address.error.empty(), !StoreAddressText(address).empty());
    absl::StrAppend(&text, text.empty() ? "" : " ", address.kind, " ",
                    address.error.empty() ? StoreAddressText(address) : "?", address.tls ? "+tls" : "");
  }
  return text;
}

TEST(StoreAddress, ReadsUrls) {
  const struct {
    const char* url;
    const char* addresses;
  } cases[] = {
      {"jdbc:postgresql://db-01:5433/sessions?user=jetty&password=x", "jdbc db-01:5433"},
      {"jdbc:postgresql://db-01,db-02:5433/sessions", "jdbc db-01:5432 jdbc db-02:5433"},
      {"jdbc:postgresql://[fd00::1]:5432/sessions?sslmode=require", "jdbc [fd00::1]:5432"},
      {"jdbc:postgresql:sessions", "jdbc localhost:5432"},
      {"jdbc:postgresql:///sessions", "jdbc localhost:5432"},
      {"jdbc:mysql://user:p@ss@10.0.0.5/db", "jdbc 10.0.0.5:3306"},
      {"jdbc:mysql:replication://a,b:3307/db", "jdbc a:3306 jdbc b:3307"},
      {"jdbc:mysql://address=(host=a)(port=1)/db", "jdbc ?"},
      {"jdbc:mariadb://db.example.org", "jdbc db.example.org:3306"},
      {"jdbc:oracle:thin:@db:1522:ORCL", "jdbc db:1522"},
      {"jdbc:oracle:thin:scott/tiger@//db:1522/service", "jdbc db:1522"},
      {"jdbc:oracle:thin:@//db/service", "jdbc db:1521"},
      {"jdbc:oracle:thin:@(DESCRIPTION=(ADDRESS=...))", "jdbc ?"},
      {"jdbc:oracle:thin:@ALIAS", "jdbc ?"},
      {"jdbc:sqlserver://db:1434;databaseName=s;password=x", "jdbc db:1434"},
      {"jdbc:sqlserver://;serverName=db;portNumber=1435", "jdbc db:1435"},
      {"jdbc:sqlserver://db", "jdbc db:1433"},
      {"jdbc:sqlserver://db\\INSTANCE;user=x", "jdbc ?"},
      {"jdbc:sqlserver://db\\INSTANCE:1436", "jdbc db:1436"},
      {"jdbc:h2:file:/tmp/x", "jdbc ?"},
      {"jdbc:db2://db:50000/x", "jdbc ?"},
      {"redis://:secret@cache:6380/0", "redis cache:6380"},
      {"redis://cache", "redis cache:6379"},
      {"rediss://cache", "redis cache:6379+tls"},
      {"REDIS://cache", "redis cache:6379"},
      {"mongodb://u:p@a:27018,b/sessions?replicaSet=r", "mongo a:27018 mongo b:27017"},
      {"mongodb://a/sessions?tls=true", "mongo a:27017+tls"},
      {"mongodb+srv://cluster.example.org", "mongo ?"},
      {"redis://ca che", "redis ?"},
      {"redis://cache:99999", "redis ?"},
      {"", "unknown ?"},
  };
  for (const auto& test : cases) EXPECT_EQ(Text(ParseStoreUrl(test.url)), test.addresses) << test.url;
}

TEST(StoreAddress, NeverRepeatsAPassword) {
  for (const char* const url : {"jdbc:unknown://u:hunter2@x", "redis://u:hunter2@ca che", "jdbc:oracle:thin:u/hunter2",
                                "mongodb://u:hunter2@x:0"}) {
    for (const StoreAddress& address : ParseStoreUrl(url)) {
      EXPECT_NE(address.error, "") << url;
      EXPECT_EQ(address.error.find("hunter2"), std::string::npos) << url;
    }
  }
}

TEST(StoreAddress, BoundsTheServers) {
  std::string url = "mongodb://a";
  for (int i = 0; i < 1000; ++i) url += ",b";
  const std::vector<StoreAddress> addresses = ParseStoreUrl(url);
  EXPECT_EQ(addresses.size(), 33u);
  EXPECT_NE(addresses.back().error, "");
}

TEST(StoreAddress, ReadsHostAndPort) {
  const struct {
    const char* text;
    uint16_t default_port;
    const char* address;
  } cases[] = {
      {"cache:11211", 0, "cache:11211"},
      {" cache ", 11211, "cache:11211"},
      {"[::1]:1", 0, "[::1]:1"},
      {"[::1]", 5, "[::1]:5"},
      {"cache", 0, ""},
      {"[::1", 5, ""},
      {"cache:", 7, "cache:7"},
      {"cache:x", 7, ""},
      {":7", 7, ""},
      {"ca/che", 7, ""},
      {"cache:0", 7, ""},
      {"[::1]7", 7, ""},
  };
  for (const auto& test : cases) {
    const StoreAddress address = ParseHostPort(test.text, "redis", test.default_port);
    EXPECT_EQ(StoreAddressText(address), test.address) << test.text;
    EXPECT_EQ(address.error.empty(), *test.address != '\0') << test.text;
    EXPECT_EQ(address.kind, "redis");
  }
}

}  // namespace
}  // namespace jettyfleet
