#include "common/description/description_yaml.h"

#include <yaml-cpp/emitter.h>
#include <yaml-cpp/emittermanip.h>

#include <map>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/description/validate.h"
#include "common/description/yaml_reader.h"
#include "common/description/yaml_tree.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

constexpr char kApiVersion[] = "jettyfleet/v1";
constexpr char kKind[] = "Cluster";

void ReadHealth(YamlFile& file, const YamlNode& node, const std::string& path, v1::HealthDescription* health) {
  const YamlMap map(file, node, path, {"port", "path", "status", "timeout"});
  health->set_port(map.Number("port"));
  health->set_path(map.String("path", "/"));
  health->set_status(map.Number("status", 200));
  *health->mutable_timeout() = map.Duration("timeout", absl::Seconds(2));
}

void ReadClone(YamlFile& file, const YamlNode& node, const std::string& path, v1::ResourceDescription* resource) {
  const YamlMap map(file, node, path, {"max", "node_max"});
  resource->set_clone_node_max(map.Number("node_max", 1));
  const YamlNode* const max = map.Find("max");
  if (max == nullptr) return;
  resource->set_clone_max(ReadNumber(file, *max, map.PathOf("max")));
  // 0 in the message means "as many as nodes"; written down it can only be a mistake.
  if (resource->clone_max() == 0) {
    file.Fail(max->at, map.PathOf("max"), "must be 1 or more; remove the key for as many instances as nodes");
  }
}

void ReadResource(YamlFile& file, const YamlNode& node, const std::string& path, v1::ResourceDescription* resource) {
  const YamlMap map(file, node, path, {"name", "unit", "monitor_interval", "clone", "ports", "health", "min_serving"});
  resource->set_name(map.String("name"));
  resource->set_unit(map.String("unit"));
  *resource->mutable_monitor_interval() = map.Duration("monitor_interval", absl::Seconds(10));
  resource->set_clone_node_max(1);
  if (const YamlNode* const clone = map.Find("clone"); clone != nullptr) {
    ReadClone(file, *clone, map.PathOf("clone"), resource);
  }
  if (const YamlNode* const health = map.Require("health"); health != nullptr) {
    ReadHealth(file, *health, map.PathOf("health"), resource->mutable_health());
  }
  for (const YamlNode* const port : map.List("ports")) {
    resource->add_ports(ReadNumber(file, *port, map.PathOf("ports")));
  }
  if (map.Find("ports") == nullptr) resource->add_ports(resource->health().port());
  resource->set_min_serving(map.Number("min_serving", 1));
}

void ReadServers(YamlFile& file, const YamlNode& node, const std::string& path, v1::LoadBalancerDescription* balancer) {
  file.Note(path, node.at);
  if (node.kind != YamlNode::Kind::kMap) {
    return file.Fail(node.at, path, "must be a map of node: server");
  }
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const std::string key_path = absl::StrCat(path, ".", node.keys[i].text);
    file.Note(key_path, node.keys[i].at);
    (*balancer->mutable_servers())[node.keys[i].text] = ReadString(file, node.values[i], key_path);
  }
}

void ReadLoadBalancer(YamlFile& file, const YamlNode& node, const std::string& path,
                      v1::LoadBalancerDescription* balancer) {
  const YamlMap map(file, node, path, {"host", "resource", "backend", "servers"});
  balancer->set_host(map.String("host"));
  balancer->set_resource(map.String("resource"));
  balancer->set_backend(map.String("backend"));
  if (const YamlNode* const servers = map.Require("servers"); servers != nullptr) {
    ReadServers(file, *servers, map.PathOf("servers"), balancer);
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
  const YamlMap map(file, root, "",
                    {"apiVersion", "kind", "cluster", "nodes", "resources", "load_balancers", "traffic"});
  description->set_cluster(map.String("cluster"));
  for (const YamlNode* const node : map.List("nodes")) description->add_nodes(ReadString(file, *node, "nodes"));
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
}

void EmitResource(YAML::Emitter& out, const v1::ResourceDescription& resource) {
  out << YAML::BeginMap;
  out << YAML::Key << "name" << YAML::Value << resource.name();
  out << YAML::Key << "unit" << YAML::Value << resource.unit();
  out << YAML::Key << "monitor_interval" << YAML::Value << FormatShortDuration(FromProto(resource.monitor_interval()));
  out << YAML::Key << "clone" << YAML::Value << YAML::Flow << YAML::BeginMap;
  if (resource.clone_max() > 0) out << YAML::Key << "max" << YAML::Value << resource.clone_max();
  out << YAML::Key << "node_max" << YAML::Value << resource.clone_node_max() << YAML::EndMap;
  out << YAML::Key << "ports" << YAML::Value << YAML::Flow << YAML::BeginSeq;
  for (const uint32_t port : resource.ports()) out << port;
  out << YAML::EndSeq;
  out << YAML::Key << "health" << YAML::Value << YAML::BeginMap;
  out << YAML::Key << "port" << YAML::Value << resource.health().port();
  out << YAML::Key << "path" << YAML::Value << resource.health().path();
  out << YAML::Key << "status" << YAML::Value << resource.health().status();
  out << YAML::Key << "timeout" << YAML::Value << FormatShortDuration(FromProto(resource.health().timeout()));
  out << YAML::EndMap;
  out << YAML::Key << "min_serving" << YAML::Value << resource.min_serving();
  out << YAML::EndMap;
}

void EmitLoadBalancer(YAML::Emitter& out, const v1::LoadBalancerDescription& balancer) {
  out << YAML::BeginMap;
  out << YAML::Key << "host" << YAML::Value << balancer.host();
  out << YAML::Key << "resource" << YAML::Value << balancer.resource();
  out << YAML::Key << "backend" << YAML::Value << balancer.backend();
  out << YAML::Key << "servers" << YAML::Value << YAML::BeginMap;
  // Sorted: a protobuf map has no order of its own.
  const std::map<std::string, std::string> servers(balancer.servers().begin(), balancer.servers().end());
  for (const auto& [node, server] : servers) out << YAML::Key << node << YAML::Value << server;
  out << YAML::EndMap << YAML::EndMap;
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
  out << YAML::EndMap;
  return absl::StrCat(out.c_str(), "\n");
}

}  // namespace jettyfleet
