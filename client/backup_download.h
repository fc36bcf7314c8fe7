// A backup as it comes in: written beside its name, which it gets at the end.
#ifndef JETTYFLEET_CLIENT_BACKUP_DOWNLOAD_H_
#define JETTYFLEET_CLIENT_BACKUP_DOWNLOAD_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/sha256.h"
#include "proto/backup.pb.h"

namespace jettyfleet {

// Owned by the command; one thread. What has not been kept is removed with it. Errors are one line that names the file.
class BackupDownload {
 public:
  // Makes FILE.partial, mode 0600. AlreadyExists: FILE or that is there, and is left alone.
  static absl::StatusOr<std::unique_ptr<BackupDownload>> Make(const std::string& file);
  ~BackupDownload();
  BackupDownload(const BackupDownload&) = delete;
  BackupDownload& operator=(const BackupDownload&) = delete;

  absl::Status Add(absl::string_view bytes);
  // Durable under its name, which nobody else has taken meanwhile. DataLoss: it is not what `summary` says.
  absl::Status Keep(const v1::BackupSummary& summary);

 private:
  BackupDownload(std::string file, int fd);

  const std::string file_;
  const std::string partial_;
  const int fd_;
  Sha256 sha256_;
  uint64_t size_ = 0;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_CLIENT_BACKUP_DOWNLOAD_H_
