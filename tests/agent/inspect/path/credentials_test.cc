#include "agent/inspect/path/credentials.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace jettyfleet {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

// Of Linux 6.1, cut.
std::string StatusText(const std::string& uid, const std::string& gid, const std::string& groups) {
  return "Name:\tjava\nUmask:\t0022\nState:\tS (sleeping)\nPid:\t4711\n" + uid + gid + "FDSize:\t256\n" + groups +
         "VmPeak:\t 3000000 kB\n";
}

TEST(Credentials, AreTheEffectiveOnes) {
  const absl::StatusOr<Credentials> credentials =
      ParseCredentials(StatusText("Uid:\t0\t997\t998\t999\n", "Gid:\t0\t992\t993\t994\n", "Groups:\t4 24 992 \n"));
  ASSERT_TRUE(credentials.ok()) << credentials.status();
  EXPECT_EQ(credentials->user, 997u);
  EXPECT_EQ(credentials->group, 992u);
  EXPECT_THAT(credentials->groups, ElementsAre(4u, 24u, 992u));
  const absl::StatusOr<Credentials> alone =
      ParseCredentials(StatusText("Uid:\t1\t1\t1\t1\n", "Gid:\t2\t2\t2\t2\n", "Groups:\t \n"));
  ASSERT_TRUE(alone.ok());
  EXPECT_THAT(alone->groups, IsEmpty());
}

TEST(Credentials, AreNotGuessed) {
  const std::string uid = "Uid:\t1\t1\t1\t1\n";
  const std::string gid = "Gid:\t2\t2\t2\t2\n";
  const std::string groups = "Groups:\t4\n";
  for (const std::string& text :
       {StatusText("", gid, groups), StatusText(uid, "", groups), StatusText(uid, gid, ""),
        StatusText("Uid:\t1\t1\t1\n", gid, groups), StatusText("Uid:\t1\t1\t1\t1\t1\n", gid, groups),
        StatusText("Uid:\t1\t-1\t1\t1\n", gid, groups), StatusText(uid, "Gid:\t2\tx\t2\t2\n", groups),
        StatusText(uid, gid, "Groups:\t99999999999\n"), std::string()}) {
    EXPECT_EQ(ParseCredentials(text).status().code(), absl::StatusCode::kDataLoss) << text;
  }
}

TEST(Credentials, OfUsersAndGroups) {
  const absl::StatusOr<Credentials> root = CredentialsOf("", "");
  ASSERT_TRUE(root.ok()) << root.status();
  EXPECT_EQ(root->user, 0u);
  EXPECT_EQ(root->group, 0u);
  EXPECT_THAT(root->groups, Contains(0u));
  const absl::StatusOr<Credentials> daemon = CredentialsOf("daemon", "");
  ASSERT_TRUE(daemon.ok()) << daemon.status();
  EXPECT_NE(daemon->user, 0u);
  EXPECT_NE(daemon->group, 0u);
  const absl::StatusOr<Credentials> other_group = CredentialsOf("daemon", "root");
  ASSERT_TRUE(other_group.ok());
  EXPECT_EQ(other_group->user, daemon->user);
  EXPECT_EQ(other_group->group, 0u);
  const absl::StatusOr<Credentials> by_number = CredentialsOf(std::to_string(daemon->user), "7");
  ASSERT_TRUE(by_number.ok()) << by_number.status();
  EXPECT_EQ(by_number->user, daemon->user);
  EXPECT_EQ(by_number->group, 7u);
}

TEST(Credentials, OfNobody) {
  const absl::Status user = CredentialsOf("no-such-user", "").status();
  EXPECT_EQ(user.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(user.message(), "there is no user no-such-user on this host");
  EXPECT_EQ(CredentialsOf("", "no-such-group").status().code(), absl::StatusCode::kNotFound);
}

TEST(Credentials, OnesOwnNeedNoRights) {
  if (geteuid() == 0) GTEST_SKIP() << "as root it would really change the groups of this test";
  EXPECT_TRUE(TakeOn({geteuid(), getegid(), {}}).ok());
  EXPECT_EQ(TakeOn({0, 0, {}}).code(), absl::StatusCode::kPermissionDenied);
}

}  // namespace
}  // namespace jettyfleet
