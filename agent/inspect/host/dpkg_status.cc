#include "agent/inspect/host/dpkg_status.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace jettyfleet {
namespace {

constexpr uint64_t kMaxSize = 256 << 20;
constexpr std::size_t kMaxLine = 4096;

bool IsNumber(absl::string_view text) {
  for (const char c : text) {
    if (!absl::ascii_isdigit(c)) return false;
  }
  return !text.empty();
}

// Takes the file line by line: a paragraph a package, and what is longer than a name or version can be is left out.
class Paragraphs {
 public:
  void Take(absl::string_view part) {
    while (!part.empty()) {
      const std::size_t end = part.find('\n');
      const absl::string_view piece = part.substr(0, end);
      if (line_.size() + piece.size() <= kMaxLine) {
        absl::StrAppend(&line_, piece);
      } else {
        too_long_ = true;
      }
      if (end == absl::string_view::npos) return;
      Line();
      part.remove_prefix(end + 1);
    }
  }

  std::vector<v1::PackageFact> Finish() {
    Line();
    End();
    return std::move(packages_);
  }

 private:
  void Line() {
    absl::string_view line = line_;
    if (line.empty() && !too_long_) {
      End();
    } else if (!too_long_) {
      if (absl::ConsumePrefix(&line, "Package: ")) name_ = std::string(line);
      if (absl::ConsumePrefix(&line, "Version: ")) version_ = std::string(line);
      if (absl::ConsumePrefix(&line, "Status: "))
        installed_ = absl::StripAsciiWhitespace(line) == "install ok installed" ||
                     absl::StripAsciiWhitespace(line) == "hold ok installed";
    }
    line_.clear();
    too_long_ = false;
  }

  void End() {
    if (installed_ && IsPackageOfInterest(name_)) {
      v1::PackageFact fact;
      fact.set_name(name_);
      fact.set_version(version_);
      packages_.push_back(fact);
    }
    name_.clear();
    version_.clear();
    installed_ = false;
  }

  std::string line_, name_, version_;
  bool too_long_ = false;
  bool installed_ = false;
  std::vector<v1::PackageFact> packages_;
};

absl::Status SystemError(const std::string& path, int error) {
  const std::string message = absl::StrCat(path, ": ", std::strerror(error));
  return error == ENOENT || error == ENOTDIR ? absl::NotFoundError(message) : absl::FailedPreconditionError(message);
}

}  // namespace

bool IsPackageOfInterest(absl::string_view name) {
  for (const absl::string_view known : {"pacemaker", "corosync", "pcs", "haproxy", "resource-agents", "systemd"}) {
    if (name == known) return true;
  }
  if (absl::ConsumePrefix(&name, "jetty")) return IsNumber(name);
  return absl::ConsumePrefix(&name, "openjdk-") && absl::ConsumeSuffix(&name, "-jre-headless") && IsNumber(name);
}

absl::StatusOr<std::vector<v1::PackageFact>> ReadDpkgStatus(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return SystemError(path, errno);
  struct stat about;
  absl::Status status = fstat(fd, &about) < 0 ? SystemError(path, errno) : absl::OkStatus();
  if (status.ok() && !S_ISREG(about.st_mode)) {
    status = absl::FailedPreconditionError(absl::StrCat(path, ": is not a regular file"));
  }
  Paragraphs paragraphs;
  uint64_t size = 0;
  std::string buffer(256 << 10, '\0');
  while (status.ok()) {
    const ssize_t got = read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) status = SystemError(path, errno);
    if (got <= 0) break;
    size += static_cast<uint64_t>(got);
    if (size > kMaxSize) status = absl::ResourceExhaustedError(absl::StrCat(path, ": is larger than 256 MiB"));
    paragraphs.Take(absl::string_view(buffer.data(), static_cast<std::size_t>(got)));
  }
  close(fd);
  if (!status.ok()) return status;
  return paragraphs.Finish();
}

}  // namespace jettyfleet
