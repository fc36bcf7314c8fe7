#include "common/description/paths_check.h"

#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace jettyfleet {
namespace {

constexpr int kMostPaths = 64;

// Of an absolute path without "..".
std::string Normalised(absl::string_view path) {
  std::string normal;
  for (const absl::string_view part : absl::StrSplit(path, '/', absl::SkipEmpty())) {
    if (part != ".") absl::StrAppend(&normal, "/", part);
  }
  return normal.empty() ? "/" : normal;
}

MaybeProblem CheckDirectory(const std::string& path, absl::string_view directory) {
  if (!absl::StartsWith(directory, "/")) return ProblemAt(path, "must be an absolute path, beginning with '/'");
  if (directory.size() > kLongestText || !OnlyAlnumAnd("/_-.:@+,=~", directory)) {
    return ProblemAt(path, absl::StrCat("must be at most ", kLongestText,
                                        " of letters, digits and / _ - . : @ + , = ~, without spaces"));
  }
  for (const absl::string_view part : absl::StrSplit(directory, '/')) {
    if (part == "..") return ProblemAt(path, "must not contain '..'; write where it leads to");
  }
  if (Normalised(directory) == "/") return ProblemAt(path, "must be a directory below '/', not all of it");
  return std::nullopt;
}

// `local_path` is that of local[]; `whose` says in messages whose shared directory it is.
MaybeProblem CheckLocalAgainst(const std::string& local_path, const v1::PathsDescription& local,
                               const v1::PathsDescription& shared, absl::string_view whose) {
  for (int i = 0; i < local.local_size(); ++i) {
    const std::string own = Normalised(local.local(i));
    for (const std::string& other : shared.shared()) {
      const std::string common = Normalised(other);
      if (own == common) {
        return ProblemAt(Item(local_path, i), absl::StrCat(local.local(i), " is also among the shared paths", whose,
                                                           ", and it cannot be both; remove one"));
      }
      if (absl::StartsWith(own, absl::StrCat(common, "/"))) {
        return ProblemAt(Item(local_path, i),
                         absl::StrCat(local.local(i), " lies below ", other, ", which is among the shared paths", whose,
                                      ", so all nodes see the same there; remove one"));
      }
    }
  }
  return std::nullopt;
}

}  // namespace

MaybeProblem CheckPathList(const std::string& path, const google::protobuf::RepeatedPtrField<std::string>& paths) {
  if (paths.size() > kMostPaths) return ProblemAt(path, absl::StrCat("more than ", kMostPaths, " paths"));
  std::set<std::string> seen;
  for (int i = 0; i < paths.size(); ++i) {
    if (MaybeProblem bad = CheckDirectory(Item(path, i), paths[i])) return bad;
    if (!seen.insert(Normalised(paths[i])).second) {
      return ProblemAt(Item(path, i), absl::StrCat(paths[i], " is given twice; remove one"));
    }
  }
  return std::nullopt;
}

MaybeProblem CheckPaths(const std::string& path, const v1::PathsDescription& paths) {
  if (paths.local().empty() && paths.shared().empty() && paths.volatile_().empty() && paths.min_free_percent() == 0) {
    return ProblemAt(path, "is empty; give local, shared or volatile paths, or remove the key");
  }
  const std::string local = Within(path, "local");
  if (MaybeProblem bad = CheckPathList(local, paths.local())) return bad;
  if (MaybeProblem bad = CheckPathList(Within(path, "shared"), paths.shared())) return bad;
  if (MaybeProblem bad = CheckPathList(Within(path, "volatile"), paths.volatile_())) return bad;
  if (MaybeProblem bad = CheckRange(Within(path, "min_free_percent"), paths.min_free_percent(), 0, 99)) return bad;
  return CheckLocalAgainst(local, paths, paths, "");
}

MaybeProblem CheckPathsAcross(const v1::ClusterDescription& description) {
  for (int i = 0; i < description.resources_size(); ++i) {
    const std::string path = Within(Within(Item("resources", i), "paths"), "local");
    for (const v1::ResourceDescription& other : description.resources()) {
      if (MaybeProblem bad = CheckLocalAgainst(path, description.resources(i).paths(), other.paths(),
                                               absl::StrCat(" of resource ", other.name()))) {
        return bad;
      }
    }
  }
  return std::nullopt;
}

}  // namespace jettyfleet
