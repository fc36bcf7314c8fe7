#include "common/description/description_yaml.h"

#include <yaml-cpp/emitter.h>
#include <yaml-cpp/emittermanip.h>

#include <map>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/description/overrides_yaml.h"
#include "common/description/resource_yaml.h"
#include "common/description/validate.h"
#include "common/description/yaml_reader.h"
#include "common/description/yaml_tree.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

constexpr char kApiVersion[] = "jettyfleet/v1";
constexpr char kKind[] = "Cluster";

// A map whose keys are cluster nodes. `values` says in messages what stands on the other side.
void ReadNodeMap(YamlFile& file, const YamlNode& node, const std::string& path, absl::string_view values,
                 google::protobuf::Map<std::string, std::string>* map) {
  file.Note(path, node.at);
  if (node.kind != YamlNode::Kind::kMap || node.keys.empty()) {
    return file.Fail(node.at, path, absl::StrCat("must be a map of node: ", values, " with at least one entry"));
  }
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const std::string key_path = absl::StrCat(path, ".", node.keys[i].text);
    file.Note(key_path, node.keys[i].at);
    (*map)[node.keys[i].text] = ReadString(file, node.values[i], key_path);
  }
}

void ReadLoadBalancer(YamlFile& file, const YamlNode& node, const std::string& path,
                      v1::LoadBalancerDescription* balancer) {
  const YamlMap map(file, node, path, {"host", "resource", "backend", "servers"});
  balancer->set_host(map.String("host"));
  balancer->set_resource(map.String("resource"));
  balancer->set_backend(map.String("backend"));
  if (const YamlNode* const servers = map.Require("servers"); servers != nullptr) {
    ReadNodeMap(file, *servers, map.PathOf("servers"), "server", balancer->mutable_servers());
  }
}

void ReadTraffic(YamlFile& file, const YamlNode& node, v1::TrafficDescription* traffic) {
  const YamlMap map(file, node, "traffic",
                    {"url", "requests_per_second", "virtual_users", "timeout", "counter_pattern", "node_pattern"});
  traffic->set_url(map.String("url"));
  traffic->set_requests_per_second(map.Number("requests_per_second", 50));
  traffic->set_virtual_users(map.Number("virtual_users", 20));
  *traffic->mutable_timeout() = map.Duration("timeout", absl::Seconds(2));
  traffic->set_counter_pattern(map.String("counter_pattern", ""));
  traffic->set_node_pattern(map.String("node_pattern", ""));
}

// Whose file this is at all is asked first: in something quite different every key would be unknown.
void CheckKind(YamlFile& file, const YamlNode& root) {
  if (root.kind != YamlNode::Kind::kMap) return;
  for (const auto& [key, wanted] : std::map<std::string, std::string>{{"apiVersion", kApiVersion}, {"kind", kKind}}) {
    std::optional<std::size_t> found;
    for (std::size_t i = 0; i < root.keys.size(); ++i) {
      if (root.keys[i].text == key) found = i;
    }
    if (!found.has_value()) {
      file.Fail(root.at, key, absl::StrCat("is missing; add ", key, ": ", wanted));
    } else if (root.values[*found].text != wanted) {
      file.Fail(root.values[*found].at, key,
                absl::StrCat(QuoteInput(root.values[*found].text), " is not supported; only ", wanted, " is"));
    }
  }
}

void ReadCluster(YamlFile& file, const YamlNode& root, v1::ClusterDescription* description) {
  const YamlMap map(
      file, root, "",
      {"apiVersion", "kind", "cluster", "nodes", "addresses", "resources", "load_balancers", "traffic", "checks"});
  description->set_cluster(map.String("cluster"));
  for (const YamlNode* const node : map.List("nodes")) description->add_nodes(ReadString(file, *node, "nodes"));
  if (const YamlNode* const addresses = map.Find("addresses"); addresses != nullptr) {
    ReadNodeMap(file, *addresses, "addresses", "address", description->mutable_addresses());
  }
  map.Require("resources");
  for (const YamlNode* const node : map.List("resources")) {
    const std::string path = absl::StrCat("resources[", description->resources_size(), "]");
    ReadResource(file, *node, path, description->add_resources());
  }
  for (const YamlNode* const node : map.List("load_balancers")) {
    const std::string path = absl::StrCat("load_balancers[", description->load_balancers_size(), "]");
    ReadLoadBalancer(file, *node, path, description->add_load_balancers());
  }
  if (const YamlNode* const traffic = map.Find("traffic"); traffic != nullptr) {
    ReadTraffic(file, *traffic, description->mutable_traffic());
  }
  for (const YamlNode* const node : map.List("checks")) {
    const std::string path = absl::StrCat("checks[", description->checks_size(), "]");
    ReadOverride(file, *node, path, description->add_checks());
  }
}

void EmitNodeMap(YAML::Emitter& out, const google::protobuf::Map<std::string, std::string>& map) {
  out << YAML::BeginMap;
  // Sorted: a protobuf map has no order of its own.
  const std::map<std::string, std::string> sorted(map.begin(), map.end());
  for (const auto& [node, value] : sorted) out << YAML::Key << node << YAML::Value << value;
  out << YAML::EndMap;
}

void EmitLoadBalancer(YAML::Emitter& out, const v1::LoadBalancerDescription& balancer) {
  out << YAML::BeginMap;
  out << YAML::Key << "host" << YAML::Value << balancer.host();
  out << YAML::Key << "resource" << YAML::Value << balancer.resource();
  out << YAML::Key << "backend" << YAML::Value << balancer.backend();
  out << YAML::Key << "servers" << YAML::Value;
  EmitNodeMap(out, balancer.servers());
  out << YAML::EndMap;
}

void EmitTraffic(YAML::Emitter& out, const v1::TrafficDescription& traffic) {
  out << YAML::BeginMap;
  out << YAML::Key << "url" << YAML::Value << traffic.url();
  out << YAML::Key << "requests_per_second" << YAML::Value << traffic.requests_per_second();
  out << YAML::Key << "virtual_users" << YAML::Value << traffic.virtual_users();
  out << YAML::Key << "timeout" << YAML::Value << FormatShortDuration(FromProto(traffic.timeout()));
  for (const auto& [key, pattern] :
       {std::pair{"counter_pattern", traffic.counter_pattern()}, {"node_pattern", traffic.node_pattern()}}) {
    if (!pattern.empty()) out << YAML::Key << key << YAML::Value << YAML::DoubleQuoted << pattern;
  }
  out << YAML::EndMap;
}

}  // namespace

absl::StatusOr<v1::ClusterDescription> ParseDescription(absl::string_view yaml, absl::string_view file_name) {
  const absl::StatusOr<YamlNode> root = ParseYaml(yaml, file_name);
  if (!root.ok()) return root.status();
  YamlFile file{std::string(file_name)};
  v1::ClusterDescription description;
  CheckKind(file, *root);
  ReadCluster(file, *root, &description);
  if (!file.status().ok()) return file.status();
  if (const std::optional<DescriptionProblem> problem = FindProblem(description); problem.has_value()) {
    file.FailAtPath(problem->path, problem->what);
    return file.status();
  }
  return description;
}

absl::Status ErrorInDescription(absl::string_view yaml, absl::string_view file_name, const std::string& path,
                                absl::string_view what) {
  const absl::StatusOr<YamlNode> root = ParseYaml(yaml, file_name);
  if (!root.ok()) return root.status();
  YamlFile file{std::string(file_name)};
  v1::ClusterDescription description;
  ReadCluster(file, *root, &description);
  file.FailAtPath(path, what);
  return file.status();
}

std::string EmitDescription(const v1::ClusterDescription& description) {
  YAML::Emitter out;
  out << YAML::BeginMap;
  out << YAML::Key << "apiVersion" << YAML::Value << kApiVersion;
  out << YAML::Key << "kind" << YAML::Value << kKind;
  out << YAML::Key << "cluster" << YAML::Value << description.cluster();
  if (description.nodes_size() > 0) {
    out << YAML::Key << "nodes" << YAML::Value << YAML::Flow << YAML::BeginSeq;
    for (const std::string& node : description.nodes()) out << node;
    out << YAML::EndSeq;
  }
  if (!description.addresses().empty()) {
    out << YAML::Key << "addresses" << YAML::Value;
    EmitNodeMap(out, description.addresses());
  }
  out << YAML::Key << "resources" << YAML::Value << YAML::BeginSeq;
  for (const v1::ResourceDescription& resource : description.resources()) EmitResource(out, resource);
  out << YAML::EndSeq;
  if (description.load_balancers_size() > 0) {
    out << YAML::Key << "load_balancers" << YAML::Value << YAML::BeginSeq;
    for (const v1::LoadBalancerDescription& balancer : description.load_balancers()) EmitLoadBalancer(out, balancer);
    out << YAML::EndSeq;
  }
  if (description.has_traffic()) {
    out << YAML::Key << "traffic" << YAML::Value;
    EmitTraffic(out, description.traffic());
  }
  if (description.checks_size() > 0) {
    out << YAML::Key << "checks" << YAML::Value;
    EmitOverrides(out, description.checks());
  }
  out << YAML::EndMap;
  return absl::StrCat(out.c_str(), "\n");
}

}  // namespace jettyfleet
