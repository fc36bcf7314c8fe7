// /proc/PID/mountinfo, in which every user who may mount chooses names.
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "agent/inspect/path/mountinfo.h"
#include "tests/fuzz/demand.h"

namespace jettyfleet {
namespace {

// As the kernel writes it.
std::string Escaped(const std::string& text) {
  std::string escaped;
  for (const unsigned char c : text) {
    char octal[8];
    std::snprintf(octal, sizeof octal, "\\%03o", c);
    escaped += c <= ' ' || c == '\\' ? std::string(octal) : std::string(1, static_cast<char>(c));
  }
  return escaped;
}

std::string Line(const Mount& mount) {
  return absl::StrCat(mount.id, " ", mount.parent_id, " ", mount.device_major, ":", mount.device_minor, " ",
                      Escaped(mount.root), " ", Escaped(mount.point), " ", Escaped(mount.options), " shared:1 - ",
                      Escaped(mount.fs_type), " ", Escaped(mount.source), " rw\n");
}

void Check(absl::string_view text) {
  const absl::StatusOr<std::vector<Mount>> mounts = ParseMountInfo(text);
  if (!mounts.ok()) {
    Demand(absl::IsDataLoss(mounts.status()) && mounts.status().message().size() < 500, "what is wrong, shortly");
    return;
  }
  Demand(!mounts->empty() || absl::StripAsciiWhitespace(text).empty(), "some, but of nothing");
  Demand(mounts->size() <= 100000, "not too many");
  std::string written;
  for (const Mount& mount : *mounts) {
    Demand(!mount.point.empty() && mount.point[0] == '/' && !mount.fs_type.empty(), "a mount has a place and a type");
    written += Line(mount);
  }
  const absl::StatusOr<std::vector<Mount>> again = ParseMountInfo(written);
  Demand(again.ok() && again->size() == mounts->size(), "what is written can be read");
  for (std::size_t i = 0; i < mounts->size(); ++i) {
    Demand(Line((*again)[i]) == Line((*mounts)[i]), "what is written is read back the same");
  }
  for (std::size_t i = 0; i < mounts->size() && i < 50; ++i) {
    const Mount& mount = (*mounts)[i];
    Demand(MountWithId(*mounts, mount.id) != nullptr, "a mount is found by its id");
    Demand(!SamePathIn(*mounts, mount, mount.point).empty(), "where a mount is, its file system is found");
  }
}

}  // namespace
}  // namespace jettyfleet

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  jettyfleet::Check(absl::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
