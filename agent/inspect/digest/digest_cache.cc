#include "agent/inspect/digest/digest_cache.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "common/sha256.h"

namespace jettyfleet {
namespace {

// MAGIC, records (key, digest and time of reading, in this machine's byte order), SHA-256 over all that.
constexpr char kMagic[] = "jettyfleet digests 2\n";
constexpr std::size_t kDigest = 32;
constexpr std::size_t kRecord = sizeof(DigestCache::Key) + kDigest + sizeof(int64_t);
constexpr absl::Duration kSettled = absl::Seconds(2);
constexpr absl::Duration kBelieved = absl::Hours(7 * 24);
// By how much earlier than that some are read again.
constexpr std::size_t kSpreadSeconds = 3 * 24 * 3600;

uint64_t Nanoseconds(const timespec& time) {
  return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(time.tv_nsec);
}

std::string DigestOf(absl::string_view text) {
  Sha256 sha256;
  sha256.Add(text);
  return sha256.Finish();
}

// 0, or an errno.
int WriteAll(int fd, const std::string& content) {
  if (ftruncate(fd, 0) != 0) return errno;
  std::size_t written = 0;
  while (written < content.size()) {
    const ssize_t now = write(fd, content.data() + written, content.size() - written);
    if (now > 0) written += static_cast<std::size_t>(now);
    if (now < 0 && errno != EINTR) return errno;
  }
  return 0;
}

// Whether `path` still is the file that was opened by that name.
bool IsAt(const std::string& path, int fd) {
  struct stat here, opened;
  return fstat(fd, &opened) == 0 && lstat(path.c_str(), &here) == 0 && here.st_dev == opened.st_dev &&
         here.st_ino == opened.st_ino;
}

absl::Status Replace(const std::string& path, const std::string& content) {
  const std::string half = absl::StrCat(path, ".new");
  const int fd = open(half.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
  if (fd < 0) return absl::UnavailableError(absl::StrCat("cannot write ", half, ": ", strerror(errno)));
  // Inspections may run side by side. Whoever has the lock has the file, unless it was just renamed.
  const bool ours = flock(fd, LOCK_EX | LOCK_NB) == 0 && IsAt(half, fd);
  int error = ours ? WriteAll(fd, content) : 0;
  if (ours && error == 0 && rename(half.c_str(), path.c_str()) != 0) error = errno;
  if (error != 0) unlink(half.c_str());
  close(fd);
  if (error == 0) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("cannot write ", path, ": ", strerror(error)));
}

}  // namespace

DigestCache::Key DigestCache::KeyOf(const struct stat& file) {
  return {static_cast<uint64_t>(file.st_dev), static_cast<uint64_t>(file.st_ino), static_cast<uint64_t>(file.st_size),
          Nanoseconds(file.st_mtim), Nanoseconds(file.st_ctim)};
}

std::size_t DigestCache::Hash::operator()(const Key& key) const {
  return static_cast<std::size_t>((key.inode * 0x9e3779b97f4a7c15u) ^ (key.ctime_ns * 0xc2b2ae3d27d4eb4fu) ^ key.size);
}

DigestCache::DigestCache(std::string path, bool rehash, absl::Time now, std::size_t most_entries)
    : path_(std::move(path)), most_entries_(most_entries) {
  Read(rehash, now);
}

void DigestCache::Read(bool rehash, absl::Time now) {
  const std::size_t magic = sizeof kMagic - 1;
  const absl::StatusOr<std::string> read = ReadSmallFile(path_, magic + most_entries_ * kRecord + kDigest);
  const std::string content = read.value_or("");
  if (content.size() < magic + kDigest || !absl::StartsWith(content, kMagic)) return;
  const absl::string_view body(content.data(), content.size() - kDigest);
  if ((body.size() - magic) % kRecord != 0) return;
  if (DigestOf(body) != content.substr(body.size())) return;
  changed_ = rehash;
  if (rehash) return;
  entries_.reserve((body.size() - magic) / kRecord);
  for (std::size_t at = magic; at < body.size(); at += kRecord) {
    Key key;
    Entry entry;
    memcpy(&key, body.data() + at, sizeof key);
    memcpy(entry.sha256.data(), body.data() + at + sizeof key, kDigest);
    memcpy(&entry.read_at, body.data() + at + sizeof key + kDigest, sizeof entry.read_at);
    const absl::Duration age = now - absl::FromUnixSeconds(entry.read_at);
    const absl::Duration believed = kBelieved - absl::Seconds(Hash()(key) % kSpreadSeconds);
    // A clock that was set back makes ages negative; such a one is not believed either.
    if (age < -kSettled || age > believed) {
      changed_ = true;
      continue;
    }
    entries_.emplace(key, entry);
  }
}

std::optional<std::string> DigestCache::Find(const Key& key) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = entries_.find(key);
  if (found == entries_.end()) return std::nullopt;
  found->second.used = true;
  return std::string(found->second.sha256.data(), kDigest);
}

void DigestCache::Keep(const Key& key, const std::string& sha256, absl::Time read_at) {
  const absl::Time changed = absl::FromUnixNanos(static_cast<int64_t>(std::max(key.mtime_ns, key.ctime_ns)));
  if (sha256.size() != kDigest || read_at - changed < kSettled) return;
  const std::lock_guard<std::mutex> lock(mutex_);
  if (entries_.size() >= most_entries_ && entries_.count(key) == 0) return;
  Entry& entry = entries_[key];
  std::copy(sha256.begin(), sha256.end(), entry.sha256.begin());
  entry.read_at = absl::ToUnixSeconds(read_at);
  entry.used = true;
  changed_ = true;
}

absl::Status DigestCache::Save() {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::string content(kMagic);
  for (const auto& [key, entry] : entries_) {
    if (!entry.used) {
      changed_ = true;
      continue;
    }
    content.append(reinterpret_cast<const char*>(&key), sizeof key);
    content.append(entry.sha256.data(), kDigest);
    content.append(reinterpret_cast<const char*>(&entry.read_at), sizeof entry.read_at);
  }
  if (!changed_) return absl::OkStatus();
  content += DigestOf(content);
  return Replace(path_, content);
}

}  // namespace jettyfleet
