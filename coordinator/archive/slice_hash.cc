#include "coordinator/archive/slice_hash.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/archive/content_hash.h"

namespace jettyfleet {
namespace {

// A few milliseconds: fetches go on in between.
constexpr uint64_t kSliceBytes = 4 << 20;
constexpr uint64_t kPieceBytes = 256 << 10;

struct Hashing {
  std::shared_ptr<const void> owner;
  int fd;
  std::string name;
  uint64_t size;
  std::function<void(absl::StatusOr<std::string>)> done;
  Sha256 hash;
  uint64_t offset = 0;
};

void HashSlice(CoreLoop& loop, std::shared_ptr<Hashing> job) {
  const uint64_t end = std::min(job->size, job->offset + kSliceBytes);
  while (job->offset < end) {
    const std::size_t wanted = static_cast<std::size_t>(std::min(kPieceBytes, end - job->offset));
    const absl::StatusOr<std::string> piece = ReadAt(job->fd, job->name, job->offset, wanted);
    if (!piece.ok()) return job->done(piece.status());
    if (piece->empty()) {
      return job->done(absl::DataLossError(
          absl::StrCat(job->name, " ends after ", job->offset, " bytes and not after ", job->size)));
    }
    job->hash.Add(*piece);
    job->offset += piece->size();
  }
  if (job->offset == job->size) return job->done(job->hash.HexSoFar());
  loop.Post([&loop, job = std::move(job)] { HashSlice(loop, job); });
}

}  // namespace

void HashInSlices(CoreLoop& loop, std::shared_ptr<const void> owner, int fd, std::string name, uint64_t size,
                  std::function<void(absl::StatusOr<std::string>)> done) {
  std::shared_ptr<Hashing> job(new Hashing{.owner = std::move(owner),
                                           .fd = fd,
                                           .name = std::move(name),
                                           .size = size,
                                           .done = std::move(done),
                                           .hash = Sha256()});
  loop.Post([&loop, job = std::move(job)] { HashSlice(loop, job); });
}

}  // namespace jettyfleet
