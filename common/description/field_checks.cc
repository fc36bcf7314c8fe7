#include "common/description/field_checks.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "common/identity.h"
#include "common/proto_time.h"

namespace jettyfleet {

MaybeProblem ProblemAt(std::string path, std::string what) {
  return DescriptionProblem{std::move(path), std::move(what)};
}

std::string Within(const std::string& path, absl::string_view key) { return absl::StrCat(path, ".", key); }

std::string Item(const std::string& path, int index) { return absl::StrCat(path, "[", index, "]"); }

bool OnlyAlnumAnd(absl::string_view others, absl::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [others](char c) { return absl::ascii_isalnum(c) || absl::StrContains(others, c); });
}

bool PrintableWithoutSpaces(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), absl::ascii_isgraph);
}

MaybeProblem CheckName(const std::string& path, absl::string_view name) {
  const absl::Status status = CheckIdentityName("name", name);
  if (status.ok()) return std::nullopt;
  return ProblemAt(path, std::string(status.message()));
}

MaybeProblem CheckRange(std::string path, uint64_t value, uint64_t least, uint64_t most) {
  if (value >= least && value <= most) return std::nullopt;
  return ProblemAt(std::move(path), absl::StrCat(value, " is out of range; give ", least, " to ", most));
}

MaybeProblem CheckDuration(std::string path, const google::protobuf::Duration& duration, absl::Duration least,
                           absl::Duration most, absl::Duration step) {
  const absl::Duration value = FromProto(duration);
  if (value < least || value > most) {
    return ProblemAt(std::move(path), absl::StrCat(absl::FormatDuration(value), " is out of range; give ",
                                                   absl::FormatDuration(least), " to ", absl::FormatDuration(most)));
  }
  if (value % step == absl::ZeroDuration()) return std::nullopt;
  return ProblemAt(std::move(path), step == absl::Seconds(1)
                                        ? "must be whole seconds"
                                        : absl::StrCat("must be a multiple of ", absl::FormatDuration(step)));
}

MaybeProblem CheckText(std::string path, absl::string_view text) {
  const bool good =
      !text.empty() && text.size() <= kLongestText && std::none_of(text.begin(), text.end(), absl::ascii_iscntrl);
  if (good) return std::nullopt;
  return ProblemAt(std::move(path), absl::StrCat("must be one line of 1 to ", kLongestText, " bytes of text"));
}

MaybeProblem CheckDate(std::string path, const std::string& text) {
  absl::CivilDay day;
  // Read and written again, so that only one form of each date passes.
  if (absl::ParseCivilTime(text, &day) && absl::FormatCivilTime(day) == text && day.year() >= 1970 &&
      day.year() <= 9999) {
    return std::nullopt;
  }
  return ProblemAt(std::move(path), "must be a day that there is, as YYYY-MM-DD");
}

}  // namespace jettyfleet
