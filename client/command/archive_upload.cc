#include "client/command/archive_upload.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/archive/archive_name.h"
#include "common/archive/content_hash.h"
#include "common/archive/zip_check.h"

namespace jettyfleet {
namespace {

// The coordinator may have to read what it has first.
constexpr absl::Duration kUsualQuestion = absl::Minutes(2);
constexpr absl::Duration kUsualPush = absl::Hours(1);
// Until the coordinator has noticed that the connection of the attempt before is gone.
constexpr int kMostAttempts = 6;

absl::Status Unreadable(const std::string& path, int error) {
  const std::string message = absl::StrCat(path, ": ", std::strerror(error));
  if (error == ENOENT || error == ENOTDIR) return absl::NotFoundError(message);
  if (error == EACCES || error == EPERM) return absl::PermissionDeniedError(message);
  return absl::UnavailableError(message);
}

grpc::Status LocalProblem(const absl::Status& status) {
  return grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, std::string(status.message()));
}

}  // namespace

absl::StatusOr<LocalArchive> OpenLocalArchive(const std::string& path) {
  LocalArchive archive{.path = path, .file = UniqueFd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK))};
  struct stat about;
  if (archive.file.get() < 0 || fstat(archive.file.get(), &about) < 0) return Unreadable(path, errno);
  if (!S_ISREG(about.st_mode)) return absl::InvalidArgumentError(absl::StrCat(path, " is not a regular file"));
  archive.size = static_cast<uint64_t>(about.st_size);
  if (archive.size > kLargestArchiveBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, " has ", archive.size, " bytes; an archive has at most ", kLargestArchiveBytes));
  }
  if (absl::Status zip = CheckZip(archive.file.get(), path, archive.size); !zip.ok()) return zip;
  const absl::StatusOr<Sha256> hash = HashDescriptor(archive.file.get(), path, archive.size);
  if (!hash.ok()) return hash.status();
  archive.sha256 = hash->HexSoFar();
  return archive;
}

ArchiveUpload::ArchiveUpload(Session& session, const LocalArchive& archive, std::function<void(int)> pause)
    : session_(session),
      archive_(archive),
      pause_(std::move(pause)),
      stub_(v1::ArchiveService::NewStub(session.channel())) {}

grpc::Status ArchiveUpload::Push(v1::PushHeader header, v1::PushArchiveResponse* response) {
  header.set_sha256(archive_.sha256);
  header.set_size(archive_.size);
  for (int attempt = 1;; ++attempt) {
    const grpc::Status status = Attempt(header, response);
    const bool broken =
        status.error_code() == grpc::StatusCode::UNAVAILABLE || status.error_code() == grpc::StatusCode::ABORTED;
    if (!broken || attempt == kMostAttempts) return status;
    pause_(attempt + 1);
  }
}

absl::StatusOr<uint64_t> ArchiveUpload::OffsetAfter(const v1::PreparePushResponse& there) const {
  const uint64_t present = std::min(there.present_bytes(), archive_.size);
  if (present == archive_.size && there.present_sha256() == archive_.sha256) return present;
  const absl::StatusOr<Sha256> ours = HashDescriptor(archive_.file.get(), archive_.path, present);
  if (!ours.ok()) return ours.status();
  return ours->HexSoFar() == there.present_sha256() ? present : 0;
}

grpc::Status ArchiveUpload::Attempt(const v1::PushHeader& header, v1::PushArchiveResponse* response) {
  v1::PreparePushRequest question;
  question.set_name(header.name());
  question.set_version(header.version());
  question.set_sha256(header.sha256());
  question.set_size(header.size());
  v1::PreparePushResponse there;
  const auto asking = session_.Context(kUsualQuestion);
  if (grpc::Status asked = stub_->PreparePush(asking.get(), question, &there); !asked.ok()) return asked;
  absl::StatusOr<uint64_t> offset = OffsetAfter(there);
  if (!offset.ok()) return LocalProblem(offset.status());

  const auto context = session_.Context(kUsualPush);
  const auto stream = stub_->PushArchive(context.get(), response);
  v1::PushChunk chunk;
  *chunk.mutable_header() = header;
  chunk.mutable_header()->set_offset(*offset);
  bool goes_on = stream->Write(chunk);
  while (goes_on && *offset < archive_.size) {
    const std::size_t wanted =
        static_cast<std::size_t>(std::min<uint64_t>(kArchiveChunkBytes, archive_.size - *offset));
    absl::StatusOr<std::string> bytes = ReadAt(archive_.file.get(), archive_.path, *offset, wanted);
    if (bytes.ok() && bytes->size() != wanted) {
      bytes = absl::DataLossError(absl::StrCat(archive_.path, " has become shorter meanwhile"));
    }
    if (!bytes.ok()) {
      context->TryCancel();
      stream->Finish();
      return LocalProblem(bytes.status());
    }
    *offset += wanted;
    chunk.set_data(*std::move(bytes));
    goes_on = stream->Write(chunk);
  }
  stream->WritesDone();
  return stream->Finish();
}

}  // namespace jettyfleet
