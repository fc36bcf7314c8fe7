#include "common/archive/zip_check.h"

#include <algorithm>
#include <cstddef>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/archive/content_hash.h"

namespace jettyfleet {
namespace {

constexpr absl::string_view kLocalHeader("PK\3\4", 4);
constexpr absl::string_view kCentralHeader("PK\1\2", 4);
constexpr absl::string_view kEndRecord("PK\5\6", 4);
constexpr absl::string_view kZip64Locator("PK\6\7", 4);
constexpr absl::string_view kZip64EndRecord("PK\6\6", 4);

constexpr std::size_t kEndRecordBytes = 22;  // without its comment
constexpr std::size_t kLongestComment = 65535;
constexpr std::size_t kZip64LocatorBytes = 20;
constexpr std::size_t kZip64EndRecordBytes = 56;
constexpr uint32_t kIn64Bits = 0xffffffff;  // the value is in the zip64 record

// Little-endian, of `width` bytes.
uint64_t Number(absl::string_view bytes, std::size_t at, std::size_t width) {
  uint64_t number = 0;
  for (std::size_t i = 0; i < width; ++i) {
    number |= static_cast<uint64_t>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
  }
  return number;
}

bool BeginsWith(absl::string_view bytes, std::size_t at, absl::string_view magic) {
  return bytes.substr(at, magic.size()) == magic;
}

struct Directory {
  uint64_t offset = 0;
  uint64_t size = 0;
};

class Checker {
 public:
  Checker(int fd, const std::string& name, uint64_t size) : fd_(fd), name_(name), size_(size) {}

  absl::Status Check() {
    absl::StatusOr<std::string> head = Read(0, kLocalHeader.size());
    if (!head.ok()) return head.status();
    if (*head != kLocalHeader) return No("it does not begin with a file's header");
    const std::size_t tail_bytes =
        static_cast<std::size_t>(std::min<uint64_t>(size_, kEndRecordBytes + kLongestComment));
    absl::StatusOr<std::string> tail = Read(size_ - tail_bytes, tail_bytes);
    if (!tail.ok()) return tail.status();
    const std::size_t end = FindEndRecord(*tail);
    if (end == absl::string_view::npos) return No("its end is missing: is it cut off?");
    const uint64_t end_offset = size_ - tail_bytes + end;
    const absl::StatusOr<Directory> directory = ReadDirectory(absl::string_view(*tail).substr(end), end_offset);
    if (!directory.ok()) return directory.status();
    return CheckDirectory(*directory, end_offset);
  }

 private:
  absl::Status No(absl::string_view why) const {
    return absl::InvalidArgumentError(absl::StrCat(name_, " is no zip, as every WAR is: ", why));
  }

  // All of it, or an error.
  absl::StatusOr<std::string> Read(uint64_t offset, std::size_t count) const {
    absl::StatusOr<std::string> bytes = ReadAt(fd_, name_, offset, count);
    if (bytes.ok() && bytes->size() != count) return No("it ends too early");
    return bytes;
  }

  // The last one whose comment ends with the file; a comment may hold what looks like another.
  static std::size_t FindEndRecord(absl::string_view tail) {
    if (tail.size() < kEndRecordBytes) return absl::string_view::npos;
    for (std::size_t at = tail.size() - kEndRecordBytes + 1; at-- > 0;) {
      if (!BeginsWith(tail, at, kEndRecord)) continue;
      if (at + kEndRecordBytes + Number(tail, at + 20, 2) == tail.size()) return at;
    }
    return absl::string_view::npos;
  }

  absl::StatusOr<Directory> ReadDirectory(absl::string_view end_record, uint64_t end_offset) const {
    Directory directory{.offset = Number(end_record, 16, 4), .size = Number(end_record, 12, 4)};
    if (directory.offset != kIn64Bits && directory.size != kIn64Bits) return directory;
    if (end_offset < kZip64LocatorBytes) return No("its zip64 locator is missing");
    absl::StatusOr<std::string> locator = Read(end_offset - kZip64LocatorBytes, kZip64LocatorBytes);
    if (!locator.ok()) return locator.status();
    if (!BeginsWith(*locator, 0, kZip64Locator)) return No("its zip64 locator is missing");
    const uint64_t at = Number(*locator, 8, 8);
    if (at > end_offset || end_offset - at < kZip64EndRecordBytes) return No("its zip64 end is out of place");
    absl::StatusOr<std::string> record = Read(at, kZip64EndRecordBytes);
    if (!record.ok()) return record.status();
    if (!BeginsWith(*record, 0, kZip64EndRecord)) return No("its zip64 end is missing");
    directory.offset = Number(*record, 48, 8);
    directory.size = Number(*record, 40, 8);
    return directory;
  }

  absl::Status CheckDirectory(const Directory& directory, uint64_t end_offset) const {
    if (directory.offset > end_offset || directory.size > end_offset - directory.offset) {
      return No("its directory would lie beyond its end: is it cut off?");
    }
    if (directory.size == 0) return No("it holds nothing");
    absl::StatusOr<std::string> first = Read(directory.offset, kCentralHeader.size());
    if (!first.ok()) return first.status();
    if (*first != kCentralHeader) return No("there is no directory where its end says");
    return absl::OkStatus();
  }

  const int fd_;
  const std::string& name_;
  const uint64_t size_;
};

}  // namespace

absl::Status CheckZip(int fd, const std::string& name, uint64_t size) { return Checker(fd, name, size).Check(); }

}  // namespace jettyfleet
