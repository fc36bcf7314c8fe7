#include "common/archive/archive_name.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/archive/sha256.h"

namespace jettyfleet {
namespace {

bool MayStand(char c) { return absl::ascii_isalnum(c) || c == '.' || c == '_' || c == '-' || c == '+'; }

}  // namespace

absl::Status CheckArchiveName(absl::string_view what, absl::string_view text) {
  const bool well = !text.empty() && text.size() <= kLongestArchiveName && absl::ascii_isalnum(text[0]) &&
                    std::all_of(text.begin(), text.end(), MayStand);
  if (well) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("the archive's ", what, " '", absl::CHexEscape(text.substr(0, kLongestArchiveName)), "' is not 1 to ",
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

}  // namespace jettyfleet
