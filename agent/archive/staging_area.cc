#include "agent/archive/staging_area.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "common/archive/content_hash.h"
#include "common/durable_file.h"

namespace jettyfleet {
namespace {

constexpr char kHidden[] = ".jettyfleet";
constexpr char kSuffix[] = ".war";
constexpr char kPartSuffix[] = ".part";
constexpr char kNext[] = "next";
constexpr char kContextAttribute[] = "security.selinux";
constexpr std::size_t kLongestContext = 4096;

std::string Reached(const UniqueFd& directory) { return absl::StrCat("/proc/self/fd/", directory.get()); }

// Others must not be able to put anything of theirs into it.
bool IsOursAlone(const struct stat& about) { return about.st_uid == geteuid() && (about.st_mode & 0022) == 0; }

// None, and errno, where it cannot be had.
UniqueFd OpenOrMake(const UniqueFd& parent, const char* name, bool make) {
  const bool made = make && mkdirat(parent.get(), name, 0755) == 0;
  if (make && !made && errno != EEXIST) return UniqueFd();
  UniqueFd opened(openat(parent.get(), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  // Whatever our umask is: Jetty has to get through to what a link leads to.
  if (made && opened.get() >= 0 && (fchmod(opened.get(), 0755) < 0 || fsync(parent.get()) < 0)) return UniqueFd();
  return opened;
}

bool IsSame(const struct stat& one, const struct stat& other) {
  return one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

}  // namespace

StagingArea::StagingArea(std::string target, UniqueFd parent)
    : target_(std::move(target)),
      name_(std::filesystem::path(target_).filename().string()),
      parent_(std::move(parent)) {}

absl::StatusOr<std::unique_ptr<StagingArea>> StagingArea::Open(const std::string& target, bool make) {
  const std::string parent = std::filesystem::path(target).parent_path().string();
  UniqueFd opened(open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.get() < 0 && errno == ENOENT) {
    return absl::NotFoundError(absl::StrCat("there is no directory ", parent, " to deploy an archive in"));
  }
  if (opened.get() < 0) {
    return absl::UnavailableError(absl::StrCat("cannot open ", parent, ": ", std::strerror(errno)));
  }
  std::unique_ptr<StagingArea> area(new StagingArea(target, std::move(opened)));
  if (absl::Status looked = area->LookInPlace(); !looked.ok()) return looked;
  if (absl::Status ready = area->OpenDirectory(make); !ready.ok()) return ready;
  return area;
}

absl::Status StagingArea::Problem(absl::string_view what, absl::string_view name, int error) const {
  const std::string where = absl::StrCat(std::filesystem::path(target_).parent_path().string(), "/", kHidden, "/",
                                         name_, name.empty() ? "" : "/", name);
  const std::string message = absl::StrCat("cannot ", what, " ", where, ": ", std::strerror(error));
  if (error == ENOSPC || error == EDQUOT)
    return absl::ResourceExhaustedError(absl::StrCat(message, ": free space there"));
  return absl::UnavailableError(message);
}

absl::Status StagingArea::Told(const absl::Status& status) const {
  if (status.ok()) return status;
  const std::string parent = std::filesystem::path(target_).parent_path().string();
  const std::string ours = absl::StrCat(parent, "/", kHidden, "/", name_);
  return absl::Status(status.code(), absl::StrReplaceAll(status.message(), {{Reached(directory_) + "/", ours + "/"},
                                                                            {Reached(parent_) + "/", parent + "/"}}));
}

absl::Status StagingArea::LookInPlace() {
  if (fstatat(parent_.get(), name_.c_str(), &about_link_, AT_SYMLINK_NOFOLLOW) < 0) {
    if (errno != ENOENT)
      return absl::UnavailableError(absl::StrCat("cannot look at ", target_, ": ", std::strerror(errno)));
    in_place_ = InPlace::kNothing;
    return absl::OkStatus();
  }
  in_place_ = S_ISLNK(about_link_.st_mode) ? InPlace::kLink : InPlace::kFile;
  if (fstatat(parent_.get(), name_.c_str(), &about_, 0) < 0) {
    return absl::FailedPreconditionError(absl::StrCat(target_, " is a link to nothing: repair it first"));
  }
  if (!S_ISREG(about_.st_mode)) {
    return absl::FailedPreconditionError(absl::StrCat(target_, " is no file, and no link to one: name an archive"));
  }
  return absl::OkStatus();
}

absl::Status StagingArea::OpenDirectory(bool make) {
  const UniqueFd hidden = OpenOrMake(parent_, kHidden, make);
  if (hidden.get() < 0 && errno == ENOENT && !make) return absl::OkStatus();
  if (hidden.get() < 0) return Problem("open what holds", "", errno);
  UniqueFd directory = OpenOrMake(hidden, name_.c_str(), make);
  if (directory.get() < 0 && errno == ENOENT && !make) return absl::OkStatus();
  if (directory.get() < 0) return Problem("open", "", errno);
  struct stat parent_about;
  struct stat hidden_about;
  struct stat about;
  if (fstat(parent_.get(), &parent_about) < 0 || fstat(hidden.get(), &hidden_about) < 0 ||
      fstat(directory.get(), &about) < 0) {
    return Problem("look at", "", errno);
  }
  if (about.st_dev != parent_about.st_dev) {
    return absl::FailedPreconditionError(
        absl::StrCat(kHidden, " beside ", target_, " is another file system: unmount it"));
  }
  if (!IsOursAlone(hidden_about) || !IsOursAlone(about)) {
    return absl::FailedPreconditionError(
        absl::StrCat(kHidden, " beside ", target_, " is not ours alone: remove it, it is made anew"));
  }
  directory_ = std::move(directory);
  return absl::OkStatus();
}

std::string StagingArea::At(absl::string_view name) const { return absl::StrCat(Reached(directory_), "/", name); }

std::string StagingArea::StagedName(const std::string& sha256) const { return absl::StrCat(sha256, kSuffix); }

absl::StatusOr<UniqueFd> StagingArea::OpenInPlace() const {
  UniqueFd file(openat(parent_.get(), name_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat about;
  if (file.get() < 0 || fstat(file.get(), &about) < 0) {
    return absl::UnavailableError(absl::StrCat("cannot read ", target_, ": ", std::strerror(errno)));
  }
  if (!IsSame(about, about_)) return absl::AbortedError(absl::StrCat(target_, " is being changed; try again"));
  return file;
}

absl::StatusOr<std::string> StagingArea::HashInPlace() const {
  if (in_place_ == InPlace::kNothing) return std::string();
  const absl::StatusOr<UniqueFd> file = OpenInPlace();
  if (!file.ok()) return file.status();
  const absl::StatusOr<Sha256> hash = HashDescriptor(file->get(), target_, static_cast<uint64_t>(about_.st_size));
  if (!hash.ok()) return hash.status();
  return hash->HexSoFar();
}

absl::StatusOr<std::string> StagingArea::HashStaged(const std::string& sha256) const {
  const std::string name = StagedName(sha256);
  const UniqueFd file(openat(directory_.get(), name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (file.get() < 0 && errno == ENOENT) return absl::NotFoundError(absl::StrCat(sha256, " is not staged"));
  struct stat about;
  if (file.get() < 0 || fstat(file.get(), &about) < 0) return Problem("read", name, errno);
  const absl::StatusOr<Sha256> hash = HashDescriptor(file.get(), At(name), static_cast<uint64_t>(about.st_size));
  if (!hash.ok()) return Told(hash.status());
  return hash->HexSoFar();
}

bool StagingArea::IsInPlace(const std::string& sha256) const {
  struct stat about;
  return in_place_ != InPlace::kNothing && has_directory() &&
         fstatat(directory_.get(), StagedName(sha256).c_str(), &about, AT_SYMLINK_NOFOLLOW) == 0 &&
         IsSame(about, about_);
}

absl::StatusOr<uint64_t> StagingArea::FreeBytes() const {
  struct statvfs about;
  if (fstatvfs(directory_.get(), &about) < 0) return Problem("see how full the disk is at", "", errno);
  return static_cast<uint64_t>(about.f_bavail) * about.f_frsize;
}

absl::StatusOr<std::unique_ptr<PartFile>> StagingArea::OpenPart(const std::string& sha256, WriteCall write) const {
  absl::StatusOr<std::unique_ptr<PartFile>> part = PartFile::Open(At(sha256 + kPartSuffix), std::move(write));
  if (!part.ok()) return Told(part.status());
  return part;
}

absl::Status StagingArea::Dress(int fd) const {
  struct stat like = about_;
  if (in_place_ == InPlace::kNothing) {
    // The first one: as whoever owns the directory, for all to read.
    if (fstat(parent_.get(), &like) < 0) return Problem("look at what holds", "", errno);
    like.st_mode = 0644;
  }
  // The mode after the owner: a change of owner takes bits away.
  if (fchown(fd, like.st_uid, like.st_gid) < 0) return Problem("set the owner in", "", errno);
  if (fchmod(fd, like.st_mode & 0777) < 0) return Problem("set the mode in", "", errno);
  if (in_place_ == InPlace::kNothing) return absl::OkStatus();
  const absl::StatusOr<UniqueFd> current = OpenInPlace();
  if (!current.ok()) return current.status();
  std::vector<char> context(kLongestContext);
  const ssize_t length = fgetxattr(current->get(), kContextAttribute, context.data(), context.size());
  // No SELinux here.
  if (length < 0 && (errno == ENODATA || errno == ENOTSUP)) return absl::OkStatus();
  if (length < 0 || fsetxattr(fd, kContextAttribute, context.data(), static_cast<std::size_t>(length), 0) < 0) {
    return Problem("set the SELinux context in", "", errno);
  }
  return absl::OkStatus();
}

absl::Status StagingArea::Publish(PartFile& part, const std::string& sha256) const {
  if (absl::Status dressed = Dress(part.fd()); !dressed.ok()) return dressed;
  return Told(part.PublishAs(At(StagedName(sha256))));
}

absl::Status StagingArea::DressAsInPlace(const std::string& sha256) const {
  const UniqueFd file(openat(directory_.get(), StagedName(sha256).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (file.get() < 0) return Problem("open", StagedName(sha256), errno);
  return Dress(file.get());
}

absl::Status StagingArea::KeepInPlace(const std::string& sha256, WriteCall write) const {
  const std::string kept = StagedName(sha256);
  if (IsInPlace(sha256)) return absl::OkStatus();
  const absl::StatusOr<std::string> there = HashStaged(sha256);
  if (there.ok() && *there == sha256) return absl::OkStatus();
  if (there.ok()) {
    if (absl::Status removed = RemoveStaged(sha256); !removed.ok()) return removed;
  } else if (!absl::IsNotFound(there.status())) {
    return there.status();
  }
  const absl::StatusOr<UniqueFd> current = OpenInPlace();
  if (!current.ok()) return current.status();
  const std::string opened = Reached(*current);
  if (linkat(AT_FDCWD, opened.c_str(), directory_.get(), kept.c_str(), AT_SYMLINK_FOLLOW) == 0) {
    return Told(SyncDirectoryOf(At(kept)));
  }
  const int error = errno;
  // Another act has kept it meanwhile.
  if (error == EEXIST && IsInPlace(sha256)) return absl::OkStatus();
  if (error != EXDEV) return Problem("keep what is in place as", kept, error);
  absl::StatusOr<std::unique_ptr<PartFile>> copy = OpenPart(sha256, std::move(write));
  if (!copy.ok()) return copy.status();
  absl::Status copied = (*copy)->Truncate(0);
  while (copied.ok() && (*copy)->size() < static_cast<uint64_t>(about_.st_size)) {
    const absl::StatusOr<std::string> piece = ReadAt(current->get(), target_, (*copy)->size(), 256 << 10);
    copied = piece.status();
    if (copied.ok() && piece->empty())
      copied = absl::AbortedError(absl::StrCat(target_, " is being changed; try again"));
    if (copied.ok()) copied = (*copy)->Append(*piece);
  }
  if (copied.ok()) copied = Publish(**copy, sha256);
  if (copied.ok()) return copied;
  const absl::Status discarded = (*copy)->Discard();
  return Told(discarded.ok() ? copied : discarded);
}

absl::Status StagingArea::PrepareSwitch(const std::string& sha256) const {
  const std::string staged = StagedName(sha256);
  if (unlinkat(directory_.get(), kNext, 0) < 0 && errno != ENOENT) return Problem("remove", kNext, errno);
  // Jetty unpacks an archive again only where it is newer than what it has unpacked of the one before.
  if (utimensat(directory_.get(), staged.c_str(), nullptr, AT_SYMLINK_NOFOLLOW) < 0) {
    return Problem("set the time of", staged, errno);
  }
  if (in_place_ == InPlace::kLink) {
    const std::string leads_to = absl::StrCat(kHidden, "/", name_, "/", staged);
    if (symlinkat(leads_to.c_str(), directory_.get(), kNext) < 0) return Problem("make", kNext, errno);
    if (fchownat(directory_.get(), kNext, about_link_.st_uid, about_link_.st_gid, AT_SYMLINK_NOFOLLOW) < 0) {
      return Problem("set the owner of", kNext, errno);
    }
  } else if (linkat(directory_.get(), staged.c_str(), directory_.get(), kNext, 0) < 0) {
    return Problem("make", kNext, errno);
  }
  return Told(SyncDirectoryOf(At(kNext)));
}

void StagingArea::AbandonSwitch() const { unlinkat(directory_.get(), kNext, 0); }

absl::Status StagingArea::DoSwitch() const {
  if (renameat(directory_.get(), kNext, parent_.get(), name_.c_str()) < 0) {
    return absl::UnavailableError(absl::StrCat("cannot replace ", target_, ": ", std::strerror(errno)));
  }
  if (fsync(parent_.get()) < 0) {
    return absl::UnavailableError(absl::StrCat("cannot sync what holds ", target_, ": ", std::strerror(errno)));
  }
  return absl::OkStatus();
}

absl::Status StagingArea::RemoveStaged(const std::string& sha256) const {
  if (absl::Status removed = RemoveFile(At(StagedName(sha256))); !removed.ok()) return Told(removed);
  return Told(RemoveFile(At(sha256 + kPartSuffix)));
}

absl::Status StagingArea::Prune(const std::string& sha256, std::size_t keep) const {
  std::vector<std::pair<absl::Time, std::string>> others;  // when its name or place changed last
  std::error_code error;
  for (std::filesystem::directory_iterator entry(Reached(directory_), error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (absl::EndsWith(name, kPartSuffix)) {
      if (absl::Status removed = RemoveLeftPart(name); !removed.ok()) return removed;
    }
    if (!absl::EndsWith(name, kSuffix)) continue;
    const std::string digest = name.substr(0, name.size() - std::strlen(kSuffix));
    struct stat about;
    if (!IsSha256Hex(digest) || digest == sha256 || IsInPlace(digest)) continue;
    if (fstatat(directory_.get(), name.c_str(), &about, AT_SYMLINK_NOFOLLOW) < 0) continue;
    others.emplace_back(absl::TimeFromTimespec(about.st_ctim), digest);
  }
  if (error) return Problem("list", "", error.value());
  std::sort(others.rbegin(), others.rend());
  for (std::size_t i = keep; i < others.size(); ++i) {
    if (absl::Status removed = RemoveStaged(others[i].second); !removed.ok()) return removed;
  }
  return absl::OkStatus();
}

absl::Status StagingArea::RemoveLeftPart(const std::string& name) const {
  const absl::StatusOr<std::unique_ptr<PartFile>> part = PartFile::Open(At(name));
  // Somebody is fetching it.
  if (absl::IsAborted(part.status())) return absl::OkStatus();
  return Told(part.ok() ? (*part)->Discard() : part.status());
}

absl::Status StagingArea::Lock() {
  while (flock(directory_.get(), LOCK_EX) < 0) {
    if (errno != EINTR) return Problem("lock", "", errno);
  }
  return LookInPlace();
}

}  // namespace jettyfleet
