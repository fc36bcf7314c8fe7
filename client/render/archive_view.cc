#include "client/render/archive_view.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/render/table.h"
#include "client/render/text.h"

namespace jettyfleet {
namespace {

std::string Named(const v1::ArchiveEntry& entry) {
  return Harmless(absl::StrCat("archive ", entry.name(), " ", entry.version()));
}

}  // namespace

std::string BytesText(uint64_t bytes) {
  if (bytes < 1024) return absl::StrCat(bytes, " B");
  double number = static_cast<double>(bytes) / 1024;
  const char* unit = "KiB";
  for (const char* const larger : {"MiB", "GiB"}) {
    if (number < 1024) break;
    number /= 1024;
    unit = larger;
  }
  return absl::StrFormat("%.1f %s", number, unit);
}

std::string RenderArchives(const v1::ListArchivesResponse& response, bool colour) {
  if (response.entries().empty()) return "no archives; `jettyfleet archive push` brings one\n";
  Table table({{"ARCHIVE"}, {"VERSION"}, {"SIZE", Align::kRight}, {"SHA-256"}, {"PUSHED"}, {"BY"}, {"WHY"}});
  for (const v1::ArchiveEntry& entry : response.entries()) {
    table.AddRow({{entry.name()},
                  {entry.version()},
                  {BytesText(entry.size())},
                  {entry.sha256().substr(0, kDigestShown)},
                  {DateTimeText(entry.pushed_at())},
                  {entry.pushed_by()},
                  {entry.why()}});
  }
  return absl::StrCat(table.Render(colour), BytesText(response.stored_bytes()), " stored, at most ",
                      BytesText(response.most_bytes()), "\n");
}

std::string RenderPush(const v1::PushArchiveResponse& response) {
  const std::string moved =
      response.moved_bytes() == 0 ? "was there already" : absl::StrCat(BytesText(response.moved_bytes()), " sent");
  return absl::StrCat(Named(response.entry()), ": ", moved, ", SHA-256 ", Harmless(response.entry().sha256()), "\n");
}

std::string RenderRemoval(const v1::RemoveArchiveResponse& response) {
  const std::string freed = response.freed_bytes() == 0 ? "its content has another name and stays"
                                                        : absl::StrCat(BytesText(response.freed_bytes()), " freed");
  return absl::StrCat(Named(response.removed()), " removed: ", freed, "\n");
}

}  // namespace jettyfleet
