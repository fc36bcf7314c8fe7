// Brings content from the coordinator into a file, through breaks.
#ifndef JETTYFLEET_AGENT_ARCHIVE_FETCHER_H_
#define JETTYFLEET_AGENT_ARCHIVE_FETCHER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/archive/content_hash.h"
#include "common/archive/part_file.h"
#include "common/clock.h"
#include "proto/archive_service.grpc.pb.h"

namespace jettyfleet {

// Owned by jettyfleet-stager's act; one thread, which it blocks.
class Fetcher {
 public:
  using Stub = v1::FetchService::StubInterface;

  struct Options {
    // 0: as fast as it goes.
    uint64_t bytes_per_second = 0;
    // Streams that end without having brought anything, one after the other, before it gives up.
    int most_idle_breaks = 8;
  };

  // One stub for each coordinator; they are tried in turn. `sleep` waits, for pacing and between attempts.
  Fetcher(std::vector<std::unique_ptr<Stub>> coordinators, const Clock& clock,
          std::function<void(absl::Duration)> sleep, Options options);

  // Until `part` holds all of the content; the bytes that came over the network for it. What it holds at first counts
  // where the coordinator says that the content begins so. DataLoss: it arrived with another digest, twice, and `part`
  // is empty. ResourceExhausted: the disk is full. Otherwise the coordinator's own error, and `part` keeps what it has.
  absl::StatusOr<uint64_t> Fetch(const std::string& sha256, uint64_t size, PartFile& part);

 private:
  struct Progress {
    const std::string& sha256;
    const uint64_t size;
    PartFile& part;
    Sha256 hash;
    uint64_t moved = 0;
    // The pace is each stream's own, from its first content on: what a break took is not caught up at full speed.
    uint64_t stream_moved = 0;
    absl::Duration stream_began;
  };

  // One stream, to its end: what ended it, in the coordinator's words or ours.
  struct StreamEnd {
    absl::Status local;  // the disk, or content that cannot be
    grpc::Status remote;
  };
  StreamEnd ReadStream(Progress& progress);
  absl::Status Take(Progress& progress, const v1::FetchArchiveResponse& response);
  void Pace(const Progress& progress) const;

  const std::vector<std::unique_ptr<Stub>> coordinators_;
  const Clock& clock_;
  const std::function<void(absl::Duration)> sleep_;
  const Options options_;
  std::size_t current_ = 0;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ARCHIVE_FETCHER_H_
