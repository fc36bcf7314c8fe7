#include "agent/inspect/jetty/masked_text.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "agent/inspect/jetty/mask_secrets.h"

namespace jettyfleet {
namespace {

// Closes on destruction.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() { Reset(-1); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  void Reset(int fd) {
    if (fd_ >= 0) close(fd_);
    fd_ = fd;
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

// What of `path` lies below `root`: empty if they are the same. False: not below it.
bool Below(absl::string_view path, absl::string_view root, absl::string_view* relative) {
  while (root.size() > 1 && root.back() == '/') root.remove_suffix(1);
  if (root.empty() || !absl::ConsumePrefix(&path, root)) return false;
  if (!path.empty() && path.front() != '/' && root != "/") return false;
  absl::ConsumePrefix(&path, "/");
  *relative = path;
  return true;
}

// Opens `relative` below `root` step by step, so that no link on the way leads elsewhere, not even one that is put
// there meanwhile. Empty: `*file` is open.
std::string Open(const std::string& root, absl::string_view relative, Descriptor* file) {
  constexpr int kFile = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  if (relative.empty()) {
    file->Reset(open(root.c_str(), kFile | O_NOFOLLOW));
    return file->get() >= 0 ? "" : std::strerror(errno);
  }
  file->Reset(open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  std::vector<std::string> steps = absl::StrSplit(relative, '/', absl::SkipEmpty());
  for (std::size_t i = 0; i < steps.size() && file->get() >= 0; ++i) {
    if (steps[i] == "." || steps[i] == "..") return "a path may hold no '.' and no '..'";
    const int flags = i + 1 < steps.size() ? O_PATH | O_DIRECTORY | O_CLOEXEC : kFile;
    file->Reset(openat(file->get(), steps[i].c_str(), flags | O_NOFOLLOW));
  }
  if (file->get() >= 0) return "";
  // O_DIRECTORY turns a link into ENOTDIR.
  if (errno == ELOOP || errno == ENOTDIR)
    return "a symbolic link, or no directory, stands on the way; it is not followed";
  return std::strerror(errno);
}

// Empty: `*text` holds the first `limit` bytes, and whether there is more is in `*more`.
std::string Read(int fd, std::size_t limit, std::string* text, bool* more) {
  text->resize(limit + 1);
  std::size_t size = 0;
  while (size < text->size()) {
    const ssize_t got = read(fd, text->data() + size, text->size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::strerror(errno);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  *more = size > limit;
  text->resize(std::min(size, limit));
  return "";
}

// The length of the UTF-8 sequence that begins here, 0 where none does.
std::size_t SequenceLength(absl::string_view text) {
  const unsigned char first = static_cast<unsigned char>(text[0]);
  const std::size_t length = first < 0x80                    ? 1
                             : first >= 0xc2 && first < 0xe0 ? 2
                             : (first & 0xf0) == 0xe0        ? 3
                             : first >= 0xf0 && first < 0xf5 ? 4
                                                             : 0;
  if (length == 0 || length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) return 0;
  }
  const unsigned char second = length > 1 ? static_cast<unsigned char>(text[1]) : 0;
  // Longer than needed, a surrogate, or beyond the last character.
  if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second >= 0xa0) || (first == 0xf0 && second < 0x90) ||
      (first == 0xf4 && second >= 0x90)) {
    return 0;
  }
  return length;
}

std::string ValidText(absl::string_view text) {
  std::string valid;
  while (!text.empty()) {
    const std::size_t length = SequenceLength(text);
    const unsigned char first = static_cast<unsigned char>(text[0]);
    const bool control = (first < 0x20 && first != '\n' && first != '\t') || first == 0x7f;
    // C1 controls steer terminals as well.
    const bool c1 = first == 0xc2 && length == 2 && static_cast<unsigned char>(text[1]) < 0xa0;
    if (first == '\r' && text.substr(0, 2) == "\r\n") {
      text.remove_prefix(1);
      continue;
    }
    if (length == 0 || control || c1) {
      valid.push_back('?');
    } else {
      valid.append(text.data(), length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return valid;
}

}  // namespace

v1::TextFact ReadMaskedText(const std::string& path, const std::vector<std::string>& roots) {
  v1::TextFact fact;
  fact.set_path(path);
  fact.set_error("is not below a directory of the configuration, and is not shown");
  for (const std::string& root : roots) {
    absl::string_view relative;
    if (!Below(path, root, &relative)) continue;
    Descriptor file(-1);
    std::string error = Open(root, relative, &file);
    struct stat about;
    if (error.empty() && fstat(file.get(), &about) < 0) error = std::strerror(errno);
    if (error.empty() && !S_ISREG(about.st_mode)) error = "is not a regular file";
    std::string text;
    bool more = false;
    if (error.empty()) error = Read(file.get(), kMaskedTextLimit, &text, &more);
    fact.set_error(error);
    if (!error.empty()) continue;
    // Masked first: a replaced byte must not take a secret's end apart.
    std::string masked = ValidText(MaskSecrets(text, TextKindOf(path)));
    if (masked.size() > kMaskedTextLimit) {
      std::size_t end = kMaskedTextLimit;
      while (end > 0 && (static_cast<unsigned char>(masked[end]) & 0xc0) == 0x80) --end;
      masked.resize(end);
      more = true;
    }
    fact.set_text(masked);
    fact.set_cut_short(more);
    return fact;
  }
  return fact;
}

}  // namespace jettyfleet
