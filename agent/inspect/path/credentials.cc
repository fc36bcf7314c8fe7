#include "agent/inspect/path/credentials.h"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace jettyfleet {
namespace {

constexpr std::size_t kMostGroups = 65536;  // the kernel's NGROUPS_MAX

bool ParseIds(absl::string_view text, std::vector<uint32_t>* ids) {
  for (const absl::string_view word : absl::StrSplit(text, absl::ByAnyChar(" \t"), absl::SkipEmpty())) {
    uint32_t id = 0;
    if (!absl::SimpleAtoi(word, &id) || ids->size() >= kMostGroups) return false;
    ids->push_back(id);
  }
  return true;
}

// Real, effective, saved, file system.
bool ParseEffective(absl::string_view text, uint32_t* id) {
  std::vector<uint32_t> ids;
  if (!ParseIds(text, &ids) || ids.size() != 4) return false;
  *id = ids[1];
  return true;
}

absl::Status NotKnown(absl::string_view what, const std::string& name, int error) {
  if (error != 0) {
    return absl::UnavailableError(absl::StrCat("the ", what, " ", name, " cannot be looked up: ", strerror(error)));
  }
  return absl::NotFoundError(absl::StrCat("there is no ", what, " ", name, " on this host"));
}

absl::Status Problem(absl::string_view what) {
  return absl::PermissionDeniedError(absl::StrCat("cannot take on the unit's ", what, ": ", strerror(errno)));
}

}  // namespace

absl::StatusOr<Credentials> ParseCredentials(absl::string_view status_text) {
  Credentials credentials;
  bool user = false;
  bool group = false;
  bool groups = false;
  for (absl::string_view line : absl::StrSplit(status_text, '\n')) {
    if (absl::ConsumePrefix(&line, "Uid:")) {
      user = ParseEffective(line, &credentials.user);
    } else if (absl::ConsumePrefix(&line, "Gid:")) {
      group = ParseEffective(line, &credentials.group);
    } else if (absl::ConsumePrefix(&line, "Groups:")) {
      groups = ParseIds(line, &credentials.groups);
    }
  }
  if (user && group && groups) return credentials;
  return absl::DataLossError("/proc/PID/status does not show the process's user and groups as proc(5) describes");
}

absl::StatusOr<Credentials> CredentialsOf(const std::string& user, const std::string& group) {
  Credentials credentials;
  const std::string name = user.empty() ? "root" : user;
  errno = 0;
  const passwd* entry = getpwnam(name.c_str());
  uid_t number = 0;
  if (entry == nullptr && absl::SimpleAtoi(name, &number)) entry = getpwuid(number);
  if (entry == nullptr) return NotKnown("user", name, errno);
  credentials.user = entry->pw_uid;
  credentials.group = entry->pw_gid;
  const std::string account = entry->pw_name;
  if (!group.empty() && !absl::SimpleAtoi(group, &credentials.group)) {
    errno = 0;
    const struct group* const found = getgrnam(group.c_str());
    if (found == nullptr) return NotKnown("group", group, errno);
    credentials.group = found->gr_gid;
  }
  int count = 0;
  getgrouplist(account.c_str(), credentials.group, nullptr, &count);
  credentials.groups.resize(static_cast<std::size_t>(count));
  if (getgrouplist(account.c_str(), credentials.group, credentials.groups.data(), &count) < 0) {
    return absl::UnavailableError(absl::StrCat("the groups of the user ", account, " cannot be looked up"));
  }
  credentials.groups.resize(static_cast<std::size_t>(count));
  return credentials;
}

absl::Status TakeOn(const Credentials& credentials) {
  if (geteuid() == credentials.user && getegid() == credentials.group && geteuid() != 0) return absl::OkStatus();
  if (setgroups(credentials.groups.size(), credentials.groups.data()) < 0) return Problem("groups");
  if (setresgid(credentials.group, credentials.group, credentials.group) < 0) return Problem("group");
  if (setresuid(credentials.user, credentials.user, credentials.user) < 0) return Problem("user");
  return absl::OkStatus();
}

}  // namespace jettyfleet
