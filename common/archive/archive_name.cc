#include "common/archive/archive_name.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/archive/content_hash.h"

namespace jettyfleet {
namespace {

bool MayStand(char c) { return absl::ascii_isalnum(c) || c == '.' || c == '_' || c == '-' || c == '+'; }

constexpr std::size_t kLongestTarget = 512;

bool IsVisibleName(absl::string_view part) { return !part.empty() && part[0] != '.'; }

}  // namespace

absl::Status CheckArchiveName(absl::string_view what, absl::string_view text) {
  const bool well = !text.empty() && text.size() <= kLongestArchiveName && absl::ascii_isalnum(text[0]) &&
                    std::all_of(text.begin(), text.end(), MayStand);
  if (well) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "the archive's ", what, " '", absl::CHexEscape(text.substr(0, kLongestArchiveName)), "' is not 1 to ",
      kLongestArchiveName, " of letters, digits and . _ - +, beginning with a letter or digit"));
}

absl::Status CheckArchiveContent(absl::string_view sha256, uint64_t size) {
  if (!IsSha256Hex(sha256)) {
    return absl::InvalidArgumentError("the archive's SHA-256 is not 64 of 0-9 and a-f");
  }
  if (size == 0 || size > kLargestArchiveBytes) {
    return absl::InvalidArgumentError(absl::StrCat("an archive has 1 to ", kLargestArchiveBytes, " bytes, not ", size));
  }
  return absl::OkStatus();
}

absl::Status CheckArchiveTarget(absl::string_view path) {
  const std::vector<absl::string_view> parts = absl::StrSplit(path, '/');
  const bool well = path.size() <= kLongestTarget && parts.size() > 1 && parts[0].empty() &&
                    std::all_of(parts.begin() + 1, parts.end(), IsVisibleName) && absl::EndsWith(path, ".war") &&
                    std::all_of(path.begin(), path.end(), absl::ascii_isprint);
  if (well) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "'", absl::CHexEscape(path.substr(0, 100)), "' is not where an archive is deployed: an absolute path, ",
      "at most ", kLongestTarget, " characters, no hidden part, and a name that ends in .war"));
}

}  // namespace jettyfleet
