#include "agent/observe/haproxy_stat.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/testing/files/fixture.h"

namespace jettyfleet {
namespace {

using testing::SizeIs;

constexpr char kStatesHeader[] = "1\n# be_name srv_name srv_addr srv_admin_state srv_uweight srv_iweight srv_port\n";

// Both answers of one captured moment.
std::vector<v1::LbServerFact> Read(const std::string& moment) {
  absl::StatusOr<std::vector<v1::LbServerFact>> servers =
      ParseShowStat(ClusterFixture(absl::StrCat("haproxy-show-stat-", moment, ".csv")));
  EXPECT_TRUE(servers.ok()) << moment << ": " << servers.status();
  if (!servers.ok()) return {};
  const absl::Status read =
      ReadAdminStates(ClusterFixture(absl::StrCat("haproxy-show-servers-state-", moment, ".txt")), &*servers);
  EXPECT_TRUE(read.ok()) << moment << ": " << read;
  return *std::move(servers);
}

TEST(HaproxyStatTest, ServersInEveryState) {
  const struct {
    const char* moment;
    v1::LbServerFact::AdminState state;  // of node-02
    const char* status;
    const char* check;
  } kCases[] = {
      {"healthy", v1::LbServerFact::ADMIN_STATE_READY, "UP", "L7OK"},
      {"drain", v1::LbServerFact::ADMIN_STATE_DRAIN, "DOWN 1/2", "L7OK"},
      {"maint", v1::LbServerFact::ADMIN_STATE_MAINT, "MAINT", ""},
      {"just-ready", v1::LbServerFact::ADMIN_STATE_READY, nullptr, nullptr},
      {"down", v1::LbServerFact::ADMIN_STATE_READY, "DOWN", "L4CON"},
  };
  for (const auto& one : kCases) {
    SCOPED_TRACE(one.moment);
    const std::vector<v1::LbServerFact> servers = Read(one.moment);
    ASSERT_THAT(servers, SizeIs(3));  // neither the frontend nor the backend itself
    EXPECT_EQ(servers[0].server(), "node-01");
    EXPECT_EQ(servers[0].admin_state(), v1::LbServerFact::ADMIN_STATE_READY);
    EXPECT_EQ(servers[0].status(), "UP");
    EXPECT_EQ(servers[1].backend(), "jetty");
    EXPECT_EQ(servers[1].server(), "node-02");
    EXPECT_EQ(servers[1].admin_state(), one.state);
    if (one.status != nullptr) {
      EXPECT_EQ(servers[1].status(), one.status);
    }
    if (one.check != nullptr) {
      EXPECT_EQ(servers[1].check_status(), one.check);
    }
  }
}

TEST(HaproxyStatTest, Numbers) {
  const absl::StatusOr<std::vector<v1::LbServerFact>> servers = ParseShowStat(
      "# stot,svname,pxname,lastchg,scur,status,check_status,type\n"
      "900000000000,s,b,12,7,UP 1/2,* L7OK,2\n"
      "1,BACKEND,b,1,1,UP,,1\n");
  ASSERT_TRUE(servers.ok()) << servers.status();
  ASSERT_THAT(*servers, SizeIs(1));
  EXPECT_EQ((*servers)[0].total_requests(), 900000000000u);
  EXPECT_EQ((*servers)[0].current_sessions(), 7u);
  EXPECT_EQ((*servers)[0].check_age_s(), 12u);
  EXPECT_EQ((*servers)[0].status(), "UP 1/2");
  EXPECT_EQ((*servers)[0].check_status(), "L7OK");
  EXPECT_EQ((*servers)[0].admin_state(), v1::LbServerFact::ADMIN_STATE_UNSPECIFIED);
}

TEST(HaproxyStatTest, WeightsAndAddresses) {
  std::vector<v1::LbServerFact> servers = Read("healthy");
  EXPECT_EQ(servers[0].weight(), 1u);
  EXPECT_EQ(servers[0].initial_weight(), 1u);
  EXPECT_EQ(servers[0].port(), 8080u);
  EXPECT_NE(servers[0].address(), "");
  EXPECT_EQ(servers[0].host_name(), "");
  const std::string head = "1\n# be_name srv_name srv_addr srv_admin_state srv_uweight srv_iweight srv_fqdn srv_port\n";
  servers.resize(1);
  servers[0].Clear();
  servers[0].set_backend("b");
  servers[0].set_server("s");
  ASSERT_TRUE(ReadAdminStates(head + "b s - 0 5 10 node-01.example 8081\n", &servers).ok());
  EXPECT_EQ(servers[0].weight(), 5u);
  EXPECT_EQ(servers[0].initial_weight(), 10u);
  EXPECT_EQ(servers[0].address(), "");
  EXPECT_EQ(servers[0].host_name(), "node-01.example");
  EXPECT_EQ(servers[0].port(), 8081u);
}

TEST(HaproxyStatTest, AdminStateBits) {
  const struct {
    int bits;
    v1::LbServerFact::AdminState state;
  } kCases[] = {
      {0, v1::LbServerFact::ADMIN_STATE_READY},
      {1, v1::LbServerFact::ADMIN_STATE_MAINT},
      {2, v1::LbServerFact::ADMIN_STATE_MAINT},
      {5, v1::LbServerFact::ADMIN_STATE_MAINT},
      // `disabled` in the configuration, made ready since (captured from 2.6).
      {4, v1::LbServerFact::ADMIN_STATE_READY},
      {8, v1::LbServerFact::ADMIN_STATE_DRAIN},
      {12, v1::LbServerFact::ADMIN_STATE_DRAIN},
      {16, v1::LbServerFact::ADMIN_STATE_DRAIN},
      {9, v1::LbServerFact::ADMIN_STATE_MAINT},
      {32, v1::LbServerFact::ADMIN_STATE_MAINT},
      {64, v1::LbServerFact::ADMIN_STATE_READY},
  };
  for (const auto& one : kCases) {
    std::vector<v1::LbServerFact> servers(2);
    servers[0].set_backend("b");
    servers[0].set_server("s");
    servers[1].set_backend("b");
    servers[1].set_server("other");
    ASSERT_TRUE(ReadAdminStates(absl::StrCat(kStatesHeader, "b s - ", one.bits, " 1 1 80\n"), &servers).ok());
    EXPECT_EQ(servers[0].admin_state(), one.state) << one.bits;
    EXPECT_EQ(servers[1].admin_state(), v1::LbServerFact::ADMIN_STATE_UNSPECIFIED);
  }
}

TEST(HaproxyStatTest, WhatIsNotItsOutputIsRefused) {
  for (const char* const text :
       {"", "\n\n", "Unknown command: 'show'\n", "a,b,c\n1,2,3\n", "# pxname,svname\nb,s\n", "Permission denied\n"}) {
    EXPECT_EQ(ParseShowStat(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
  std::vector<v1::LbServerFact> servers(1);
  for (const char* const text : {"", "1\n", "Can't find backend.\n", "1\n# be_name srv_name\n"}) {
    EXPECT_EQ(ReadAdminStates(text, &servers).code(), absl::StatusCode::kInvalidArgument) << text;
  }
  for (const char* const row : {"b s - x 1 1 80", "b s", "b s - 0 257 1 80", "b s - 0 1 -1 80", "b s - 0 1 1 65536"}) {
    EXPECT_EQ(ReadAdminStates(absl::StrCat(kStatesHeader, row, "\n"), &servers).code(),
              absl::StatusCode::kInvalidArgument)
        << row;
  }
}

// 0 sessions would let a drain go on.
TEST(HaproxyStatTest, SessionsThatCannotBeReadAreNotZero) {
  const std::string header = "# pxname,svname,status,check_status,scur,stot,lastchg,type\n";
  for (const char* const sessions : {"", "x", "-1", "4294967296"}) {
    EXPECT_EQ(ParseShowStat(absl::StrCat(header, "b,s,UP,L7OK,", sessions, ",1,1,2\n")).status().code(),
              absl::StatusCode::kInvalidArgument)
        << sessions;
  }
  EXPECT_EQ(ParseShowStat("# pxname,svname\n").status().code(), absl::StatusCode::kInvalidArgument)
      << "an answer without servers, but not HAProxy's";
}

}  // namespace
}  // namespace jettyfleet
