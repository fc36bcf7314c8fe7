#include "agent/act/audit/disk_space.h"

#include <sys/statvfs.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace jettyfleet {

v1::DiskSpaceFact LookAtDiskSpace(const std::string& what, const std::string& path) {
  v1::DiskSpaceFact fact;
  fact.set_what(what);
  fact.set_path(path);
  struct statvfs space;
  if (statvfs(path.c_str(), &space) != 0) {
    fact.set_error(absl::StrCat("cannot see the space at ", path, ": ", std::strerror(errno)));
    return fact;
  }
  fact.set_free_bytes(static_cast<uint64_t>(space.f_bavail) * space.f_frsize);
  fact.set_total_bytes(static_cast<uint64_t>(space.f_blocks) * space.f_frsize);
  return fact;
}

std::string JournalPath(const AuditPaths& paths) {
  for (const std::string& path : paths.journal) {
    std::error_code unseen;
    if (std::filesystem::is_directory(path, unseen)) return path;
  }
  return paths.journal.empty() ? paths.var : paths.journal.back();
}

}  // namespace jettyfleet
