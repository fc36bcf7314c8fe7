#include "agent/act/inspection_fields.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "agent/act/fields.h"

namespace jettyfleet {
namespace {

using Texts = google::protobuf::RepeatedPtrField<std::string>;

constexpr int kMostResources = 32;
constexpr int kMostPaths = 256;
constexpr std::size_t kLongestPath = 4000;
constexpr std::size_t kLongestAddress = 300;
constexpr absl::string_view kMarkerPrefix = "jettyfleet-marker-";
constexpr std::size_t kLongestMarker = 80;
constexpr int64_t kLongestLife = 3600;

std::string Wrong(absl::string_view field, absl::string_view value, absl::string_view want) {
  return absl::StrCat("field ", field, " is '", value.substr(0, 100), "': ", want);
}

bool IsMarker(absl::string_view marker) {
  if (!absl::StartsWith(marker, kMarkerPrefix)) return false;
  marker.remove_prefix(kMarkerPrefix.size());
  return !marker.empty() && marker.size() <= kLongestMarker &&
         std::all_of(marker.begin(), marker.end(),
                     [](char c) { return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-'; });
}

std::string MarkerProblem(absl::string_view field, absl::string_view marker) {
  return IsMarker(marker) ? "" : Wrong(field, marker, "it must be jettyfleet-marker- and 1 to 80 of a-z, 0-9, '-'");
}

bool IsPath(absl::string_view path) {
  if (!absl::StartsWith(path, "/") || path.size() > kLongestPath) return false;
  if (std::any_of(path.begin(), path.end(), [](char c) { return absl::ascii_iscntrl(c); })) return false;
  for (const absl::string_view part : absl::StrSplit(path, '/')) {
    if (part == "..") return false;
  }
  return true;
}

std::string PathsProblem(absl::string_view field, const Texts& paths) {
  if (paths.size() > kMostPaths) return absl::StrCat("field ", field, " has ", paths.size(), " entries, at most 256");
  for (const std::string& path : paths) {
    if (!IsPath(path)) return Wrong(field, path, "it must be an absolute path without '..' and control characters");
  }
  return "";
}

std::string UnitProblem(absl::string_view resource, absl::string_view unit) {
  if (!IsName(resource)) return Wrong("resource", resource, "it must be a resource's name");
  return IsUnitName(unit) ? "" : Wrong("unit", unit, "it must be a unit's name without .service");
}

std::string Problem(const v1::InspectedResource& resource) {
  for (const std::string& problem :
       {UnitProblem(resource.resource(), resource.unit()), PathsProblem("paths", resource.paths()),
        PathsProblem("archives", resource.archives()), PathsProblem("configuration", resource.configuration())}) {
    if (!problem.empty()) return problem;
  }
  const std::string& address = resource.store_address();
  const bool printable =
      std::all_of(address.begin(), address.end(), [](char c) { return absl::ascii_isgraph(c); });
  return printable && address.size() <= kLongestAddress ? "" : Wrong("store_address", address, "it must be HOST:PORT");
}

std::string CountProblem(int resources) {
  return resources <= kMostResources ? "" : absl::StrCat("field resources has ", resources, " entries, at most 32");
}

}  // namespace

std::string InspectionProblem(const v1::Inspect& asked) {
  std::string problem = CountProblem(asked.resources_size());
  for (const v1::InspectedResource& resource : asked.resources()) {
    if (problem.empty()) problem = Problem(resource);
  }
  if (problem.empty()) problem = PathsProblem("texts", asked.texts());
  if (!problem.empty() || asked.marker().empty()) return problem;
  const int64_t life = asked.marker_life().seconds();
  if (life < 1 || life > kLongestLife) return absl::StrCat("field marker_life is ", life, " s: it must be 1 s to 1 h");
  return MarkerProblem("marker", asked.marker());
}

std::string InspectionProblem(const v1::LookForMarkers& asked) {
  std::string problem = CountProblem(asked.resources_size());
  for (const v1::MarkedResource& resource : asked.resources()) {
    if (problem.empty()) problem = UnitProblem(resource.resource(), resource.unit());
    if (problem.empty()) problem = PathsProblem("paths", resource.paths());
  }
  if (problem.empty() && asked.markers_size() > kMostPaths) problem = "field markers has more than 256 entries";
  for (const std::string& marker : asked.markers()) {
    if (problem.empty()) problem = MarkerProblem("markers", marker);
  }
  return problem;
}

std::string InspectionProblem(const v1::RemoveMarkers& asked) { return MarkerProblem("marker", asked.marker()); }

}  // namespace jettyfleet
