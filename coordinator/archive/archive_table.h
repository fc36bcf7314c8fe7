// Which name and version stands for which content.
#ifndef JETTYFLEET_COORDINATOR_ARCHIVE_ARCHIVE_TABLE_H_
#define JETTYFLEET_COORDINATOR_ARCHIVE_ARCHIVE_TABLE_H_

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "proto/archive.pb.h"

namespace jettyfleet {

inline constexpr std::size_t kMostArchiveEntries = 2000;

// One JSON file, replaced whole with every change. Owned by main; the archive thread's only. Calls block for the length
// of a sync; what was answered with OK is durable.
class ArchiveTable {
 public:
  // NotFound is no error: there is no file until the first entry. DataLoss: it cannot be read; the message says what to
  // do, and nothing is ever reset silently.
  static absl::StatusOr<std::unique_ptr<ArchiveTable>> Open(const std::string& path);

  // Null: there is none. Valid until the next change.
  const v1::ArchiveEntry* Find(const std::string& name, const std::string& version) const;
  // OK: the name and version stand for this content, or for nothing yet. AlreadyExists: for another one.
  absl::Status CheckBinding(const std::string& name, const std::string& version, const std::string& sha256) const;
  // As CheckBinding; where the name stands for this content already, the entry stays as it was. ResourceExhausted: too
  // many entries, or the disk is full.
  absl::Status Bind(const v1::ArchiveEntry& entry);
  // NotFound: there is none.
  absl::Status Unbind(const std::string& name, const std::string& version);

  bool RefersTo(const std::string& sha256) const;
  const v1::ArchiveIndex& index() const { return index_; }

 private:
  explicit ArchiveTable(std::string path) : path_(std::move(path)) {}

  absl::Status Load();
  absl::Status Replace(v1::ArchiveIndex index);

  const std::string path_;
  v1::ArchiveIndex index_;
};

// NotFound, in one line that names it.
absl::Status NoSuchArchive(const std::string& name, const std::string& version);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_ARCHIVE_ARCHIVE_TABLE_H_
