#include "common/description/resource_check.h"

#include <algorithm>
#include <set>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/description/identity_check.h"
#include "common/description/paths_check.h"
#include "common/description/pattern_check.h"
#include "common/description/sessions_check.h"

namespace jettyfleet {
namespace {

constexpr int kMostPorts = 16;
constexpr uint32_t kInfinity = 1'000'000;  // Pacemaker's INFINITY
constexpr uint32_t kMostFailedProbes = 100;
constexpr std::size_t kLongestName = 63;
constexpr std::size_t kLongestUnit = 200;
constexpr absl::string_view kOurPrefix = "jettyfleet-";
constexpr const char* kOnFail[] = {"restart", "block", "stop", "ignore", "standby", "fence"};

// An id in the CIB, which is an XML name.
MaybeProblem CheckResourceName(const std::string& path, absl::string_view name) {
  const bool good = !name.empty() && name.size() <= kLongestName && OnlyAlnumAnd("_-.", name) &&
                    (absl::ascii_isalpha(name[0]) || name[0] == '_');
  if (!good) {
    return ProblemAt(path, "must be 1 to 63 of letters, digits, '_', '-' and '.', beginning with a letter or '_'");
  }
  if (absl::StartsWith(name, kOurPrefix)) {
    return ProblemAt(path, "must not begin with jettyfleet-, which marks our own entries");
  }
  return std::nullopt;
}

// "auto" is such a name too.
MaybeProblem CheckUnit(const std::string& path, absl::string_view unit) {
  if (absl::EndsWith(unit, ".service")) return ProblemAt(path, "must be given without .service; remove it");
  const bool good = !unit.empty() && unit.size() <= kLongestUnit && OnlyAlnumAnd(":_.@-", unit) &&
                    absl::ascii_isalnum(unit[0]) && !absl::EndsWith(unit, "@");
  if (good) return std::nullopt;
  return ProblemAt(path, "must be the name of a systemd service such as jetty9 or jetty@blue, or auto");
}

MaybeProblem CheckOperations(const std::string& path, const v1::ResourceDescription& resource) {
  const auto check = [&path](absl::string_view key, const google::protobuf::Duration& duration) {
    return CheckDuration(Within(path, key), duration, absl::Seconds(1), absl::Hours(1), absl::Seconds(1));
  };
  if (resource.has_start_timeout()) {
    if (MaybeProblem bad = check("start.timeout", resource.start_timeout())) return bad;
  }
  if (resource.has_stop_timeout()) {
    if (MaybeProblem bad = check("stop.timeout", resource.stop_timeout())) return bad;
  }
  if (MaybeProblem bad = check("monitor.interval", resource.monitor_interval())) return bad;
  if (resource.has_monitor_timeout()) {
    if (MaybeProblem bad = check("monitor.timeout", resource.monitor_timeout())) return bad;
  }
  if (resource.on_fail().empty() || IsOnFail(resource.on_fail())) return std::nullopt;
  return ProblemAt(Within(path, "monitor.on_fail"), absl::StrCat("must be one of ", absl::StrJoin(kOnFail, ", "),
                                                                 "; remove the key to leave it as it is"));
}

MaybeProblem CheckPorts(const std::string& path, const v1::ResourceDescription& resource) {
  if (resource.ports_size() == 0) return ProblemAt(path, "is empty; name the ports that the unit binds");
  if (resource.ports_size() > kMostPorts) return ProblemAt(path, absl::StrCat("more than ", kMostPorts, " ports"));
  std::set<uint32_t> seen;
  for (int i = 0; i < resource.ports_size(); ++i) {
    if (MaybeProblem bad = CheckRange(Item(path, i), resource.ports(i), 1, 65535)) return bad;
    if (!seen.insert(resource.ports(i)).second) {
      return ProblemAt(Item(path, i), absl::StrCat(resource.ports(i), " is given twice"));
    }
  }
  return std::nullopt;
}

MaybeProblem CheckHealth(const std::string& path, const v1::ResourceDescription& resource) {
  const v1::HealthDescription& health = resource.health();
  if (!resource.has_health()) return ProblemAt(path, "is missing; say how to see over HTTP that an instance is well");
  if (MaybeProblem bad = CheckRange(Within(path, "port"), health.port(), 1, 65535)) return bad;
  if (std::find(resource.ports().begin(), resource.ports().end(), health.port()) == resource.ports().end()) {
    return ProblemAt(Within(path, "port"),
                     absl::StrCat(health.port(), " is not among the resource's ports; add it there"));
  }
  const std::string& url_path = health.path();
  if (!absl::StartsWith(url_path, "/") || url_path.size() > kLongestText || !PrintableWithoutSpaces(url_path)) {
    return ProblemAt(Within(path, "path"), "must begin with '/' and hold no spaces");
  }
  if (MaybeProblem bad = CheckRange(Within(path, "status"), health.status(), 100, 599)) return bad;
  if (MaybeProblem bad = CheckDuration(Within(path, "timeout"), health.timeout(), absl::Milliseconds(10),
                                       absl::Minutes(1), absl::Milliseconds(1))) {
    return bad;
  }
  if (MaybeProblem bad = CheckPattern(Within(path, "body"), health.body())) return bad;
  if (health.version().empty()) return std::nullopt;
  return CheckPatternWithGroup(Within(path, "version"), health.version());
}

MaybeProblem CheckInstances(const std::string& path, const v1::ResourceDescription& resource, uint32_t nodes) {
  const std::string clone = Within(path, "clone");
  if (MaybeProblem bad = CheckRange(Within(clone, "max"), resource.clone_max(), 0, kMostInstances)) return bad;
  if (resource.clone_node_max() == 0) {
    return ProblemAt(Within(clone, "node_max"), "0 would keep every node from running an instance; give 1");
  }
  if (resource.clone_node_max() != 1) {
    return ProblemAt(Within(clone, "node_max"),
                     absl::StrCat(resource.clone_node_max(), " instances on one node cannot all bind the fixed port ",
                                  resource.ports(0), "; give 1, and describe a resource with another port"));
  }
  if (nodes > 0 && resource.clone_max() > nodes) {
    return ProblemAt(Within(clone, "max"),
                     absl::StrCat(resource.clone_max(), " instances do not fit on ", nodes, " nodes"));
  }
  const uint32_t instances = resource.clone_max() > 0 ? resource.clone_max() : nodes;
  if (instances > 0 && resource.min_serving() >= instances) {
    return ProblemAt(Within(path, "min_serving"),
                     absl::StrCat(resource.min_serving(), " others cannot serve while one of ", instances,
                                  " instances is out; give ", instances - 1, instances > 1 ? " or less" : ""));
  }
  return CheckRange(Within(path, "min_serving"), resource.min_serving(), 0, kMostInstances);
}

MaybeProblem CheckRecover(const std::string& path, const v1::ResourceDescription& resource) {
  const uint32_t probes = resource.recover_after_failed_probes();
  if (probes == 0) return std::nullopt;
  if (resource.recover() != v1::RECOVER_AT_ONCE) {
    return ProblemAt(Within(path, "after_failed_probes"), "only goes with mode at-once; remove it, or give that mode");
  }
  return CheckRange(Within(path, "after_failed_probes"), probes, 1, kMostFailedProbes);
}

MaybeProblem CheckParallelSafe(const std::string& path, const v1::ParallelSafe& word) {
  if (MaybeProblem bad = CheckText(Within(path, "by"), word.by())) return bad;
  if (MaybeProblem bad = CheckDate(Within(path, "date"), word.date())) return bad;
  return CheckText(Within(path, "evidence"), word.evidence());
}

}  // namespace

bool IsOnFail(absl::string_view text) {
  return std::find(std::begin(kOnFail), std::end(kOnFail), text) != std::end(kOnFail);
}

MaybeProblem CheckResource(const std::string& path, const v1::ResourceDescription& resource, int nodes) {
  if (MaybeProblem bad = CheckResourceName(Within(path, "name"), resource.name())) return bad;
  if (MaybeProblem bad = CheckUnit(Within(path, "unit"), resource.unit())) return bad;
  if (MaybeProblem bad = CheckOperations(Within(path, "operations"), resource)) return bad;
  if (MaybeProblem bad = CheckPorts(Within(path, "ports"), resource)) return bad;
  if (MaybeProblem bad = CheckHealth(Within(path, "health"), resource)) return bad;
  if (MaybeProblem bad = CheckInstances(path, resource, static_cast<uint32_t>(nodes))) return bad;
  if (resource.migration_threshold() != 0) {
    if (MaybeProblem bad =
            CheckRange(Within(path, "migration_threshold"), resource.migration_threshold(), 1, kInfinity)) {
      return bad;
    }
  }
  if (resource.has_failure_timeout()) {
    if (MaybeProblem bad = CheckDuration(Within(path, "failure_timeout"), resource.failure_timeout(), absl::Seconds(1),
                                         absl::Hours(24), absl::Seconds(1))) {
      return bad;
    }
  }
  if (MaybeProblem bad = CheckRecover(Within(path, "recover"), resource)) return bad;
  if (resource.has_paths()) {
    if (MaybeProblem bad = CheckPaths(Within(path, "paths"), resource.paths())) return bad;
  }
  if (resource.has_sessions()) {
    if (MaybeProblem bad = CheckSessions(Within(path, "sessions"), resource.sessions())) return bad;
  }
  if (resource.has_identity()) {
    if (MaybeProblem bad = CheckIdentity(Within(path, "identity"), resource.identity())) return bad;
  }
  if (!resource.has_parallel_safe()) return std::nullopt;
  return CheckParallelSafe(Within(path, "parallel_safe"), resource.parallel_safe());
}

}  // namespace jettyfleet
