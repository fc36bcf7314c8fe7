// Content is given out only after its digest was found to be right.
#ifndef JETTYFLEET_COORDINATOR_ARCHIVE_CONTENT_VERIFIER_H_
#define JETTYFLEET_COORDINATOR_ARCHIVE_CONTENT_VERIFIER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "common/unique_fd.h"
#include "coordinator/archive/content_store.h"
#include "coordinator/core/core_loop.h"

namespace jettyfleet {

// How long a digest that was right is believed, while the file has not been touched. Whoever fetches hashes what it
// gets, so this bounds wasted transfers and nothing else.
inline constexpr absl::Duration kVerifiedFor = absl::Hours(1);

// Verified content, open: it can be read to its end even if it is removed meanwhile.
struct ArchiveSource {
  std::shared_ptr<const UniqueFd> file;
  uint64_t size = 0;
};

// Owned by the ArchiveDesk; the archive thread's only. Requests for the same content share one reading of it.
class ContentVerifier {
 public:
  using Done = std::function<void(absl::StatusOr<ArchiveSource>)>;

  ContentVerifier(CoreLoop& loop, const Clock& clock, ContentStore& store)
      : loop_(loop), clock_(clock), store_(store) {}

  // `done` is called once, never from inside this call. NotFound: the content is not here. DataLoss: it was damaged,
  // and is removed now, so that it can be pushed again.
  void Open(const std::string& sha256, Done done);

 private:
  // Changes when the file does.
  struct Stamp {
    uint64_t inode = 0;
    uint64_t size = 0;
    absl::Time modified;
    absl::Time changed;

    bool operator==(const Stamp&) const = default;
  };
  struct Verified {
    Stamp stamp;
    absl::Duration at;  // by the monotonic clock
  };

  static absl::StatusOr<Stamp> StampOf(int fd);
  bool IsVerified(const std::string& sha256, const Stamp& stamp) const;
  void OnHashed(const std::string& sha256, const Stamp& stamp, const ArchiveSource& source,
                const absl::StatusOr<std::string>& found);

  CoreLoop& loop_;
  const Clock& clock_;
  ContentStore& store_;
  std::map<std::string, Verified> verified_;
  std::map<std::string, std::vector<Done>> waiting_;  // for a reading that is under way
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_ARCHIVE_CONTENT_VERIFIER_H_
