#include "coordinator/journal/sqlite_fleet_store.h"

#include <sys/random.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace jettyfleet {
namespace {

// RFC 4122, version 4.
absl::StatusOr<std::string> RandomUuid() {
  unsigned char bytes[16];
  if (getrandom(bytes, sizeof bytes, 0) != static_cast<ssize_t>(sizeof bytes)) {
    return absl::UnavailableError(absl::StrCat("cannot read random bytes: ", std::strerror(errno)));
  }
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3f) | 0x80);
  const std::string hex = absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(bytes), sizeof bytes));
  const absl::string_view view(hex);
  return absl::StrCat(view.substr(0, 8), "-", view.substr(8, 4), "-", view.substr(12, 4), "-", view.substr(16, 4), "-",
                      view.substr(20));
}

absl::Status Run(SqliteStatement& statement) { return statement.Step().status(); }

absl::Status CheckKey(const std::string& key) {
  if (!key.empty() && key.size() <= kLongestRequestKey) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("a request's key must have 1 to ", kLongestRequestKey, " bytes, not ", key.size()));
}

}  // namespace

absl::Status SqliteFleetStore::EnsureIdentity() {
  absl::StatusOr<std::string> uuid = RandomUuid();
  if (!uuid.ok()) return uuid.status();
  return database_.Write(RecordUse::kUndo, [&] {
    auto insert = database_.Prepare("INSERT OR IGNORE INTO identity (only_row, uuid, epoch) VALUES (1, ?, 0)");
    if (!insert.ok()) return insert.status();
    insert->BindText(1, *uuid);
    return Run(*insert);
  });
}

absl::StatusOr<std::string> SqliteFleetStore::CoordinatorUuid() {
  if (absl::Status ensured = EnsureIdentity(); !ensured.ok()) return ensured;
  auto select = database_.Prepare("SELECT uuid FROM identity");
  if (!select.ok()) return select.status();
  const absl::StatusOr<bool> row = select->Step();
  if (!row.ok()) return row.status();
  if (!*row) return absl::DataLossError(absl::StrCat("journal ", database_.path(), ": the identity is gone"));
  return std::string(select->Bytes(0));
}

absl::StatusOr<uint64_t> SqliteFleetStore::NextEpoch() {
  if (absl::Status ensured = EnsureIdentity(); !ensured.ok()) return ensured;
  int64_t epoch = 0;
  const absl::Status written = database_.Write(RecordUse::kUndo, [&] {
    // By the clock where that is more: a coordinator whose journal was lost, or put back from a backup, is newer than
    // what its agents have obeyed.
    auto update = database_.Prepare("UPDATE identity SET epoch = MAX(epoch + 1, ?)");
    if (!update.ok()) return update.status();
    update->BindInt(1, absl::ToUnixSeconds(clock_.WallNow()));
    if (const absl::StatusOr<bool> counted = update->Step(); !counted.ok()) return counted.status();
    const absl::StatusOr<int64_t> read = database_.QueryInt("SELECT epoch FROM identity");
    if (!read.ok()) return read.status();
    epoch = *read;
    return absl::OkStatus();
  });
  if (!written.ok()) return written;
  if (epoch <= 0) {
    return absl::DataLossError(absl::StrCat("journal ", database_.path(), ": the epoch is ", epoch));
  }
  return static_cast<uint64_t>(epoch);
}

absl::Status SqliteFleetStore::StoreDescription(const v1::ClusterDescription& description) {
  if (description.cluster().empty()) return absl::InvalidArgumentError("the description names no cluster");
  return database_.Write(RecordUse::kOrdinary, [&] {
    auto replace = database_.Prepare("INSERT OR REPLACE INTO descriptions (cluster, payload) VALUES (?, ?)");
    if (!replace.ok()) return replace.status();
    replace->BindText(1, description.cluster());
    replace->BindBlob(2, description.SerializeAsString());
    return Run(*replace);
  });
}

absl::StatusOr<std::vector<v1::ClusterDescription>> SqliteFleetStore::Descriptions() {
  auto select = database_.Prepare("SELECT cluster, payload FROM descriptions ORDER BY cluster");
  if (!select.ok()) return select.status();
  std::vector<v1::ClusterDescription> descriptions;
  for (;;) {
    const absl::StatusOr<bool> row = select->Step();
    if (!row.ok()) return row.status();
    if (!*row) return descriptions;
    v1::ClusterDescription description;
    const absl::string_view payload = select->Bytes(1);
    if (!description.ParseFromArray(payload.data(), static_cast<int>(payload.size())) ||
        description.cluster() != select->Bytes(0)) {
      return absl::DataLossError(absl::StrCat("journal ", database_.path(), ": the description of cluster ",
                                              absl::CHexEscape(select->Bytes(0)),
                                              " cannot be read: put back a backup, or move the journal away"));
    }
    descriptions.push_back(std::move(description));
  }
}

absl::Status SqliteFleetStore::RememberAnswer(const std::string& key, const std::string& answer) {
  if (absl::Status checked = CheckKey(key); !checked.ok()) return checked;
  if (answer.size() > kLargestAnswerBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("a answer of ", answer.size(), " bytes is too large to be remembered"));
  }
  const absl::Time now = clock_.WallNow();
  return database_.Write(RecordUse::kOrdinary, [&] {
    auto expire =
        database_.Prepare("DELETE FROM answers WHERE at_us <= ?1 OR number <= (SELECT max(number) FROM answers) - ?2");
    if (!expire.ok()) return expire.status();
    expire->BindInt(1, absl::ToUnixMicros(now - kStoredAnswerLifetime));
    // One less than may be kept: a row is about to be added.
    expire->BindInt(2, kMostStoredAnswers - 1);
    if (absl::Status expired = Run(*expire); !expired.ok()) return expired;
    auto insert = database_.Prepare("INSERT OR REPLACE INTO answers (key, at_us, answer) VALUES (?, ?, ?)");
    if (!insert.ok()) return insert.status();
    insert->BindText(1, key);
    insert->BindInt(2, absl::ToUnixMicros(now));
    insert->BindBlob(3, answer);
    return Run(*insert);
  });
}

absl::StatusOr<std::optional<std::string>> SqliteFleetStore::FindAnswer(const std::string& key) {
  if (absl::Status checked = CheckKey(key); !checked.ok()) return checked;
  auto select = database_.Prepare("SELECT answer FROM answers WHERE key = ? AND at_us > ?");
  if (!select.ok()) return select.status();
  select->BindText(1, key);
  select->BindInt(2, absl::ToUnixMicros(clock_.WallNow() - kStoredAnswerLifetime));
  const absl::StatusOr<bool> row = select->Step();
  if (!row.ok()) return row.status();
  if (!*row) return std::optional<std::string>();
  return std::optional<std::string>(std::string(select->Bytes(0)));
}

}  // namespace jettyfleet
