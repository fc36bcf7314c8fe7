#include "agent/act/audit/core_dumps.h"

#include <dirent.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "agent/act/outcome.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

constexpr std::size_t kMostEntries = 4096;

class Count {
 public:
  Count(absl::Time since, v1::CoreDumpsFact* fact) : since_(since), fact_(fact) {}

  void Walk(const std::string& directory, bool is_top) {
    const std::unique_ptr<DIR, int (*)(DIR*)> open(opendir(directory.c_str()), &closedir);
    if (open == nullptr) {
      if (errno != ENOENT) Fail(absl::StrCat("cannot list ", directory, ": ", std::strerror(errno)));
      return;
    }
    std::vector<std::string> below;
    for (;;) {
      // An end and an error both give nullptr.
      errno = 0;
      const dirent* const entry = readdir(open.get());
      if (entry == nullptr) break;
      const std::string name = entry->d_name;
      if (name == "." || name == "..") continue;
      if (++seen_ > kMostEntries) {
        return Fail(absl::StrCat(fact_->directory(), " has more than ", kMostEntries, " files; clear it away"));
      }
      const std::string path = absl::StrCat(directory, "/", name);
      struct stat status;
      if (lstat(path.c_str(), &status) != 0) {
        // Cleared away in between.
        if (errno != ENOENT) Fail(absl::StrCat("cannot look at ", path, ": ", std::strerror(errno)));
        continue;
      }
      if (S_ISREG(status.st_mode)) Add(name, absl::TimeFromTimespec(status.st_mtim));
      if (S_ISDIR(status.st_mode) && is_top) below.push_back(path);
    }
    if (errno != 0) Fail(absl::StrCat("cannot list ", directory, ": ", std::strerror(errno)));
    for (const std::string& path : below) Walk(path, /*is_top=*/false);
  }

 private:
  void Fail(const std::string& why) {
    if (fact_->error().empty()) fact_->set_error(OneLine(why));
  }

  void Add(const std::string& name, absl::Time written) {
    if (written <= since_) return;
    fact_->set_count(fact_->count() + 1);
    if (fact_->has_newest_at() && written <= FromProto(fact_->newest_at())) return;
    fact_->set_newest(OneLine(name));
    *fact_->mutable_newest_at() = ToProto(written);
  }

  const absl::Time since_;
  v1::CoreDumpsFact* const fact_;
  std::size_t seen_ = 0;
};

}  // namespace

v1::CoreDumpsFact CountCoreDumps(const std::string& directory, absl::Time since) {
  v1::CoreDumpsFact fact;
  fact.set_directory(directory);
  Count(since, &fact).Walk(directory, /*is_top=*/true);
  return fact;
}

}  // namespace jettyfleet
