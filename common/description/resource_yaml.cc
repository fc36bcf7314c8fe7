#include "common/description/resource_yaml.h"

#include <yaml-cpp/emittermanip.h>

#include <optional>
#include <utility>

#include "absl/strings/string_view.h"
#include "common/description/application_yaml.h"
#include "common/description/yaml_choice.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

constexpr std::pair<const char*, v1::Recover> kRecovers[] = {{"by-monitor", v1::RECOVER_UNSPECIFIED},
                                                             {"at-once", v1::RECOVER_AT_ONCE}};

v1::Answer ToAnswer(std::optional<bool> given) {
  if (!given.has_value()) return v1::ANSWER_UNSPECIFIED;
  return *given ? v1::ANSWER_YES : v1::ANSWER_NO;
}

void ReadHealth(YamlFile& file, const YamlNode& node, const std::string& path, v1::HealthDescription* health) {
  const YamlMap map(file, node, path, {"port", "path", "status", "timeout", "body", "version"});
  health->set_port(map.Number("port"));
  health->set_path(map.String("path", "/"));
  health->set_status(map.Number("status", 200));
  *health->mutable_timeout() = map.Duration("timeout", absl::Seconds(2));
  health->set_body(map.String("body", ""));
  health->set_version(map.String("version", ""));
}

void ReadClone(YamlFile& file, const YamlNode& node, const std::string& path, v1::ResourceDescription* resource) {
  const YamlMap map(file, node, path, {"max", "node_max", "interleave", "ordered"});
  resource->set_clone_max(
      ReadFromOne(file, map, "max", "must be 1 or more; remove the key for as many instances as nodes"));
  resource->set_clone_node_max(map.Number("node_max", 1));
  resource->set_interleave(ToAnswer(map.OptionalBool("interleave")));
  resource->set_ordered(ToAnswer(map.OptionalBool("ordered")));
}

void ReadMonitor(YamlFile& file, const YamlNode& node, const std::string& path, v1::ResourceDescription* resource) {
  const YamlMap map(file, node, path, {"interval", "timeout", "on_fail"});
  const auto timeout = map.OptionalDuration("timeout");
  if (timeout.has_value()) *resource->mutable_monitor_timeout() = *timeout;
  resource->set_on_fail(map.String("on_fail", ""));
  const YamlNode* const interval = map.Find("interval");
  if (interval == nullptr) return;
  if (resource->has_monitor_interval()) {
    return file.Fail(interval->at, map.PathOf("interval"),
                     "means the same as monitor_interval, which is given too; remove monitor_interval");
  }
  *resource->mutable_monitor_interval() = map.Duration("interval", absl::ZeroDuration());
}

std::optional<google::protobuf::Duration> ReadTimeout(YamlFile& file, const YamlMap& operations,
                                                      absl::string_view operation) {
  const YamlNode* const node = operations.Find(operation);
  if (node == nullptr) return std::nullopt;
  return YamlMap(file, *node, operations.PathOf(operation), {"timeout"}).OptionalDuration("timeout");
}

void ReadOperations(YamlFile& file, const YamlNode& node, const std::string& path, v1::ResourceDescription* resource) {
  const YamlMap map(file, node, path, {"start", "stop", "monitor"});
  const auto start = ReadTimeout(file, map, "start");
  if (start.has_value()) *resource->mutable_start_timeout() = *start;
  const auto stop = ReadTimeout(file, map, "stop");
  if (stop.has_value()) *resource->mutable_stop_timeout() = *stop;
  if (const YamlNode* const monitor = map.Find("monitor"); monitor != nullptr) {
    ReadMonitor(file, *monitor, map.PathOf("monitor"), resource);
  }
}

// A word, or a map where there is more to say than the word.
void ReadRecover(YamlFile& file, const YamlMap& resource_map, v1::ResourceDescription* resource) {
  const YamlNode* const node = resource_map.Find("recover");
  if (node == nullptr) return;
  if (node->kind != YamlNode::Kind::kMap) return resource->set_recover(ReadChoice(resource_map, "recover", kRecovers));
  const YamlMap map(file, *node, resource_map.PathOf("recover"), {"mode", "after_failed_probes"});
  resource->set_recover(ReadChoice(map, "mode", kRecovers));
  resource->set_recover_after_failed_probes(
      ReadFromOne(file, map, "after_failed_probes",
                  "must be 1 to 100; remove the key to leave units alone that are active and do not serve"));
}

void EmitDuration(YAML::Emitter& out, const char* key, const google::protobuf::Duration& duration) {
  out << YAML::Key << key << YAML::Value << FormatShortDuration(FromProto(duration));
}

void EmitOperations(YAML::Emitter& out, const v1::ResourceDescription& resource) {
  out << YAML::Key << "operations" << YAML::Value << YAML::BeginMap;
  const auto emit = [&out](const char* operation, const google::protobuf::Duration& timeout) {
    out << YAML::Key << operation << YAML::Value << YAML::Flow << YAML::BeginMap;
    EmitDuration(out, "timeout", timeout);
    out << YAML::EndMap;
  };
  if (resource.has_start_timeout()) emit("start", resource.start_timeout());
  if (resource.has_stop_timeout()) emit("stop", resource.stop_timeout());
  out << YAML::Key << "monitor" << YAML::Value << YAML::Flow << YAML::BeginMap;
  EmitDuration(out, "interval", resource.monitor_interval());
  if (resource.has_monitor_timeout()) EmitDuration(out, "timeout", resource.monitor_timeout());
  if (!resource.on_fail().empty()) out << YAML::Key << "on_fail" << YAML::Value << resource.on_fail();
  out << YAML::EndMap << YAML::EndMap;
}

void EmitClone(YAML::Emitter& out, const v1::ResourceDescription& resource) {
  out << YAML::Key << "clone" << YAML::Value << YAML::Flow << YAML::BeginMap;
  if (resource.clone_max() > 0) out << YAML::Key << "max" << YAML::Value << resource.clone_max();
  out << YAML::Key << "node_max" << YAML::Value << resource.clone_node_max();
  for (const auto& [key, answer] : {std::pair{"interleave", resource.interleave()}, {"ordered", resource.ordered()}}) {
    if (answer != v1::ANSWER_UNSPECIFIED) out << YAML::Key << key << YAML::Value << (answer == v1::ANSWER_YES);
  }
  out << YAML::EndMap;
}

void EmitRecover(YAML::Emitter& out, const v1::ResourceDescription& resource) {
  if (resource.recover() != v1::RECOVER_AT_ONCE) return;
  const char* const mode = NameOf(resource.recover(), kRecovers);
  out << YAML::Key << "recover" << YAML::Value;
  if (resource.recover_after_failed_probes() == 0) {
    out << mode;
    return;
  }
  out << YAML::Flow << YAML::BeginMap << YAML::Key << "mode" << YAML::Value << mode;
  out << YAML::Key << "after_failed_probes" << YAML::Value << resource.recover_after_failed_probes() << YAML::EndMap;
}

void EmitHealth(YAML::Emitter& out, const v1::HealthDescription& health) {
  out << YAML::Key << "health" << YAML::Value << YAML::BeginMap;
  out << YAML::Key << "port" << YAML::Value << health.port();
  out << YAML::Key << "path" << YAML::Value << health.path();
  out << YAML::Key << "status" << YAML::Value << health.status();
  EmitDuration(out, "timeout", health.timeout());
  if (!health.body().empty()) out << YAML::Key << "body" << YAML::Value << YAML::DoubleQuoted << health.body();
  if (!health.version().empty()) out << YAML::Key << "version" << YAML::Value << YAML::DoubleQuoted << health.version();
  out << YAML::EndMap;
}

}  // namespace

void ReadResource(YamlFile& file, const YamlNode& node, const std::string& path, v1::ResourceDescription* resource) {
  const YamlMap map(
      file, node, path,
      {"name", "unit", "monitor_interval", "operations", "clone", "ports", "health", "min_serving",
       "migration_threshold", "failure_timeout", "paths", "sessions", "identity", "parallel_safe", "recover"});
  resource->set_name(map.String("name"));
  resource->set_unit(map.String("unit"));
  // The older, shorter way to write operations.monitor.interval.
  const auto interval = map.OptionalDuration("monitor_interval");
  if (map.Find("monitor_interval") != nullptr) {
    *resource->mutable_monitor_interval() = interval.value_or(google::protobuf::Duration());
    file.NoteAs(path + ".operations.monitor.interval", map.PathOf("monitor_interval"));
  }
  if (const YamlNode* const operations = map.Find("operations"); operations != nullptr) {
    ReadOperations(file, *operations, map.PathOf("operations"), resource);
  }
  if (!resource->has_monitor_interval()) *resource->mutable_monitor_interval() = ToProto(absl::Seconds(10));
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
  resource->set_migration_threshold(
      ReadFromOne(file, map, "migration_threshold", "must be 1 to 1000000; remove the key to leave it as it is"));
  const auto failure_timeout = map.OptionalDuration("failure_timeout");
  if (failure_timeout.has_value()) *resource->mutable_failure_timeout() = *failure_timeout;
  ReadApplication(file, map, resource);
  ReadRecover(file, map, resource);
}

void EmitResource(YAML::Emitter& out, const v1::ResourceDescription& resource) {
  out << YAML::BeginMap;
  out << YAML::Key << "name" << YAML::Value << resource.name();
  out << YAML::Key << "unit" << YAML::Value << resource.unit();
  EmitOperations(out, resource);
  EmitClone(out, resource);
  out << YAML::Key << "ports" << YAML::Value << YAML::Flow << YAML::BeginSeq;
  for (const uint32_t port : resource.ports()) out << port;
  out << YAML::EndSeq;
  EmitHealth(out, resource.health());
  out << YAML::Key << "min_serving" << YAML::Value << resource.min_serving();
  if (resource.migration_threshold() > 0) {
    out << YAML::Key << "migration_threshold" << YAML::Value << resource.migration_threshold();
  }
  if (resource.has_failure_timeout()) EmitDuration(out, "failure_timeout", resource.failure_timeout());
  EmitApplication(out, resource);
  EmitRecover(out, resource);
  out << YAML::EndMap;
}

}  // namespace jettyfleet
