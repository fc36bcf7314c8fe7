#include "coordinator/archive/archive_desk.h"

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/archive/archive_name.h"
#include "common/archive/content_hash.h"
#include "common/archive/zip_check.h"
#include "common/log.h"
#include "common/proto_time.h"
#include "coordinator/archive/slice_hash.h"

namespace jettyfleet {
namespace {

constexpr absl::Duration kCollectInterval = absl::Hours(1);
constexpr std::size_t kLongestReason = 1024;

template <typename Request>
v1::ArchiveEntry EntryOf(const Request& request) {
  v1::ArchiveEntry entry;
  entry.set_name(request.name());
  entry.set_version(request.version());
  entry.set_sha256(request.sha256());
  entry.set_size(request.size());
  return entry;
}

std::string Words(const v1::ArchiveEntry& entry) {
  return absl::StrCat("archive ", entry.name(), " ", entry.version());
}

absl::Status CheckReason(const std::string& why) {
  if (why.size() <= kLongestReason) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("the reason is longer than ", kLongestReason, " bytes"));
}

void Discard(PartFile& part) {
  if (const absl::Status discarded = part.Discard(); !discarded.ok()) LogError(discarded.message());
}

}  // namespace

void ArchiveDesk::Start() {
  loop_.Post([this] {
    Collect();
    loop_.PostAfter(kCollectInterval, [this] { Start(); });
  });
}

void ArchiveDesk::Hold(const std::string& operation_id, std::vector<std::string> sha256s) {
  loop_.Post([this, operation_id, sha256s = std::move(sha256s)] { held_[operation_id] = sha256s; });
}

void ArchiveDesk::Release(const std::string& operation_id) {
  loop_.Post([this, operation_id] { held_.erase(operation_id); });
}

std::string ArchiveDesk::HolderOf(const std::string& sha256) const {
  for (const auto& [operation, digests] : held_) {
    if (std::find(digests.begin(), digests.end(), sha256) != digests.end()) return operation;
  }
  return "";
}

void ArchiveDesk::Collect() {
  std::vector<std::string> unused;
  for (const auto& [sha256, size] : store_.contents()) {
    if (!table_.RefersTo(sha256) && HolderOf(sha256).empty()) unused.push_back(sha256);
  }
  for (const std::string& sha256 : unused) {
    const absl::Status removed = store_.Remove(sha256);
    LogInfo(removed.ok() ? absl::StrCat("removed archive content ", sha256, ": no name stands for it")
                         : std::string(removed.message()));
  }
  store_.RemoveOldParts(clock_.WallNow());
}

absl::Status ArchiveDesk::CheckPush(const v1::ArchiveEntry& wanted) const {
  if (absl::Status checked = CheckArchiveName("name", wanted.name()); !checked.ok()) return checked;
  if (absl::Status checked = CheckArchiveName("version", wanted.version()); !checked.ok()) return checked;
  if (absl::Status checked = CheckArchiveContent(wanted.sha256(), wanted.size()); !checked.ok()) return checked;
  return table_.CheckBinding(wanted.name(), wanted.version(), wanted.sha256());
}

void ArchiveDesk::PreparePush(const v1::PreparePushRequest& request, Done<v1::PreparePushResponse> done) {
  if (absl::Status checked = CheckPush(EntryOf(request)); !checked.ok()) return done(checked);
  if (!store_.SizeOf(request.sha256()).has_value()) return AnswerPart(request, done);
  verifier_.Open(request.sha256(), [this, request, done = std::move(done)](const absl::StatusOr<ArchiveSource>& found) {
    // Damaged content has been removed, and is pushed anew.
    if (absl::IsDataLoss(found.status()) || absl::IsNotFound(found.status())) return AnswerPart(request, done);
    if (!found.ok()) return done(found.status());
    if (found->size != request.size()) {
      return done(absl::InvalidArgumentError(
          absl::StrCat("the content of that SHA-256 has ", found->size, " bytes, not ", request.size())));
    }
    v1::PreparePushResponse response;
    response.set_present_bytes(found->size);
    response.set_present_sha256(request.sha256());
    done(response);
  });
}

void ArchiveDesk::AnswerPart(const v1::PreparePushRequest& request, const Done<v1::PreparePushResponse>& done) {
  absl::StatusOr<std::pair<UniqueFd, uint64_t>> part = store_.ReadPart(request.sha256());
  if (!part.ok() && !absl::IsNotFound(part.status())) return done(part.status());
  const bool usable = part.ok() && part->second > 0 && part->second <= request.size();
  const uint64_t present = usable ? part->second : 0;
  if (absl::Status room = store_.CheckRoom(request.size(), present); !room.ok()) return done(room);
  if (!usable) return done(v1::PreparePushResponse());
  const auto file = std::make_shared<const UniqueFd>(std::move(part->first));
  HashInSlices(loop_, file, file->get(), absl::StrCat("what has arrived of ", request.sha256()), present,
               [done, present](const absl::StatusOr<std::string>& found) {
                 if (!found.ok()) return done(found.status());
                 v1::PreparePushResponse response;
                 response.set_present_bytes(present);
                 response.set_present_sha256(*found);
                 done(response);
               });
}

absl::StatusOr<std::shared_ptr<ArchivePush>> ArchiveDesk::BeginPush(const v1::PushHeader& header,
                                                                    const std::string& who) {
  v1::ArchiveEntry entry = EntryOf(header);
  if (absl::Status checked = CheckPush(entry); !checked.ok()) return checked;
  if (absl::Status checked = CheckReason(header.why()); !checked.ok()) return checked;
  entry.set_pushed_by(who);
  entry.set_why(header.why());
  *entry.mutable_pushed_at() = ToProto(clock_.WallNow());
  if (store_.SizeOf(entry.sha256()) == entry.size()) {
    return std::make_shared<ArchivePush>(store_, std::move(entry), nullptr);
  }
  absl::StatusOr<std::unique_ptr<PartFile>> part = store_.OpenPart(entry.sha256());
  if (!part.ok()) return part.status();
  if (header.offset() > (*part)->size() || header.offset() > entry.size()) {
    return absl::FailedPreconditionError(absl::StrCat("only ", (*part)->size(), " bytes of ", Words(entry),
                                                      " are here and not ", header.offset(), ": push it again"));
  }
  if (absl::Status cut = (*part)->Truncate(header.offset()); !cut.ok()) return cut;
  if (absl::Status room = store_.CheckRoom(entry.size(), header.offset()); !room.ok()) {
    Discard(**part);
    return room;
  }
  return std::make_shared<ArchivePush>(store_, std::move(entry), *std::move(part));
}

void ArchiveDesk::FinishPush(std::shared_ptr<ArchivePush> push, Done<v1::PushArchiveResponse> done) {
  PartFile* const part = push->part();
  if (part == nullptr) return done(Name(*push));
  if (part->size() != push->entry().size()) {
    return done(absl::AbortedError(absl::StrCat("the stream ended after ", part->size(), " of ", push->entry().size(),
                                                " bytes of ", Words(push->entry()), ": push again, it goes on there")));
  }
  HashInSlices(
      loop_, push, part->fd(), part->path(), part->size(),
      [this, push, done = std::move(done)](const absl::StatusOr<std::string>& found) { done(Accept(*push, found)); });
}

absl::StatusOr<v1::PushArchiveResponse> ArchiveDesk::Accept(ArchivePush& push,
                                                            const absl::StatusOr<std::string>& found) {
  if (!found.ok()) return found.status();
  const v1::ArchiveEntry& entry = push.entry();
  if (*found != entry.sha256()) {
    Discard(*push.part());
    return absl::DataLossError(absl::StrCat(Words(entry), " has arrived with SHA-256 ", *found, " and not ",
                                            entry.sha256(), ": has the file changed meanwhile? Push it again"));
  }
  if (absl::Status zip = CheckZip(push.part()->fd(), Words(entry), entry.size()); !zip.ok()) {
    Discard(*push.part());
    return zip;
  }
  if (absl::Status published = store_.Publish(*push.part(), entry.sha256()); !published.ok()) return published;
  return Name(push);
}

absl::StatusOr<v1::PushArchiveResponse> ArchiveDesk::Name(const ArchivePush& push) {
  const v1::ArchiveEntry& entry = push.entry();
  if (!store_.SizeOf(entry.sha256()).has_value()) {
    return absl::AbortedError(absl::StrCat("the content of ", Words(entry), " was removed meanwhile: push it again"));
  }
  const absl::Status bound = table_.Bind(entry);
  if (!bound.ok()) {
    Collect();
    return bound;
  }
  v1::PushArchiveResponse response;
  *response.mutable_entry() = *table_.Find(entry.name(), entry.version());
  response.set_moved_bytes(push.moved_bytes());
  LogInfo(absl::StrCat(Words(entry), " is ", entry.sha256(), ", pushed by ", entry.pushed_by()));
  return response;
}

absl::StatusOr<v1::ArchiveEntry> ArchiveDesk::Find(const std::string& name, const std::string& version) const {
  const v1::ArchiveEntry* const entry = table_.Find(name, version);
  if (entry == nullptr) return NoSuchArchive(name, version);
  return *entry;
}

v1::ListArchivesResponse ArchiveDesk::List(const v1::ListArchivesRequest& request) const {
  v1::ListArchivesResponse response;
  for (const v1::ArchiveEntry& entry : table_.index().entries()) {
    if (request.name().empty() || request.name() == entry.name()) *response.add_entries() = entry;
  }
  // The table is in order of time.
  std::stable_sort(
      response.mutable_entries()->begin(), response.mutable_entries()->end(),
      [](const v1::ArchiveEntry& one, const v1::ArchiveEntry& other) { return one.name() < other.name(); });
  response.set_stored_bytes(store_.stored_bytes());
  response.set_most_bytes(store_.limits().most_bytes);
  return response;
}

absl::StatusOr<v1::RemoveArchiveResponse> ArchiveDesk::Remove(const v1::RemoveArchiveRequest& request,
                                                              const std::string& who) {
  if (absl::Status checked = CheckReason(request.why()); !checked.ok()) return checked;
  const v1::ArchiveEntry* const entry = table_.Find(request.name(), request.version());
  if (entry == nullptr) return NoSuchArchive(request.name(), request.version());
  if (const std::string holder = HolderOf(entry->sha256()); !holder.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat(Words(*entry), " cannot be removed: operation ", holder, " needs it"));
  }
  v1::RemoveArchiveResponse response;
  *response.mutable_removed() = *entry;
  if (absl::Status unbound = table_.Unbind(request.name(), request.version()); !unbound.ok()) return unbound;
  LogInfo(absl::StrCat(Words(response.removed()), " was removed by ", who, ": ", absl::CHexEscape(request.why())));
  if (!table_.RefersTo(response.removed().sha256())) {
    response.set_freed_bytes(store_.SizeOf(response.removed().sha256()).value_or(0));
  }
  Collect();
  return response;
}

void ArchiveDesk::OpenFetch(const v1::FetchArchiveRequest& request, Done<ArchiveSource> done) {
  const bool resumes = request.offset() > 0;
  if (!IsSha256Hex(request.sha256()) || (resumes && !IsSha256Hex(request.prefix_sha256()))) {
    return done(absl::InvalidArgumentError("a SHA-256 in the request is not 64 of 0-9 and a-f"));
  }
  verifier_.Open(request.sha256(), [this, request, resumes,
                                    done = std::move(done)](const absl::StatusOr<ArchiveSource>& opened) {
    if (!opened.ok() || !resumes) return done(opened);
    const absl::Status differs = absl::FailedPreconditionError(
        absl::StrCat("the content does not begin with the ", request.offset(), " bytes that the agent has"));
    if (request.offset() > opened->size) return done(differs);
    HashInSlices(
        loop_, opened->file, opened->file->get(), absl::StrCat("stored content ", request.sha256()), request.offset(),
        [done, source = *opened, differs, prefix = request.prefix_sha256()](const absl::StatusOr<std::string>& found) {
          if (!found.ok()) return done(found.status());
          if (*found != prefix) return done(differs);
          done(source);
        });
  });
}

}  // namespace jettyfleet
