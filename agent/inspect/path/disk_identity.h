// Which disk lies under a device, as udev found out when it appeared.
#ifndef JETTYFLEET_AGENT_INSPECT_PATH_DISK_IDENTITY_H_
#define JETTYFLEET_AGENT_INSPECT_PATH_DISK_IDENTITY_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace jettyfleet {

struct DiskIdentity {
  std::string fs_uuid;      // ID_FS_UUID; empty: none, or udev does not run here (a container)
  std::string disk_serial;  // World Wide Name, else serial; of all disks below, with blanks between; empty: none
};

// What one file of udev's data base says of its own device. Pure; lines of no interest are passed over.
DiskIdentity ParseUdevData(absl::string_view text);

// Of a block device, and of the disks below it where it is put together from others (LVM, RAID, multipath).
// `udev_data`: /run/udev/data; `sys_dev_block`: /sys/dev/block.
DiskIdentity ReadDiskIdentity(const std::string& udev_data, const std::string& sys_dev_block, uint32_t device_major,
                              uint32_t device_minor);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_INSPECT_PATH_DISK_IDENTITY_H_
