#include "agent/inspect/path/disk_identity.h"

#include <cstddef>
#include <filesystem>
#include <iterator>
#include <set>
#include <system_error>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/file.h"

namespace jettyfleet {
namespace {

constexpr std::size_t kLimitBytes = 1 << 20;
// Multipath under RAID under LVM under dm-crypt, and more.
constexpr int kDeepest = 8;
constexpr std::size_t kMostDisks = 64;

// The best first. Two logical units of one array may share the short WWN.
constexpr absl::string_view kSerialKeys[] = {"ID_WWN_WITH_EXTENSION", "ID_WWN", "DM_WWN", "ID_SERIAL", "DM_SERIAL"};

std::string ReadOrEmpty(const std::string& path) {
  const absl::StatusOr<std::string> text = ReadSmallFile(path, kLimitBytes);
  return text.ok() ? *text : "";
}

void CollectSerials(const std::string& udev_data, const std::string& sys_dev_block, const std::string& device,
                    int depth, std::set<std::string>* serials) {
  if (depth > kDeepest || serials->size() >= kMostDisks) return;
  const DiskIdentity own = ParseUdevData(ReadOrEmpty(absl::StrCat(udev_data, "/b", device)));
  if (!own.disk_serial.empty()) {
    serials->insert(own.disk_serial);
    return;
  }
  std::error_code error;
  std::filesystem::directory_iterator below(absl::StrCat(sys_dev_block, "/", device, "/slaves"), error);
  for (; !error && below != std::filesystem::directory_iterator(); below.increment(error)) {
    const std::string number = ReadOrEmpty((below->path() / "dev").string());
    CollectSerials(udev_data, sys_dev_block, std::string(absl::StripAsciiWhitespace(number)), depth + 1, serials);
  }
}

}  // namespace

DiskIdentity ParseUdevData(absl::string_view text) {
  DiskIdentity identity;
  std::size_t best = std::size(kSerialKeys);
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    // Properties; other letters are links, tags and times.
    if (!absl::ConsumePrefix(&line, "E:")) continue;
    const std::size_t equals = line.find('=');
    if (equals == absl::string_view::npos) continue;
    const absl::string_view key = line.substr(0, equals);
    const absl::string_view value = line.substr(equals + 1);
    if (key == "ID_FS_UUID") identity.fs_uuid = std::string(value);
    for (std::size_t i = 0; i < best; ++i) {
      if (key != kSerialKeys[i] || value.empty()) continue;
      identity.disk_serial = std::string(value);
      best = i;
    }
  }
  return identity;
}

DiskIdentity ReadDiskIdentity(const std::string& udev_data, const std::string& sys_dev_block, uint32_t device_major,
                              uint32_t device_minor) {
  const std::string device = absl::StrCat(device_major, ":", device_minor);
  DiskIdentity identity = ParseUdevData(ReadOrEmpty(absl::StrCat(udev_data, "/b", device)));
  std::set<std::string> serials;
  CollectSerials(udev_data, sys_dev_block, device, 0, &serials);
  identity.disk_serial = absl::StrJoin(serials, " ");
  return identity;
}

}  // namespace jettyfleet
