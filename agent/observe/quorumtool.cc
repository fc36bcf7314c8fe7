#include "agent/observe/quorumtool.h"

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

namespace jettyfleet {

v1::QuorumFact ParseQuorumtool(int exit_code, const std::string& text) {
  v1::QuorumFact fact;
  v1::Answer printed = v1::ANSWER_UNSPECIFIED;
  bool told = false;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    const std::size_t colon = line.find(':');
    if (colon == absl::string_view::npos) continue;
    const absl::string_view key = absl::StripAsciiWhitespace(line.substr(0, colon));
    const absl::string_view value = absl::StripAsciiWhitespace(line.substr(colon + 1));
    const absl::string_view number = value.substr(0, value.find(' '));
    uint32_t parsed = 0;
    if (key == "Quorate") {
      const v1::Answer says =
          value == "Yes" ? v1::ANSWER_YES : (value == "No" ? v1::ANSWER_NO : v1::ANSWER_UNSPECIFIED);
      printed = !told || says == printed ? says : v1::ANSWER_UNSPECIFIED;
      told = true;
    }
    if (key == "Expected votes" && absl::SimpleAtoi(number, &parsed)) fact.set_expected_votes(parsed);
    if (key == "Total votes" && absl::SimpleAtoi(number, &parsed)) fact.set_total_votes(parsed);
    // "2 Activity blocked" without quorum.
    if (key == "Quorum" && absl::SimpleAtoi(number, &parsed)) fact.set_quorum(parsed);
    if (key == "Flags") {
      for (const absl::string_view flag : absl::StrSplit(value, ' ', absl::SkipEmpty())) {
        fact.add_flags(std::string(flag));
      }
    }
  }
  const v1::Answer exited = exit_code == 0 ? v1::ANSWER_YES : (exit_code == 2 ? v1::ANSWER_NO : v1::ANSWER_UNSPECIFIED);
  if (exited == v1::ANSWER_UNSPECIFIED || exited != printed) {
    fact.set_error(absl::StrCat("corosync-quorumtool exited with ", exit_code, " and printed ",
                                printed == v1::ANSWER_UNSPECIFIED
                                    ? "nothing clear about quorum"
                                    : (printed == v1::ANSWER_YES ? "Quorate: Yes" : "Quorate: No")));
    return fact;
  }
  fact.set_quorate(exited);
  return fact;
}

}  // namespace jettyfleet
