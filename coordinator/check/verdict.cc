#include "coordinator/check/verdict.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace jettyfleet {
namespace {

Verdict Make(v1::Answer passed, std::string summary) {
  Verdict verdict;
  verdict.passed = passed;
  verdict.summary = std::move(summary);
  return verdict;
}

std::string On(const std::vector<std::string>& hosts) { return absl::StrCat(" on ", absl::StrJoin(hosts, ", ")); }

}  // namespace

Verdict Passed(std::string summary) { return Make(v1::ANSWER_YES, std::move(summary)); }
Verdict Failed(std::string summary) { return Make(v1::ANSWER_NO, std::move(summary)); }
Verdict Unknown(std::string summary) { return Make(v1::ANSWER_UNSPECIFIED, std::move(summary)); }

Seen Good(std::string text) { return {true, true, std::move(text)}; }
Seen Bad(std::string text) { return {true, false, std::move(text)}; }
Seen NotSeen(std::string why) { return {false, false, std::move(why)}; }

Verdict OnEach(const std::vector<std::string>& hosts, const std::function<Seen(const std::string& host)>& look,
               const std::string& when_good, const std::string& when_bad) {
  if (hosts.empty()) return Unknown("no host is known");
  std::vector<std::pair<std::string, std::string>> evidence;
  std::vector<std::string> bad;
  std::vector<std::string> unknown;
  for (const std::string& host : hosts) {
    const Seen seen = look(host);
    if (!seen.text.empty()) evidence.emplace_back(host, seen.text);
    if (!seen.known) {
      unknown.push_back(host);
    } else if (!seen.good) {
      bad.push_back(host);
    }
  }
  Verdict verdict = Passed(when_good);
  if (!bad.empty()) {
    verdict = Failed(when_bad + On(bad));
    verdict.hosts = std::move(bad);
  } else if (!unknown.empty()) {
    verdict = Unknown("not known" + On(unknown));
    verdict.hosts = std::move(unknown);
  }
  verdict.evidence = std::move(evidence);
  return verdict;
}

Verdict SameOnAll(const std::vector<std::string>& hosts,
                  const std::function<std::optional<std::string>(const std::string& host)>& value,
                  const std::string& what) {
  std::map<std::string, std::vector<std::string>> by_value;
  std::vector<std::string> unknown;
  std::vector<std::pair<std::string, std::string>> evidence;
  for (const std::string& host : hosts) {
    const std::optional<std::string> seen = value(host);
    evidence.emplace_back(host, seen.value_or("not known"));
    if (seen.has_value()) {
      by_value[*seen].push_back(host);
    } else {
      unknown.push_back(host);
    }
  }
  Verdict verdict = Passed(absl::StrCat(what, by_value.empty() ? "" : absl::StrCat(": ", by_value.begin()->first)));
  if (by_value.size() > 1) {
    verdict = Failed(absl::StrCat(what, ": ", by_value.size(), " different ones"));
  } else if (!unknown.empty() || hosts.empty()) {
    verdict = Unknown(absl::StrCat(what, ": not known", unknown.empty() ? "" : On(unknown)));
    verdict.hosts = std::move(unknown);
  }
  verdict.evidence = std::move(evidence);
  return verdict;
}

std::vector<std::string> Nodes(const CheckInput& input) {
  std::set<std::string> nodes;
  for (const auto& [node, host] : input.view.nodes) nodes.insert(node);
  if (const v1::ClusterFact* const cluster = DcCluster(input); cluster != nullptr) {
    for (const v1::ClusterNodeFact& node : cluster->nodes()) nodes.insert(node.name());
  }
  return {nodes.begin(), nodes.end()};
}

std::vector<std::string> NodesOf(const CheckInput& input) {
  const auto& described = input.view.description.nodes();
  return described.empty() ? Nodes(input) : std::vector<std::string>(described.begin(), described.end());
}

const HostView* FreshHost(const CheckInput& input, const std::string& host, absl::Time Freshness::*fresh) {
  auto found = input.view.nodes.find(host);
  if (found == input.view.nodes.end()) {
    found = input.view.load_balancers.find(host);
    if (found == input.view.load_balancers.end()) return nullptr;
  }
  return found->second.connected && found->second.fresh.*fresh >= input.since ? &found->second : nullptr;
}

const v1::ClusterFact* DcCluster(const CheckInput& input) {
  const std::string dc = QuorateDc(input.view);
  const HostView* const host = dc.empty() ? nullptr : FreshHost(input, dc, &Freshness::cluster);
  return host == nullptr ? nullptr : &host->report.cluster();
}

const v1::CibFact* DcCib(const CheckInput& input) {
  const std::string dc = QuorateDc(input.view);
  const HostView* const host = dc.empty() ? nullptr : FreshHost(input, dc, &Freshness::cib);
  return host == nullptr || !host->report.cib().error().empty() ? nullptr : &host->report.cib();
}

const v1::Inspection* InspectionOf(const CheckInput& input, const std::string& node) {
  const auto found = input.hosts.find(node);
  return found == input.hosts.end() || !found->second.inspection.ok() ? nullptr : &*found->second.inspection;
}

const v1::ResourceInspection* InspectionOf(const CheckInput& input, const std::string& node,
                                           const v1::ResourceDescription& resource) {
  const v1::Inspection* const inspection = InspectionOf(input, node);
  if (inspection == nullptr) return nullptr;
  for (const v1::ResourceInspection& inspected : inspection->resources()) {
    if (inspected.resource() == resource.name()) return &inspected;
  }
  return nullptr;
}

std::string WhyNotInspected(const CheckInput& input, const std::string& node) {
  const auto found = input.hosts.find(node);
  if (found == input.hosts.end()) return "no agent is connected";
  const absl::StatusOr<v1::Inspection>& inspection = found->second.inspection;
  if (!inspection.ok()) return std::string(inspection.status().message());
  return inspection->error().empty() ? "the inspection does not speak of it" : inspection->error();
}

std::optional<std::string> SettingOf(const v1::UnitSettingsFact& unit, const std::string& name) {
  for (const v1::SettingFact& setting : unit.settings()) {
    if (setting.name() == name) return setting.value();
  }
  return std::nullopt;
}

std::vector<v1::InstanceFact> InstancesOf(const CheckInput& input, const v1::ResourceDescription& resource) {
  std::vector<v1::InstanceFact> instances;
  const v1::ClusterFact* const cluster = DcCluster(input);
  if (cluster == nullptr) return instances;
  for (const v1::InstanceFact& instance : cluster->instances()) {
    if (instance.agent() == absl::StrCat("systemd:", resource.unit())) instances.push_back(instance);
  }
  return instances;
}

std::vector<std::string> RunningNodes(const CheckInput& input, const v1::ResourceDescription& resource) {
  const std::vector<std::string> allowed = NodesOf(input);
  std::set<std::string> running;
  for (const v1::InstanceFact& instance : InstancesOf(input, resource)) {
    if (instance.role() != "Started") continue;
    for (const std::string& node : instance.nodes()) {
      if (std::count(allowed.begin(), allowed.end(), node) > 0) running.insert(node);
    }
  }
  return {running.begin(), running.end()};
}

bool IsListed(const google::protobuf::RepeatedPtrField<std::string>& listed, const std::string& path) {
  return std::any_of(listed.begin(), listed.end(), [&](const std::string& one) {
    return path == one || absl::StartsWith(path, absl::EndsWith(one, "/") ? one : absl::StrCat(one, "/"));
  });
}

std::string Hex(const std::string& bytes, std::size_t most) {
  return absl::BytesToHexString(absl::string_view(bytes).substr(0, most));
}

}  // namespace jettyfleet
