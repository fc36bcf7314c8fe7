#include "common/pki/directory.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/file.h"
#include "common/pki/authority.h"

namespace jettyfleet {
namespace {

constexpr std::size_t kPemLimitBytes = 64 << 10;
constexpr std::size_t kDenyListLimitBytes = 1 << 20;
constexpr char kDenyListHead[] =
    "# Serials of certificates that the coordinator refuses, one a line, in hexadecimal; '#' begins a comment.\n";

struct NewFile {
  std::string path;
  std::string content;
  mode_t mode;
};

absl::Status MakeDirectory(const std::string& path) {
  if (mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(path, ": cannot make this directory: ", std::strerror(errno)));
}

// All of them or none. The check comes first so that the usual mistake changes nothing even for a moment.
absl::Status WriteAllNew(const std::vector<NewFile>& files) {
  for (const NewFile& file : files) {
    if (access(file.path.c_str(), F_OK) == 0) {
      return absl::AlreadyExistsError(absl::StrCat(file.path,
                                                   ": already exists and is left alone; "
                                                   "choose another directory or move it away"));
    }
  }
  for (std::size_t i = 0; i < files.size(); ++i) {
    const absl::Status written = WriteNewFile(files[i].path, files[i].content, files[i].mode);
    if (written.ok()) continue;
    for (std::size_t made = 0; made < i; ++made) unlink(files[made].path.c_str());
    return written;
  }
  return absl::OkStatus();
}

absl::StatusOr<CertifiedKey> ReadAuthority(const std::string& directory) {
  CertifiedKey authority;
  for (auto [name, content] : {std::pair{"/ca.pem", &authority.certificate_pem}, {"/ca-key.pem", &authority.key_pem}}) {
    absl::StatusOr<std::string> read = ReadSmallFile(directory + name, kPemLimitBytes);
    if (!read.ok()) {
      return absl::Status(read.status().code(),
                          absl::StrCat(read.status().message(), "; `jettyfleet pki init` makes a fleet's authority"));
    }
    *content = *std::move(read);
  }
  return authority;
}

absl::Status Append(const std::string& path, const std::string& line) {
  const int fd = open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) return absl::FailedPreconditionError(absl::StrCat(path, ": ", std::strerror(errno)));
  const absl::Cleanup close_it = [fd] { close(fd); };
  // One write, so that a reader sees the whole line or nothing of it.
  if (write(fd, line.data(), line.size()) != static_cast<ssize_t>(line.size()) || fsync(fd) < 0) {
    return absl::FailedPreconditionError(absl::StrCat(path, ": could not append: ", std::strerror(errno)));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status InitPki(const std::string& directory, const std::string& fleet, int days, absl::Time now) {
  const absl::StatusOr<Validity> validity = ValidForDays(now, days);
  if (!validity.ok()) return validity.status();
  const absl::StatusOr<CertifiedKey> authority = MakeAuthority(fleet, *validity);
  if (!authority.ok()) return authority.status();
  if (absl::Status made = MakeDirectory(directory); !made.ok()) return made;
  return WriteAllNew({{directory + "/ca-key.pem", authority->key_pem, 0600},
                      {directory + "/ca.pem", authority->certificate_pem, 0644},
                      {directory + "/denied", kDenyListHead, 0644}});
}

absl::StatusOr<CertificateInfo> IssueTo(const std::string& directory, Identity identity, int days,
                                        const std::string& out_directory, absl::Time now) {
  const absl::StatusOr<CertifiedKey> authority = ReadAuthority(directory);
  if (!authority.ok()) return authority.status();
  const absl::StatusOr<CertificateInfo> own = InspectCertificate(authority->certificate_pem);
  if (!own.ok()) return own.status();
  const absl::StatusOr<Validity> validity = ValidForDays(now, days);
  if (!validity.ok()) return validity.status();
  if (validity->not_after > own->not_after) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the authority in ", directory, " ends at ", absl::FormatTime("%Y-%m-%d", own->not_after, absl::UTCTimeZone()),
        ", before the certificate would; ask for fewer --days or make a new authority"));
  }
  const absl::StatusOr<std::string> fleet = FleetOf(authority->certificate_pem);
  if (!fleet.ok()) return fleet.status();
  identity.fleet = *fleet;
  const absl::StatusOr<CertifiedKey> issued = IssueCertificate(*authority, identity, UseOf(identity.role), *validity);
  if (!issued.ok()) return issued.status();
  if (absl::Status made = MakeDirectory(out_directory); !made.ok()) return made;
  const absl::Status written = WriteAllNew({{out_directory + "/key.pem", issued->key_pem, 0600},
                                            {out_directory + "/cert.pem", issued->certificate_pem, 0644},
                                            {out_directory + "/ca.pem", authority->certificate_pem, 0644}});
  if (!written.ok()) return written;
  return InspectCertificate(issued->certificate_pem);
}

absl::Status DenySerial(const std::string& directory, const std::string& serial, absl::Time now) {
  const absl::StatusOr<std::string> normal = NormaliseSerial(serial);
  if (!normal.ok()) return normal.status();
  const std::string path = directory + "/denied";
  const absl::StatusOr<std::string> text = ReadSmallFile(path, kDenyListLimitBytes);
  if (!text.ok()) return text.status();
  for (const absl::string_view line : absl::StrSplit(*text, '\n')) {
    if (absl::StartsWith(line, *normal) && (line.size() == normal->size() || line[normal->size()] == ' ')) {
      return absl::OkStatus();
    }
  }
  const char* const gap = text->empty() || absl::EndsWith(*text, "\n") ? "" : "\n";
  return Append(path, absl::StrCat(gap, *normal, "  # denied at ",
                                   absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", now, absl::UTCTimeZone()), "\n"));
}

}  // namespace jettyfleet
