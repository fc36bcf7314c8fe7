#include "coordinator/archive/archive_table.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/archive/archive_name.h"
#include "common/durable_file.h"
#include "common/file.h"

namespace jettyfleet {
namespace {

constexpr uint32_t kSchema = 1;
constexpr std::size_t kLimitBytes = 8 << 20;

absl::Status Damaged(const std::string& path, absl::string_view why) {
  return absl::DataLossError(absl::StrCat(path, " is damaged or from another version (", why,
                                          "): put back a backup, or move it away and push the archives again"));
}

std::string Named(const std::string& name, const std::string& version) {
  return absl::StrCat("archive ", name, " ", version);
}

absl::Status CheckEntry(const v1::ArchiveEntry& entry) {
  if (absl::Status checked = CheckArchiveName("name", entry.name()); !checked.ok()) return checked;
  if (absl::Status checked = CheckArchiveName("version", entry.version()); !checked.ok()) return checked;
  return CheckArchiveContent(entry.sha256(), entry.size());
}

}  // namespace

absl::StatusOr<std::unique_ptr<ArchiveTable>> ArchiveTable::Open(const std::string& path) {
  std::unique_ptr<ArchiveTable> table(new ArchiveTable(path));
  table->index_.set_schema(kSchema);
  if (absl::Status loaded = table->Load(); !loaded.ok() && !absl::IsNotFound(loaded)) return loaded;
  return table;
}

absl::Status ArchiveTable::Load() {
  const absl::StatusOr<std::string> text = ReadSmallFile(path_, kLimitBytes);
  if (!text.ok()) return text.status();
  v1::ArchiveIndex index;
  const google::protobuf::util::Status parsed = google::protobuf::util::JsonStringToMessage(*text, &index);
  if (!parsed.ok()) return Damaged(path_, std::string(parsed.message()));
  if (index.schema() != kSchema) return Damaged(path_, absl::StrCat("schema ", index.schema(), ", not ", kSchema));
  for (const v1::ArchiveEntry& entry : index.entries()) {
    const absl::Status checked = CheckEntry(entry);
    if (!checked.ok()) return Damaged(path_, checked.message());
  }
  index_ = std::move(index);
  return absl::OkStatus();
}

absl::Status ArchiveTable::Replace(v1::ArchiveIndex index) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  std::string text;
  const google::protobuf::util::Status printed = google::protobuf::util::MessageToJsonString(index, &text, options);
  if (!printed.ok()) {
    return absl::InternalError(absl::StrCat("cannot write ", path_, ": ", std::string(printed.message())));
  }
  if (text.size() > kLimitBytes) {
    return absl::ResourceExhaustedError(absl::StrCat(path_, " would be larger than ", kLimitBytes,
                                                     " bytes, which is all that is read again: remove old versions "
                                                     "(jettyfleet archive remove)"));
  }
  if (absl::Status replaced = ReplaceFile(path_, text); !replaced.ok()) return replaced;
  index_ = std::move(index);
  return absl::OkStatus();
}

const v1::ArchiveEntry* ArchiveTable::Find(const std::string& name, const std::string& version) const {
  for (const v1::ArchiveEntry& entry : index_.entries()) {
    if (entry.name() == name && entry.version() == version) return &entry;
  }
  return nullptr;
}

absl::Status ArchiveTable::CheckBinding(const std::string& name, const std::string& version,
                                        const std::string& sha256) const {
  const v1::ArchiveEntry* const entry = Find(name, version);
  if (entry == nullptr || entry->sha256() == sha256) return absl::OkStatus();
  return absl::AlreadyExistsError(absl::StrCat(Named(name, version), " is another content already, SHA-256 ",
                                               entry->sha256().substr(0, 12), "…, pushed by ", entry->pushed_by(),
                                               ": give this one a version of its own"));
}

absl::Status ArchiveTable::Bind(const v1::ArchiveEntry& entry) {
  if (absl::Status checked = CheckEntry(entry); !checked.ok()) return checked;
  if (absl::Status free = CheckBinding(entry.name(), entry.version(), entry.sha256()); !free.ok()) return free;
  if (Find(entry.name(), entry.version()) != nullptr) return absl::OkStatus();
  if (static_cast<std::size_t>(index_.entries_size()) >= kMostArchiveEntries) {
    return absl::ResourceExhaustedError(absl::StrCat("the coordinator knows ", index_.entries_size(),
                                                     " versions of archives, which is all it keeps: remove old ones "
                                                     "(jettyfleet archive remove)"));
  }
  v1::ArchiveIndex index = index_;
  *index.add_entries() = entry;
  return Replace(std::move(index));
}

absl::Status ArchiveTable::Unbind(const std::string& name, const std::string& version) {
  if (Find(name, version) == nullptr) return NoSuchArchive(name, version);
  v1::ArchiveIndex index;
  index.set_schema(kSchema);
  for (const v1::ArchiveEntry& entry : index_.entries()) {
    if (entry.name() != name || entry.version() != version) *index.add_entries() = entry;
  }
  return Replace(std::move(index));
}

absl::Status NoSuchArchive(const std::string& name, const std::string& version) {
  return absl::NotFoundError(
      absl::StrCat("there is no ", Named(name, version), "; `jettyfleet archive list` shows what there is"));
}

bool ArchiveTable::RefersTo(const std::string& sha256) const {
  return std::any_of(index_.entries().begin(), index_.entries().end(),
                     [&sha256](const v1::ArchiveEntry& entry) { return entry.sha256() == sha256; });
}

}  // namespace jettyfleet
