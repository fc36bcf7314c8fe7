#include "agent/act/lease_store.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "agent/act/fields.h"
#include "agent/act/json_file.h"
#include "common/durable_file.h"
#include "common/file.h"

namespace jettyfleet {
namespace {

constexpr char kBootIdPath[] = "/proc/sys/kernel/random/boot_id";
constexpr absl::string_view kSuffix = ".json";
constexpr int kMostLeases = 1000;

std::string ReadBootId() {
  const absl::StatusOr<std::string> id = ReadSmallFile(kBootIdPath, 100);
  return id.ok() ? std::string(absl::StripAsciiWhitespace(*id)) : "unknown";
}

absl::Status ReadLease(const std::string& path, const std::string& lease_id, v1::LeaseRecord* record) {
  const absl::Status read = ReadJsonFile(path, record);
  if (!read.ok()) return read;
  const v1::LeaseFact& lease = record->lease();
  const bool known = IsCibLease(lease) || IsLbLease(lease) || IsFaultLease(lease);
  if (lease.id() == lease_id && known && lease.has_ends_at()) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat(path,
                                          " is damaged or from another version (its id, kind or end is not a "
                                          "lease's): follow 'A damaged state file' in docs/runbook.md"));
}

}  // namespace

LeaseStore::LeaseStore(const std::string& state_dir)
    : directory_(absl::StrCat(state_dir, "/leases")), boot_id_(ReadBootId()) {}

absl::Status LeaseStore::Open() {
  if (const absl::Status made = MakeDirectory(directory_); !made.ok()) return made;
  return Reload();
}

absl::Status LeaseStore::Reload() {
  std::error_code error;
  std::filesystem::directory_iterator files(directory_, error);
  if (error == std::errc::no_such_file_or_directory) {
    leases_.clear();
    return absl::NotFoundError(absl::StrCat(directory_, " does not exist: this host has armed no lease"));
  }
  if (error) return absl::UnavailableError(absl::StrCat("cannot read ", directory_, ": ", error.message()));
  absl::Status first_problem;
  std::map<std::string, v1::LeaseRecord> found;
  for (; files != std::filesystem::directory_iterator(); files.increment(error)) {
    const std::filesystem::path path = files->path();
    const std::string lease_id = path.stem().string();
    // Anything else is a file in the writing, or nothing of ours.
    if (path.extension().string() != kSuffix || !IsLeaseId(lease_id)) continue;
    if (found.size() >= kMostLeases) {
      return absl::ResourceExhaustedError(absl::StrCat(directory_, " holds more than ", kMostLeases, " leases"));
    }
    v1::LeaseRecord record;
    const absl::Status read = ReadLease(path.string(), lease_id, &record);
    if (absl::IsNotFound(read)) continue;  // removed meanwhile
    if (read.ok()) {
      found[lease_id] = std::move(record);
      continue;
    }
    if (first_problem.ok()) first_problem = read;
    if (const auto known = leases_.find(lease_id); known != leases_.end()) found[lease_id] = known->second;
  }
  leases_ = std::move(found);
  return first_problem;
}

const v1::LeaseRecord* LeaseStore::Find(const std::string& lease_id) const {
  const auto found = leases_.find(lease_id);
  return found == leases_.end() ? nullptr : &found->second;
}

const v1::LeaseRecord* LeaseStore::FindServer(absl::string_view kind, const std::string& backend,
                                              const std::string& server) const {
  for (const auto& [id, record] : leases_) {
    if (record.lease().kind() == kind && record.backend() == backend && record.server() == server) return &record;
  }
  return nullptr;
}

absl::Status LeaseStore::Save(v1::LeaseRecord record) {
  record.set_schema(kStateSchema);
  record.set_boot_id(boot_id_);
  const std::string lease_id = record.lease().id();
  if (leases_.size() >= kMostLeases && leases_.count(lease_id) == 0) {
    return absl::ResourceExhaustedError(absl::StrCat("this host holds ", kMostLeases, " leases already"));
  }
  if (const absl::Status written = WriteJsonFile(PathOf(lease_id), record); !written.ok()) return written;
  leases_[lease_id] = std::move(record);
  return absl::OkStatus();
}

absl::Status LeaseStore::Remove(const std::string& lease_id) {
  const absl::Status removed = RemoveFile(PathOf(lease_id));
  if (removed.ok()) leases_.erase(lease_id);
  return removed;
}

std::string LeaseStore::PathOf(const std::string& lease_id) const {
  return absl::StrCat(directory_, "/", lease_id, kSuffix);
}

}  // namespace jettyfleet
