#include "coordinator/server/check_actions.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"

namespace jettyfleet {
namespace {

constexpr std::size_t kMostPaths = 256;
constexpr std::size_t kMostTexts = 32;

bool Marked(const v1::ResourceInspection& resource) {
  return std::any_of(resource.paths().begin(), resource.paths().end(),
                     [](const v1::PathFact& path) { return path.marked(); });
}

bool LeftMarker(const v1::Inspection& inspection) {
  return std::any_of(inspection.resources().begin(), inspection.resources().end(), Marked);
}

std::string FileOf(const v1::TreeFact& tree, const v1::FileFact& file) {
  return file.path().empty() ? tree.root() : absl::StrCat(tree.root(), "/", file.path());
}

}  // namespace

std::string MarkerName(absl::string_view random, std::size_t index, absl::string_view node) {
  return absl::StrCat("jettyfleet-marker-", random, absl::StrFormat("%02d", index), "-",
                      absl::StrReplaceAll(node, {{".", "-"}}));
}

v1::Inspect InspectOrder(const v1::ClusterDescription& description, bool rehash) {
  v1::Inspect order;
  order.set_rehash(rehash);
  for (const v1::ResourceDescription& described : description.resources()) {
    v1::InspectedResource* const resource = order.add_resources();
    resource->set_resource(described.name());
    resource->set_unit(described.unit());
    std::set<std::string> paths(described.paths().local().begin(), described.paths().local().end());
    paths.insert(described.paths().shared().begin(), described.paths().shared().end());
    paths.insert(described.paths().volatile_().begin(), described.paths().volatile_().end());
    *resource->mutable_paths() = {paths.begin(), paths.end()};
    *resource->mutable_archives() = described.identity().archives();
    *resource->mutable_configuration() = described.identity().configuration();
    resource->set_store_address(described.sessions().store_address());
  }
  return order;
}

v1::LookForMarkers LookOrder(const v1::ClusterDescription& description, const Inspections& inspections,
                             const std::map<std::string, std::string>& markers, const std::string& node) {
  v1::LookForMarkers order;
  for (const auto& [other, marker] : markers) {
    const auto inspected = inspections.find(other);
    if (other != node && inspected != inspections.end() && LeftMarker(inspected->second)) order.add_markers(marker);
  }
  if (order.markers().empty()) return order;
  std::map<std::string, std::set<std::string>> marked;  // by resource
  for (const auto& [other, inspection] : inspections) {
    for (const v1::ResourceInspection& resource : inspection.resources()) {
      for (const v1::PathFact& path : resource.paths()) {
        std::set<std::string>& paths = marked[resource.resource()];
        if (path.marked() && paths.size() < kMostPaths) paths.insert(path.path());
      }
    }
  }
  for (const v1::ResourceDescription& described : description.resources()) {
    const std::set<std::string>& paths = marked[described.name()];
    if (paths.empty()) continue;
    v1::MarkedResource* const resource = order.add_resources();
    resource->set_resource(described.name());
    resource->set_unit(described.unit());
    *resource->mutable_paths() = {paths.begin(), paths.end()};
  }
  return order;
}

std::vector<std::string> DifferingConfiguration(const Inspections& inspections) {
  std::map<std::string, std::map<std::string, std::string>> digests;  // by file and node
  for (const auto& [node, inspection] : inspections) {
    for (const v1::ResourceInspection& resource : inspection.resources()) {
      for (const v1::TreeFact& tree : resource.configuration()) {
        for (const v1::FileFact& file : tree.files()) digests[FileOf(tree, file)][node] = file.sha256();
      }
    }
  }
  std::vector<std::string> differing;
  for (const auto& [file, by_node] : digests) {
    const bool same = by_node.size() == inspections.size() &&
                      std::all_of(by_node.begin(), by_node.end(),
                                  [&](const auto& entry) { return entry.second == by_node.begin()->second; });
    if (!same && differing.size() < kMostTexts) differing.push_back(file);
  }
  return differing;
}

}  // namespace jettyfleet
