#include "agent/inspect/inspect_host.h"

#include <cstddef>
#include <filesystem>
#include <future>
#include <set>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "agent/inspect/cluster/cluster_details.h"
#include "agent/inspect/digest/digest_cache.h"
#include "agent/inspect/digest/tree_digest.h"
#include "agent/inspect/host/host_fact.h"
#include "agent/inspect/jetty/jetty_facts.h"
#include "agent/inspect/jetty/masked_text.h"
#include "agent/inspect/jetty/store_reach.h"
#include "agent/inspect/path/path_inspection.h"
#include "agent/inspect/unit/unit_reader.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

struct Resource {
  const v1::InspectedResource* asked = nullptr;
  UnitState unit;
  JettyFacts jetty;
  std::vector<std::string> configuration;
  v1::ResourceInspection inspection;
};

std::vector<std::string> Together(const std::vector<std::string>& found,
                                  const google::protobuf::RepeatedPtrField<std::string>& described) {
  std::set<std::string> all(found.begin(), found.end());
  all.insert(described.begin(), described.end());
  return {all.begin(), all.end()};
}

// What the links right below a deployment directory lead to elsewhere: a tree's digest takes a link by its text, and
// what is deployed is what it leads to.
std::vector<std::string> WithLinked(std::vector<std::string> roots) {
  constexpr std::size_t kMostLinked = 100;
  std::set<std::string> linked;
  std::error_code ignored;
  for (const std::string& root : roots) {
    for (auto entry = std::filesystem::directory_iterator(root, ignored);
         entry != std::filesystem::directory_iterator(); entry.increment(ignored)) {
      if (ignored || linked.size() >= kMostLinked) break;
      if (!entry->is_symlink(ignored)) continue;
      const std::filesystem::path target = std::filesystem::canonical(entry->path(), ignored);
      if (!ignored && !absl::StartsWith(target.string(), absl::StrCat(root, "/"))) linked.insert(target.string());
    }
  }
  roots.insert(roots.end(), linked.begin(), linked.end());
  return roots;
}

std::vector<WantedPath> WantedPaths(const v1::InspectedResource& asked, const JettyFacts& jetty) {
  std::vector<WantedPath> wanted;
  for (const std::string& path : asked.paths()) wanted.push_back({path, v1::PathFact::SOURCE_DESCRIPTION});
  if (!jetty.session_store_directory.empty()) {
    wanted.push_back({jetty.session_store_directory, v1::PathFact::SOURCE_SESSION_STORE});
  }
  for (const std::string& path : jetty.writable_paths) wanted.push_back({path, v1::PathFact::SOURCE_JETTY_BASE});
  return wanted;
}

std::vector<StoreAddress> Stores(const v1::InspectedResource& asked, const JettyFacts& jetty) {
  if (asked.store_address().empty()) return jetty.stores;
  return {ParseHostPort(asked.store_address(), jetty.sessions.store(), 0)};
}

Resource Begin(const v1::InspectedResource& asked) {
  Resource resource;
  resource.asked = &asked;
  resource.unit = ReadUnit(asked.unit());
  resource.jetty = ReadJetty(resource.unit);
  resource.configuration = Together(resource.jetty.configuration_roots, asked.configuration());
  resource.inspection.set_resource(asked.resource());
  *resource.inspection.mutable_unit() = resource.unit.facts;
  *resource.inspection.mutable_runtime() = resource.jetty.runtime;
  *resource.inspection.mutable_sessions() = resource.jetty.sessions;
  for (v1::PathFact& path : InspectPaths(WantedPaths(asked, resource.jetty), resource.unit)) {
    *resource.inspection.add_paths() = std::move(path);
  }
  return resource;
}

void Digest(const v1::Inspect& asked, const TreeLimits& limits, DigestCache* cache, Resource* resource) {
  for (const std::string& root : WithLinked(Together(resource->jetty.archive_roots, resource->asked->archives()))) {
    *resource->inspection.add_archives() = DigestTree(root, cache, limits);
  }
  for (const std::string& root : resource->configuration) {
    *resource->inspection.add_configuration() = DigestTree(root, cache, limits);
  }
  for (const std::string& path : asked.texts()) {
    v1::TextFact text = ReadMaskedText(path, resource->configuration);
    if (text.error().empty()) *resource->inspection.add_texts() = std::move(text);
  }
}

}  // namespace

v1::ActionResult InspectHost(const MarkerOptions& options, const v1::Inspect& asked, absl::Time until) {
  v1::ActionResult result;
  v1::Inspection& inspection = *result.mutable_inspection();
  *inspection.mutable_observed_at() = ToProto(absl::Now());
  std::vector<std::string> problems;
  std::future<HostReading> host = std::async(std::launch::async, [] { return ReadHost(); });
  std::future<ClusterDetails> cluster = std::async(std::launch::async, [] { return ReadClusterDetails(); });

  std::vector<Resource> resources;
  for (const v1::InspectedResource& resource : asked.resources()) resources.push_back(Begin(resource));
  std::vector<std::future<std::vector<v1::StoreFact>>> stores;
  for (const Resource& resource : resources) {
    stores.push_back(std::async(
        std::launch::async, [addresses = Stores(*resource.asked, resource.jetty)] { return ReachStores(addresses); }));
  }
  if (!asked.marker().empty()) {
    std::vector<MarkedUnit> units;
    for (Resource& resource : resources) units.push_back({&resource.unit, &resource.inspection});
    const absl::Status placed = PlaceMarkers(options, asked.marker(), FromProto(asked.marker_life()), units);
    if (!placed.ok()) problems.push_back(std::string(placed.message()));
  }
  DigestCache cache(absl::StrCat(options.state_dir, "/digests"), asked.rehash(), absl::Now());
  TreeLimits limits;
  limits.until = until;
  for (Resource& resource : resources) Digest(asked, limits, &cache, &resource);
  // It costs the next inspection time, nothing else.
  const absl::Status kept = cache.Save();
  if (!kept.ok()) problems.push_back(std::string(kept.message()));
  for (std::size_t i = 0; i < resources.size(); ++i) {
    for (v1::StoreFact& store : stores[i].get()) *resources[i].inspection.add_stores() = std::move(store);
    *inspection.add_resources() = std::move(resources[i].inspection);
  }

  HostReading host_reading = host.get();
  *inspection.mutable_host() = std::move(host_reading.fact);
  problems.insert(problems.end(), host_reading.problems.begin(), host_reading.problems.end());
  ClusterDetails details = cluster.get();
  if (details.cluster_node) {
    *inspection.mutable_ring() = std::move(details.ring);
    *inspection.mutable_fail_counts() = {details.fail_counts.begin(), details.fail_counts.end()};
    *inspection.mutable_constraints() = {details.constraints.begin(), details.constraints.end()};
    problems.insert(problems.end(), details.problems.begin(), details.problems.end());
  }
  inspection.set_error(absl::StrJoin(problems, "; "));
  result.set_outcome(v1::ActionResult::OUTCOME_DONE);
  return result;
}

}  // namespace jettyfleet
