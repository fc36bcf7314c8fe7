#include "common/description/overrides_check.h"

#include <cstddef>
#include <set>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace jettyfleet {
namespace {

constexpr int kMostOverrides = 128;
constexpr std::size_t kLongestId = 63;

}  // namespace

MaybeProblem CheckOverrides(const v1::ClusterDescription& description) {
  if (description.checks_size() > kMostOverrides) {
    return ProblemAt("checks", absl::StrCat("more than ", kMostOverrides, " checks"));
  }
  std::set<std::string> seen;
  for (int i = 0; i < description.checks_size(); ++i) {
    const v1::CheckOverride& override_ = description.checks(i);
    const std::string path = Item("checks", i);
    const std::string& id = override_.id();
    if (id.empty() || id.size() > kLongestId || !OnlyAlnumAnd(".-", id) || !absl::ascii_islower(id[0])) {
      return ProblemAt(Within(path, "id"),
                       "must be a check's id such as paths.space; jettyfleet check --list shows all");
    }
    if (!seen.insert(id).second) return ProblemAt(Within(path, "id"), absl::StrCat(id, " is given twice; remove one"));
    if (override_.severity() < v1::SEVERITY_UNSPECIFIED || override_.severity() > v1::SEVERITY_WARNING) {
      return ProblemAt(Within(path, "severity"), "must be info or warning; remove the key to silence the check");
    }
    if (MaybeProblem bad = CheckText(Within(path, "reason"), override_.reason())) return bad;
    if (MaybeProblem bad = CheckDate(Within(path, "until"), override_.until())) return bad;
  }
  return std::nullopt;
}

}  // namespace jettyfleet
