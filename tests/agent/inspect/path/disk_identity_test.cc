#include "agent/inspect/path/disk_identity.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/testing/files/temporary_directory.h"

namespace jettyfleet {
namespace {

TEST(DiskIdentity, ReadsUdevsData) {
  struct Case {
    std::string text;
    std::string uuid;
    std::string serial;
  };
  const Case cases[] = {
      {"S:disk/by-uuid/x\nI:1234\nE:ID_FS_TYPE=ext4\nE:ID_FS_UUID=4f1c-9\nE:ID_FS_UUID_ENC=enc\nG:systemd\n", "4f1c-9",
       ""},
      {"E:ID_SERIAL=QEMU_1\nE:ID_SERIAL_SHORT=1\n", "", "QEMU_1"},
      {"E:ID_SERIAL=QEMU_1\nE:ID_WWN=0x5000\nE:ID_WWN_WITH_EXTENSION=0x5000ff\n", "", "0x5000ff"},
      {"E:ID_WWN_WITH_EXTENSION=0x5000ff\nE:ID_WWN=0x5000\n", "", "0x5000ff"},
      {"E:ID_WWN=\nE:DM_SERIAL=s\n", "", "s"},
      {"E:ID_FS_UUID\nID_SERIAL=no\nE:=\n", "", ""},
      {"", "", ""},
  };
  for (const Case& c : cases) {
    const DiskIdentity identity = ParseUdevData(c.text);
    EXPECT_EQ(identity.fs_uuid, c.uuid) << c.text;
    EXPECT_EQ(identity.disk_serial, c.serial) << c.text;
  }
}

class DiskIdentityTest : public testing::Test {
 protected:
  void Device(const std::string& number, const std::string& data) {
    std::filesystem::create_directories(files_ / "data");
    std::filesystem::create_directories(files_ / ("block/" + number));
    std::ofstream(files_ / ("data/b" + number)) << data;
  }
  void PutOn(const std::string& number, const std::string& below, const std::string& name) {
    const std::string directory = files_ / ("block/" + number + "/slaves/" + name);
    std::filesystem::create_directories(directory);
    std::ofstream(directory + "/dev") << below << "\n";
  }
  DiskIdentity Read(uint32_t device_major, uint32_t device_minor) {
    return ReadDiskIdentity(files_ / "data", files_ / "block", device_major, device_minor);
  }

  TemporaryDirectory files_;
};

TEST_F(DiskIdentityTest, OfADisk) {
  Device("8:1", "E:ID_FS_UUID=u\nE:ID_WWN=w\n");
  EXPECT_EQ(Read(8, 1).fs_uuid, "u");
  EXPECT_EQ(Read(8, 1).disk_serial, "w");
}

TEST_F(DiskIdentityTest, OfAllDisksBelowAVolume) {
  Device("253:0", "E:ID_FS_UUID=u\nE:DM_NAME=shop\n");
  Device("253:1", "E:DM_NAME=luks\n");
  Device("8:1", "E:ID_WWN=second\n");
  Device("8:17", "E:ID_SERIAL=first\n");
  PutOn("253:0", "253:1", "dm-1");
  PutOn("253:0", "8:1", "sda1");
  PutOn("253:1", "8:17", "sdb1");
  EXPECT_EQ(Read(253, 0).fs_uuid, "u");
  EXPECT_EQ(Read(253, 0).disk_serial, "first second");
}

TEST_F(DiskIdentityTest, AVolumeThatKnowsItselfIsAsked) {
  Device("253:0", "E:DM_SERIAL=lun\n");
  Device("8:1", "E:ID_WWN=path\n");
  PutOn("253:0", "8:1", "sda");
  EXPECT_EQ(Read(253, 0).disk_serial, "lun");
}

TEST_F(DiskIdentityTest, ACircleEnds) {
  Device("253:0", "");
  PutOn("253:0", "253:0", "dm-0");
  EXPECT_EQ(Read(253, 0).disk_serial, "");
}

TEST_F(DiskIdentityTest, WithoutUdev) {
  EXPECT_EQ(Read(8, 1).fs_uuid, "");
  EXPECT_EQ(Read(8, 1).disk_serial, "");
}

}  // namespace
}  // namespace jettyfleet
