// What corosync-quorumtool prints, with each of its exit codes.
#include <cstdint>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "agent/observe/quorumtool.h"
#include "tests/fuzz/demand.h"

namespace {

// Whether a line says "Quorate: VALUE" blanks left out.
bool Says(const std::string& text, absl::string_view value) {
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    line = absl::StripAsciiWhitespace(line);
    if (!absl::ConsumePrefix(&line, "Quorate")) continue;
    line = absl::StripLeadingAsciiWhitespace(line);
    if (absl::ConsumePrefix(&line, ":") && absl::StripLeadingAsciiWhitespace(line) == value) return true;
  }
  return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using jettyfleet::Demand;
  namespace v1 = jettyfleet::v1;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const bool yes = Says(text, "Yes");
  const bool no = Says(text, "No");
  for (const int exit_code : {-1, 0, 1, 2}) {
    const v1::QuorumFact fact = jettyfleet::ParseQuorumtool(exit_code, text);
    Demand(fact.quorate() == v1::ANSWER_UNSPECIFIED || fact.error().empty(), "an answer has no error");
    Demand(fact.quorate() != v1::ANSWER_UNSPECIFIED || !fact.error().empty(), "no answer says why");
    Demand(fact.quorate() != v1::ANSWER_YES || (exit_code == 0 && yes && !no),
           "quorate only where exit code and text say so");
    Demand(fact.quorate() != v1::ANSWER_NO || (exit_code == 2 && no && !yes),
           "not quorate only where exit code and text say so");
    Demand(fact.ByteSizeLong() <= 4 * size + 1024, "the fact is about as large as the text");
  }
  return 0;
}
