#include "common/tls/deny_list.h"

#include <sys/stat.h>

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/file.h"
#include "common/log.h"
#include "common/pki/certificate.h"

namespace jettyfleet {
namespace {

constexpr std::size_t kFileLimitBytes = 1 << 20;

absl::StatusOr<std::set<std::string>> ReadDenyList(const std::string& path) {
  const absl::StatusOr<std::string> text = ReadSmallFile(path, kFileLimitBytes);
  if (!text.ok()) return text.status();
  absl::StatusOr<std::set<std::string>> serials = ParseDenyList(*text);
  if (serials.ok()) return serials;
  return absl::InvalidArgumentError(absl::StrCat(path, ": ", serials.status().message()));
}

}  // namespace

absl::StatusOr<std::set<std::string>> ParseDenyList(absl::string_view text) {
  std::set<std::string> serials;
  int number = 0;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    const absl::string_view entry = absl::StripAsciiWhitespace(line.substr(0, line.find('#')));
    if (entry.empty()) continue;
    absl::StatusOr<std::string> serial = NormaliseSerial(entry);
    if (!serial.ok()) {
      return absl::InvalidArgumentError(absl::StrCat("line ", number, ": ", serial.status().message()));
    }
    serials.insert(*std::move(serial));
  }
  return serials;
}

DenyList::DenyList(std::string path) : path_(std::move(path)) {}

absl::Status DenyList::Check(absl::string_view serial) {
  if (path_.empty()) return absl::OkStatus();
  const MutexLock lock(mutex_);
  if (const Version now = Look(); !read_once_ || now != version_) Reread(now);
  if (!usable_.ok()) return usable_;
  const absl::StatusOr<std::string> normal = NormaliseSerial(serial);
  if (!normal.ok()) return absl::PermissionDeniedError("the certificate's serial cannot be read");
  if (serials_.count(*normal) == 0) return absl::OkStatus();
  return absl::PermissionDeniedError(
      absl::StrCat("certificate ", *normal, " is on the coordinator's deny list; ask for a new one"));
}

DenyList::Version DenyList::Look() const {
  struct stat about;
  if (stat(path_.c_str(), &about) < 0) return Version{};
  // The change time, unlike the modification time, cannot be set back.
  return Version{true, about.st_ino, about.st_size, about.st_ctim.tv_sec * 1'000'000'000LL + about.st_ctim.tv_nsec};
}

void DenyList::Reread(const Version& version) {
  read_once_ = true;
  version_ = version;
  absl::StatusOr<std::set<std::string>> read = ReadDenyList(path_);
  if (read.ok()) {
    usable_ = absl::OkStatus();
    serials_ = *std::move(read);
    LogInfo(absl::StrCat("deny list ", path_, ": ", serials_.size(), " serials"));
    return;
  }
  usable_ = absl::UnavailableError(absl::StrCat("the coordinator's deny list cannot be used, so nobody is let in: ",
                                                read.status().message(), "; repair the file (it may be empty)"));
  LogError(usable_.message());
}

}  // namespace jettyfleet
