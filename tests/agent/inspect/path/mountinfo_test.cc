#include "agent/inspect/path/mountinfo.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace jettyfleet {
namespace {

using testing::HasSubstr;

// Lines of Linux 6.1, of a unit with PrivateTmp and ReadWritePaths and of an NFS client.
constexpr char kText[] =
    "27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard,errors=remount-ro\n"
    "22 27 0:21 / /proc rw,nosuid,nodev,noexec,relatime shared:13 - proc proc rw\n"
    "301 27 254:0 /tmp/systemd-private-8d2-jetty9.service-Xy/tmp /tmp rw,relatime master:1 - ext4 /dev/vda rw\n"
    "302 27 254:0 /var /var ro,relatime shared:7 master:1 propagate_from:2 unbindable - ext4 /dev/vda rw\n"
    "303 302 0:54 / /var/lib/my\\040data\\134x rw,relatime - nfs4 nas.example:/ex\\011port rw,vers=4.2,addr=10.0.0.9\n"
    "304 27 0:60 / /none rw - tmpfs  rw,size=4k\n"
    "305 27 0:4 net:[4026532281] /run/netns/a rw - nsfs nsfs rw\n";

TEST(MountInfo, ReadsEveryField) {
  const absl::StatusOr<std::vector<Mount>> mounts = ParseMountInfo(kText);
  ASSERT_TRUE(mounts.ok()) << mounts.status();
  ASSERT_EQ(mounts->size(), 7u);
  const Mount& root = (*mounts)[0];
  EXPECT_EQ(root.id, 27u);
  EXPECT_EQ(root.parent_id, 1u);
  EXPECT_EQ(root.device_major, 254u);
  EXPECT_EQ(root.device_minor, 0u);
  EXPECT_EQ(root.root, "/");
  EXPECT_EQ(root.point, "/");
  EXPECT_EQ(root.fs_type, "ext4");
  EXPECT_EQ(root.source, "/dev/vda");
  EXPECT_EQ(root.options, "rw,relatime,discard,errors=remount-ro");
  EXPECT_EQ((*mounts)[2].root, "/tmp/systemd-private-8d2-jetty9.service-Xy/tmp");
  EXPECT_EQ((*mounts)[2].point, "/tmp");
  // Optional fields ahead of the separator, any number of them.
  EXPECT_EQ((*mounts)[3].fs_type, "ext4");
  EXPECT_EQ((*mounts)[3].options, "ro,relatime");
  EXPECT_EQ((*mounts)[4].point, "/var/lib/my data\\x");
  EXPECT_EQ((*mounts)[4].source, "nas.example:/ex\tport");
  EXPECT_EQ((*mounts)[4].options, "rw,relatime,vers=4.2,addr=10.0.0.9");
  EXPECT_EQ((*mounts)[5].source, "");
  EXPECT_EQ((*mounts)[5].options, "rw,size=4k");
  EXPECT_EQ((*mounts)[6].root, "net:[4026532281]");
  EXPECT_EQ(MountWithId(*mounts, 303), &(*mounts)[4]);
  EXPECT_EQ(MountWithId(*mounts, 99), nullptr);
}

TEST(MountInfo, AReadOnlyFileSystemIsReadOnlyUnderAnyMount) {
  const absl::StatusOr<std::vector<Mount>> mounts = ParseMountInfo("1 0 8:1 / /a rw,noatime - ext4 /dev/sda1 ro,x\n");
  ASSERT_TRUE(mounts.ok());
  EXPECT_EQ(mounts->front().options, "ro,noatime,x");
}

TEST(MountInfo, BelievesNothingOfADamagedText) {
  const std::string good = "27 1 254:0 / / rw - ext4 /dev/vda rw\n";
  struct Case {
    std::string line;
    std::string why;
  };
  const Case cases[] = {
      {"", "line 2"},
      {"27", "line 2"},
      {"x 1 254:0 / / rw - ext4 /dev/vda rw", "line 2"},
      {"27 1 254 / / rw - ext4 /dev/vda rw", "line 2"},
      {"27 1 254:0:1 / / rw - ext4 /dev/vda rw", "line 2"},
      {"27 1 254:-1 / / rw - ext4 /dev/vda rw", "line 2"},
      {"27 1 99999999999:0 / / rw - ext4 /dev/vda rw", "line 2"},
      {"27 1 254:0  / rw - ext4 /dev/vda rw", "line 2"},
      {"27 1 254:0 / relative rw - ext4 /dev/vda rw", "line 2"},
      {"27 1 254:0 / / rw ext4 /dev/vda rw", "line 2"},
      {"27 1 254:0 / / rw - ext4 /dev/vda", "line 2"},
      {"27 1 254:0 / / rw - ext4 /dev/vda rw more", "line 2"},
      {"27 1 254:0 / / rw -  /dev/vda rw", "line 2"},
  };
  for (const Case& c : cases) {
    const absl::StatusOr<std::vector<Mount>> mounts = ParseMountInfo(good + c.line + "\n" + good);
    EXPECT_EQ(mounts.status().code(), absl::StatusCode::kDataLoss) << c.line;
    EXPECT_THAT(std::string(mounts.status().message()), HasSubstr(c.why)) << c.line;
  }
  EXPECT_FALSE(ParseMountInfo("\n\n").ok());
  std::string many;
  for (int i = 0; i <= 100000; ++i) many += good;
  EXPECT_THAT(std::string(ParseMountInfo(many).status().message()), HasSubstr("more than 100000 lines"));
}

TEST(MountInfo, OfAProcessThatSeesNoMount) {
  const absl::StatusOr<std::vector<Mount>> mounts = ParseMountInfo("");
  ASSERT_TRUE(mounts.ok());
  EXPECT_TRUE(mounts->empty());
}

TEST(MountInfo, AHalfEscapeIsWhatItIs) {
  const absl::StatusOr<std::vector<Mount>> mounts = ParseMountInfo("1 0 8:1 / /a\\04 rw - ext4 \\777\\0401 rw\n");
  ASSERT_TRUE(mounts.ok());
  EXPECT_EQ(mounts->front().point, "/a\\04");
  EXPECT_EQ(mounts->front().source, "\\777 1");
}

TEST(MountInfo, FindsTheSamePathInAnotherView) {
  const absl::StatusOr<std::vector<Mount>> host = ParseMountInfo(
      "27 1 254:0 / / rw - ext4 /dev/vda rw\n"
      "28 27 8:1 /data /srv rw - xfs /dev/sda1 rw\n"
      "29 27 8:1 /data/shop /mnt/shop rw - xfs /dev/sda1 rw\n");
  ASSERT_TRUE(host.ok());
  struct Case {
    Mount mount;
    std::string path;
    std::string expected;
  };
  const Mount private_tmp = {.device_major = 254, .root = "/tmp/systemd-private-8d2/tmp", .point = "/tmp"};
  const Mount root = {.device_major = 254, .root = "/", .point = "/"};
  const Mount shop = {.device_major = 8, .device_minor = 1, .root = "/data/shop", .point = "/var/shop"};
  const Mount other = {.device_major = 8, .device_minor = 1, .root = "/database", .point = "/var/shop"};
  const Mount gone = {.device_major = 0, .device_minor = 99, .root = "/", .point = "/mem"};
  const Case cases[] = {
      {private_tmp, "/tmp/work", "/tmp/systemd-private-8d2/tmp/work"},
      {private_tmp, "/tmp", "/tmp/systemd-private-8d2/tmp"},
      {root, "/var/lib/jetty9", "/var/lib/jetty9"},
      {root, "/", "/"},
      {shop, "/var/shop/in", "/srv/shop/in"},
      {shop, "/var/shop", "/srv/shop"},
      {other, "/var/shop", ""},
      {gone, "/mem/a", ""},
      // Not below it by its letters.
      {shop, "/var/shopping", ""},
      {shop, "/link", ""},
  };
  for (const Case& c : cases) EXPECT_EQ(SamePathIn(*host, c.mount, c.path), c.expected) << c.path;
}

}  // namespace
}  // namespace jettyfleet
