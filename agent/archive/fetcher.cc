#include "agent/archive/fetcher.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/archive/archive_name.h"

namespace jettyfleet {
namespace {

constexpr absl::Duration kFirstPause = absl::Milliseconds(200);
constexpr absl::Duration kLongestPause = absl::Seconds(5);

// What another attempt, or another coordinator, may well not meet again.
bool IsBreak(grpc::StatusCode code) {
  switch (code) {
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::CANCELLED:
    case grpc::StatusCode::UNKNOWN:
    case grpc::StatusCode::INTERNAL:
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      return true;
    default:
      return false;
  }
}

absl::Status FromGrpc(const grpc::Status& status) {
  // Here these two speak of our disk and of what arrived, and cost what has been fetched; a busy coordinator, or one
  // whose own content is damaged, says nothing against it.
  const bool of_theirs =
      status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED || status.error_code() == grpc::StatusCode::DATA_LOSS;
  return absl::Status(of_theirs ? absl::StatusCode::kUnavailable : static_cast<absl::StatusCode>(status.error_code()),
                      absl::StrCat("fetching from the coordinator: ", status.error_message()));
}

absl::Status StartAgain(PartFile& part, Sha256* hash) {
  *hash = Sha256();
  return part.Truncate(0);
}

}  // namespace

Fetcher::Fetcher(std::vector<std::unique_ptr<Stub>> coordinators, const Clock& clock,
                 std::function<void(absl::Duration)> sleep, Options options)
    : coordinators_(std::move(coordinators)), clock_(clock), sleep_(std::move(sleep)), options_(options) {}

absl::StatusOr<uint64_t> Fetcher::Fetch(const std::string& sha256, uint64_t size, PartFile& part) {
  if (part.size() > size) {
    if (absl::Status cut = part.Truncate(0); !cut.ok()) return cut;
  }
  absl::StatusOr<Sha256> prefix = HashDescriptor(part.fd(), part.path(), part.size());
  if (!prefix.ok()) return prefix.status();
  Progress progress{.sha256 = sha256,
                    .size = size,
                    .part = part,
                    .hash = *std::move(prefix),
                    .moved = 0,
                    .stream_moved = 0,
                    .stream_began = absl::ZeroDuration()};
  bool began_anew = false;
  int idle_breaks = 0;
  absl::Duration pause = kFirstPause;
  for (;;) {
    const uint64_t before = progress.moved;
    const StreamEnd end = ReadStream(progress);
    if (!end.local.ok()) return end.local;
    if (end.remote.ok() && part.size() == size && progress.hash.HexSoFar() == sha256) return progress.moved;
    const bool begins_otherwise = end.remote.error_code() == grpc::StatusCode::FAILED_PRECONDITION;
    if (begins_otherwise || (end.remote.ok() && part.size() == size)) {
      if (absl::Status cut = StartAgain(part, &progress.hash); !cut.ok()) return cut;
      if (began_anew) {
        return absl::DataLossError(absl::StrCat("the content arrived twice with another SHA-256 than ", sha256,
                                                ": something on the way changes it"));
      }
      began_anew = true;
      continue;
    }
    if (!end.remote.ok() && !IsBreak(end.remote.error_code())) return FromGrpc(end.remote);
    idle_breaks = progress.moved > before ? 0 : idle_breaks + 1;
    if (idle_breaks > 0 && idle_breaks >= options_.most_idle_breaks) {
      return end.remote.ok() ? absl::UnavailableError("the coordinator ends the content too early")
                             : FromGrpc(end.remote);
    }
    pause = idle_breaks == 0 ? kFirstPause : std::min(2 * pause, kLongestPause);
    sleep_(pause);
    current_ = (current_ + 1) % coordinators_.size();
  }
}

Fetcher::StreamEnd Fetcher::ReadStream(Progress& progress) {
  v1::FetchArchiveRequest request;
  request.set_sha256(progress.sha256);
  request.set_offset(progress.part.size());
  if (progress.part.size() > 0) request.set_prefix_sha256(progress.hash.HexSoFar());
  grpc::ClientContext context;
  const auto stream = coordinators_[current_]->FetchArchive(&context, request);
  v1::FetchArchiveResponse response;
  StreamEnd end;
  bool first = true;
  while (end.local.ok() && stream->Read(&response)) {
    if (first && response.size() != progress.size) {
      end.local = absl::FailedPreconditionError(absl::StrCat("the coordinator's content of SHA-256 ", progress.sha256,
                                                             " has ", response.size(), " bytes, not ", progress.size));
    }
    if (first) {
      progress.stream_moved = 0;
      progress.stream_began = clock_.MonotonicNow();
    }
    first = false;
    if (end.local.ok()) end.local = Take(progress, response);
  }
  if (!end.local.ok()) context.TryCancel();
  end.remote = stream->Finish();
  return end;
}

absl::Status Fetcher::Take(Progress& progress, const v1::FetchArchiveResponse& response) {
  const std::string& data = response.data();
  if (data.size() > kArchiveChunkBytes || data.size() > progress.size - progress.part.size()) {
    return absl::FailedPreconditionError("the coordinator sends more than the content has");
  }
  if (absl::Status written = progress.part.Append(data); !written.ok()) return written;
  progress.hash.Add(data);
  progress.moved += data.size();
  progress.stream_moved += data.size();
  Pace(progress);
  return absl::OkStatus();
}

void Fetcher::Pace(const Progress& progress) const {
  if (options_.bytes_per_second == 0) return;
  const absl::Duration due =
      absl::Seconds(static_cast<double>(progress.stream_moved) / static_cast<double>(options_.bytes_per_second));
  const absl::Duration ahead = due - (clock_.MonotonicNow() - progress.stream_began);
  if (ahead > absl::ZeroDuration()) sleep_(ahead);
}

}  // namespace jettyfleet
