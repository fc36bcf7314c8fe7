#include "coordinator/archive/content_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "common/archive/content_hash.h"
#include "common/durable_file.h"
#include "common/log.h"

namespace jettyfleet {
namespace {

constexpr char kPartSuffix[] = ".part";

absl::Status Problem(absl::string_view what, const std::string& path, int error) {
  return absl::UnavailableError(absl::StrCat("cannot ", what, " ", path, ": ", std::strerror(error)));
}

absl::StatusOr<std::pair<UniqueFd, uint64_t>> OpenToRead(const std::string& path) {
  UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (file.get() < 0 && errno == ENOENT) return absl::NotFoundError(absl::StrCat(path, " is not there"));
  if (file.get() < 0) return Problem("read", path, errno);
  struct stat about;
  if (fstat(file.get(), &about) < 0) return Problem("look at", path, errno);
  if (!S_ISREG(about.st_mode)) return absl::UnavailableError(absl::StrCat(path, " is not a regular file"));
  return std::make_pair(std::move(file), static_cast<uint64_t>(about.st_size));
}

std::string Mebibytes(uint64_t bytes) { return absl::StrCat((bytes + (1 << 20) - 1) >> 20, " MiB"); }

}  // namespace

absl::StatusOr<uint64_t> FreeBytesOf(const std::string& path) {
  struct statvfs about;
  if (statvfs(path.c_str(), &about) < 0) return Problem("see how full the disk is at", path, errno);
  return static_cast<uint64_t>(about.f_bavail) * about.f_frsize;
}

absl::StatusOr<std::unique_ptr<ContentStore>> ContentStore::Open(const std::string& directory, StoreLimits limits,
                                                                 FreeBytes free_bytes, WriteCall write) {
  std::unique_ptr<ContentStore> store(new ContentStore(directory, limits, std::move(free_bytes), std::move(write)));
  for (const char* part : {"/content", "/incoming"}) {
    if (absl::Status made = MakeDirectory(directory + part); !made.ok()) return made;
  }
  if (absl::Status loaded = store->Load(); !loaded.ok()) return loaded;
  return store;
}

absl::Status ContentStore::Load() {
  std::error_code error;
  const std::string directory = directory_ + "/content";
  for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    struct stat about;
    if (lstat(entry->path().c_str(), &about) < 0) return Problem("look at", entry->path().string(), errno);
    if (!IsSha256Hex(name) || !S_ISREG(about.st_mode)) {
      LogWarning(absl::StrCat(entry->path().string(), " is nothing of ours and is left alone"));
      continue;
    }
    contents_[name] = static_cast<uint64_t>(about.st_size);
  }
  if (error) return Problem("list", directory, error.value());
  return absl::OkStatus();
}

std::string ContentStore::ContentPath(const std::string& sha256) const {
  return absl::StrCat(directory_, "/content/", sha256);
}

std::string ContentStore::PartPath(const std::string& sha256) const {
  return absl::StrCat(directory_, "/incoming/", sha256, kPartSuffix);
}

std::optional<uint64_t> ContentStore::SizeOf(const std::string& sha256) const {
  const auto found = contents_.find(sha256);
  if (found == contents_.end()) return std::nullopt;
  return found->second;
}

uint64_t ContentStore::stored_bytes() const {
  uint64_t bytes = 0;
  for (const auto& [sha256, size] : contents_) bytes += size;
  return bytes;
}

uint64_t ContentStore::PartBytes() const {
  uint64_t bytes = 0;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(directory_ + "/incoming", error), end; !error && entry != end;
       entry.increment(error)) {
    struct stat about;
    if (lstat(entry->path().c_str(), &about) == 0) bytes += static_cast<uint64_t>(about.st_size);
  }
  return bytes;
}

absl::StatusOr<UniqueFd> ContentStore::OpenContent(const std::string& sha256) const {
  absl::StatusOr<std::pair<UniqueFd, uint64_t>> opened = OpenToRead(ContentPath(sha256));
  if (!opened.ok()) return opened.status();
  return std::move(opened->first);
}

absl::StatusOr<std::pair<UniqueFd, uint64_t>> ContentStore::ReadPart(const std::string& sha256) const {
  return OpenToRead(PartPath(sha256));
}

absl::Status ContentStore::CheckRoom(uint64_t size, uint64_t present) const {
  if (contents_.size() >= limits_.most_contents) {
    return absl::ResourceExhaustedError(absl::StrCat("the coordinator keeps ", contents_.size(), " archives, at most ",
                                                     limits_.most_contents,
                                                     ": remove old versions (jettyfleet archive remove)"));
  }
  const uint64_t more = size - std::min(size, present);
  const uint64_t stored = stored_bytes() + PartBytes();
  if (stored + more > limits_.most_bytes) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "the coordinator keeps ", Mebibytes(stored), " of archives, at most ", Mebibytes(limits_.most_bytes),
        ", and this would be ", Mebibytes(more), " more: remove old versions (jettyfleet archive remove)"));
  }
  return CheckFree(more);
}

absl::Status ContentStore::CheckFree(uint64_t more) const {
  const absl::StatusOr<uint64_t> free = free_bytes_(directory_);
  if (!free.ok()) return free.status();
  if (*free >= more && *free - more >= limits_.keep_free_bytes) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      absl::StrCat("the coordinator's disk has ", Mebibytes(*free), " free at ", directory_, ", of which ",
                   Mebibytes(limits_.keep_free_bytes),
                   " have to stay so: free space, or remove old versions (jettyfleet archive remove)"));
}

absl::StatusOr<std::unique_ptr<PartFile>> ContentStore::OpenPart(const std::string& sha256) const {
  return PartFile::Open(PartPath(sha256), write_);
}

absl::Status ContentStore::Publish(PartFile& part, const std::string& sha256) {
  if (absl::Status published = part.PublishAs(ContentPath(sha256)); !published.ok()) return published;
  contents_[sha256] = part.size();
  return absl::OkStatus();
}

absl::Status ContentStore::Remove(const std::string& sha256) {
  if (absl::Status removed = RemoveFile(ContentPath(sha256)); !removed.ok()) return removed;
  contents_.erase(sha256);
  return absl::OkStatus();
}

void ContentStore::RemoveOldParts(absl::Time now) const {
  std::error_code error;
  for (std::filesystem::directory_iterator entry(directory_ + "/incoming", error), end; !error && entry != end;
       entry.increment(error)) {
    struct stat about;
    if (lstat(entry->path().c_str(), &about) < 0 || !S_ISREG(about.st_mode)) continue;
    if (absl::TimeFromTimespec(about.st_mtim) + limits_.part_lifetime > now) continue;
    // The lock says whether a push is at it.
    const absl::StatusOr<std::unique_ptr<PartFile>> part = PartFile::Open(entry->path().string());
    const absl::Status discarded = part.ok() ? (*part)->Discard() : part.status();
    if (!discarded.ok()) LogWarning(discarded.message());
  }
  if (error) LogWarning(absl::StrCat("cannot list ", directory_, "/incoming: ", error.message()));
}

}  // namespace jettyfleet
