#include "coordinator/archive/content_verifier.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/log.h"
#include "coordinator/archive/slice_hash.h"

namespace jettyfleet {

absl::StatusOr<ContentVerifier::Stamp> ContentVerifier::StampOf(int fd) {
  struct stat about;
  if (fstat(fd, &about) < 0) {
    return absl::UnavailableError(absl::StrCat("cannot look at stored content: ", std::strerror(errno)));
  }
  return Stamp{.inode = about.st_ino,
               .size = static_cast<uint64_t>(about.st_size),
               .modified = absl::TimeFromTimespec(about.st_mtim),
               .changed = absl::TimeFromTimespec(about.st_ctim)};
}

bool ContentVerifier::IsVerified(const std::string& sha256, const Stamp& stamp) const {
  const auto found = verified_.find(sha256);
  return found != verified_.end() && found->second.stamp == stamp &&
         clock_.MonotonicNow() - found->second.at < kVerifiedFor;
}

void ContentVerifier::Open(const std::string& sha256, Done done) {
  absl::StatusOr<UniqueFd> opened = store_.OpenContent(sha256);
  const absl::StatusOr<Stamp> stamp = opened.ok() ? StampOf(opened->get()) : opened.status();
  if (!stamp.ok()) {
    absl::Status why = stamp.status();
    if (absl::IsNotFound(why)) {
      why = absl::NotFoundError(absl::StrCat("the coordinator has no content of SHA-256 ", sha256, ": push it again"));
    }
    loop_.Post([done = std::move(done), why] { done(why); });
    return;
  }
  const ArchiveSource source{std::make_shared<const UniqueFd>(*std::move(opened)), stamp->size};
  if (IsVerified(sha256, *stamp)) {
    loop_.Post([done = std::move(done), source] { done(source); });
    return;
  }
  std::vector<Done>& waiting = waiting_[sha256];
  waiting.push_back(std::move(done));
  if (waiting.size() > 1) return;
  HashInSlices(loop_, source.file, source.file->get(), absl::StrCat("stored content ", sha256), source.size,
               [this, sha256, stamp = *stamp, source](const absl::StatusOr<std::string>& found) {
                 OnHashed(sha256, stamp, source, found);
               });
}

void ContentVerifier::OnHashed(const std::string& sha256, const Stamp& stamp, const ArchiveSource& source,
                               const absl::StatusOr<std::string>& found) {
  absl::StatusOr<ArchiveSource> answer = source;
  if (!found.ok()) {
    answer = found.status();
  } else if (*found == sha256) {
    verified_[sha256] = {stamp, clock_.MonotonicNow()};
  } else {
    answer = absl::DataLossError(absl::StrCat("the coordinator's content of SHA-256 ", sha256,
                                              " was damaged on its disk, and is removed: push the archive again"));
    LogError(answer.status().message());
    verified_.erase(sha256);
    if (const absl::Status removed = store_.Remove(sha256); !removed.ok()) LogError(removed.message());
  }
  const std::vector<Done> waiting = std::move(waiting_[sha256]);
  waiting_.erase(sha256);
  for (const Done& done : waiting) done(answer);
}

}  // namespace jettyfleet
