#include "agent/inspect/jetty/zip_members.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace jettyfleet {
namespace {

// PKWARE's APPNOTE.TXT, 4.3: the sizes of fixed parts, and their marks.
constexpr std::size_t kEndSize = 22;
constexpr std::size_t kMaxComment = 65535;
constexpr std::size_t kEntrySize = 46;
constexpr std::size_t kLocalSize = 30;
constexpr uint32_t kEndMark = 0x06054b50;
constexpr uint32_t kEntryMark = 0x02014b50;
constexpr uint32_t kLocalMark = 0x04034b50;
constexpr uint64_t kMaxDirectory = 16 << 20;
constexpr uint16_t kStored = 0;
constexpr uint16_t kDeflated = 8;
constexpr uint16_t kEncrypted = 1;

uint16_t Two(absl::string_view at) {
  return static_cast<uint16_t>(static_cast<uint8_t>(at[0]) | static_cast<uint8_t>(at[1]) << 8);
}
uint32_t Four(absl::string_view at) { return Two(at) | static_cast<uint32_t>(Two(at.substr(2))) << 16; }

class Archive {
 public:
  explicit Archive(const std::string& path)
      : path_(path), fd_(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)), error_(fd_ < 0 ? errno : 0) {}
  ~Archive() {
    if (fd_ >= 0) close(fd_);
  }
  Archive(const Archive&) = delete;
  Archive& operator=(const Archive&) = delete;

  absl::StatusOr<std::map<std::string, std::string>> Read(const std::set<std::string>& names, std::size_t limit) {
    struct stat about;
    if (error_ == 0 && fstat(fd_, &about) < 0) error_ = errno;
    if (error_ != 0) return SystemError(error_);
    if (!S_ISREG(about.st_mode)) return absl::FailedPreconditionError(absl::StrCat(path_, ": is not a regular file"));
    absl::StatusOr<std::string> directory = Directory(static_cast<uint64_t>(about.st_size));
    if (!directory.ok()) return directory.status();
    std::map<std::string, std::string> members;
    absl::string_view rest = *directory;
    while (rest.size() >= kEntrySize && Four(rest) == kEntryMark) {
      const std::size_t name_size = Two(rest.substr(28));
      const std::size_t size = kEntrySize + name_size + Two(rest.substr(30)) + Two(rest.substr(32));
      if (size > rest.size()) return Damaged("its directory is cut short");
      const std::string name(rest.substr(kEntrySize, name_size));
      if (names.count(name) > 0) {
        absl::StatusOr<std::string> content = Member(rest, name, limit);
        if (!content.ok()) return content.status();
        members[name] = *std::move(content);
      }
      rest.remove_prefix(size);
    }
    return members;
  }

 private:
  absl::Status SystemError(int error) const {
    const std::string message = absl::StrCat(path_, ": ", std::strerror(error));
    if (error == ENOENT || error == ENOTDIR) return absl::NotFoundError(message);
    if (error == EACCES || error == EPERM) return absl::PermissionDeniedError(message);
    return absl::FailedPreconditionError(message);
  }
  absl::Status Damaged(absl::string_view what) const {
    return absl::InvalidArgumentError(absl::StrCat(path_, ": is no archive that can be read: ", what));
  }

  absl::StatusOr<std::string> Part(uint64_t offset, std::size_t size) const {
    std::string part(size, '\0');
    for (std::size_t done = 0; done < size;) {
      const ssize_t got = pread(fd_, part.data() + done, size - done, static_cast<off_t>(offset + done));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return SystemError(errno);
      if (got == 0) return Damaged("it ends too early");
      done += static_cast<std::size_t>(got);
    }
    return part;
  }

  // The central directory, which the end of the file tells the place of.
  absl::StatusOr<std::string> Directory(uint64_t size) const {
    if (size < kEndSize) return Damaged("it is too small");
    const std::size_t tail_size = static_cast<std::size_t>(std::min<uint64_t>(size, kEndSize + kMaxComment));
    const absl::StatusOr<std::string> tail = Part(size - tail_size, tail_size);
    if (!tail.ok()) return tail.status();
    for (std::size_t at = tail_size - kEndSize + 1; at-- > 0;) {
      const absl::string_view end = absl::string_view(*tail).substr(at);
      if (Four(end) != kEndMark) continue;
      const uint64_t directory_size = Four(end.substr(12)), offset = Four(end.substr(16));
      if (directory_size == UINT32_MAX || offset == UINT32_MAX) return Damaged("it is of the 64-bit form");
      if (directory_size > kMaxDirectory) {
        return absl::ResourceExhaustedError(absl::StrCat(path_, ": its directory is larger than 16 MiB"));
      }
      if (offset + directory_size > size) return Damaged("its directory is not where it should be");
      return Part(offset, static_cast<std::size_t>(directory_size));
    }
    return Damaged("it has no end mark");
  }

  absl::StatusOr<std::string> Member(absl::string_view entry, const std::string& name, std::size_t limit) const {
    const uint32_t packed_size = Four(entry.substr(20)), size = Four(entry.substr(24));
    if (size > limit || packed_size > limit) return Damaged(absl::StrCat(name, " is larger than ", limit, " bytes"));
    if ((Two(entry.substr(8)) & kEncrypted) != 0) return Damaged(absl::StrCat(name, " is encrypted"));
    const uint64_t offset = Four(entry.substr(42));
    const absl::StatusOr<std::string> local = Part(offset, kLocalSize);
    if (!local.ok()) return local.status();
    const absl::string_view header = *local;
    if (Four(header) != kLocalMark) return Damaged(absl::StrCat(name, " is not where it should be"));
    const uint64_t start = offset + kLocalSize + Two(header.substr(26)) + Two(header.substr(28));
    const absl::StatusOr<std::string> packed = Part(start, packed_size);
    if (!packed.ok()) return packed.status();
    const uint16_t method = Two(entry.substr(10));
    if (method == kStored && packed_size == size) return *packed;
    if (method != kDeflated) return Damaged(absl::StrCat(name, " is packed in a way that is not known"));
    return Inflate(*packed, size, name);
  }

  absl::StatusOr<std::string> Inflate(const std::string& packed, std::size_t size, const std::string& name) const {
    std::string content(size + 1, '\0');
    z_stream stream = {};
    // A negative window: no header of zlib's own.
    if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) return absl::ResourceExhaustedError("zlib has no memory");
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
    stream.avail_in = static_cast<uInt>(packed.size());
    stream.next_out = reinterpret_cast<Bytef*>(content.data());
    stream.avail_out = static_cast<uInt>(content.size());
    const int result = inflate(&stream, Z_FINISH);
    const bool whole = result == Z_STREAM_END && stream.total_out == size;
    inflateEnd(&stream);
    if (!whole) return Damaged(absl::StrCat(name, " is damaged"));
    content.resize(size);
    return content;
  }

  const std::string& path_;
  const int fd_;
  int error_;
};

}  // namespace

absl::StatusOr<std::map<std::string, std::string>> ReadZipMembers(const std::string& path,
                                                                  const std::set<std::string>& names,
                                                                  std::size_t limit_bytes) {
  return Archive(path).Read(names, limit_bytes);
}

}  // namespace jettyfleet
