#include "common/description/identity_check.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "common/description/paths_check.h"
#include "common/description/pattern_check.h"

namespace jettyfleet {
namespace {

constexpr int kMostPatterns = 64;

}  // namespace

MaybeProblem CheckIdentity(const std::string& path, const v1::IdentityDescription& identity) {
  if (identity.archives().empty() && identity.configuration().empty() && identity.may_differ().empty()) {
    return ProblemAt(path, "is empty; give archives, configuration or may_differ, or remove the key");
  }
  if (MaybeProblem bad = CheckPathList(Within(path, "archives"), identity.archives())) return bad;
  if (MaybeProblem bad = CheckPathList(Within(path, "configuration"), identity.configuration())) return bad;
  const std::string may_differ = Within(path, "may_differ");
  if (identity.may_differ_size() > kMostPatterns) {
    return ProblemAt(may_differ, absl::StrCat("more than ", kMostPatterns, " patterns"));
  }
  std::set<std::string> seen;
  for (int i = 0; i < identity.may_differ_size(); ++i) {
    const std::string& pattern = identity.may_differ(i);
    if (pattern.empty()) return ProblemAt(Item(may_differ, i), "is empty and would let everything differ; remove it");
    if (MaybeProblem bad = CheckPattern(Item(may_differ, i), pattern)) return bad;
    if (!seen.insert(pattern).second) {
      return ProblemAt(Item(may_differ, i), absl::StrCat(pattern, " is given twice; remove one"));
    }
  }
  return std::nullopt;
}

}  // namespace jettyfleet
