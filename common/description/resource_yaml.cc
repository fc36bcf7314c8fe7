#include "common/description/resource_yaml.h"

#include <yaml-cpp/emittermanip.h>

#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

using Sessions = v1::SessionsDescription;

constexpr std::pair<const char*, Sessions::Affinity> kAffinities[] = {{"cookie", Sessions::AFFINITY_COOKIE},
                                                                      {"worker-name", Sessions::AFFINITY_WORKER_NAME},
                                                                      {"none", Sessions::AFFINITY_NONE}};
constexpr std::pair<const char*, Sessions::Store> kStores[] = {{"memory", Sessions::STORE_MEMORY},
                                                               {"jdbc", Sessions::STORE_JDBC},
                                                               {"file", Sessions::STORE_FILE},
                                                               {"other", Sessions::STORE_OTHER}};
constexpr std::pair<const char*, v1::Recover> kRecovers[] = {{"by-monitor", v1::RECOVER_UNSPECIFIED},
                                                             {"at-once", v1::RECOVER_AT_ONCE}};
// Jetty's own name for its session cookie; the other one the load balancer sets, so it must not be the same.
constexpr char kWorkerNameCookie[] = "JSESSIONID";
constexpr char kAffinityCookie[] = "JETTYFLEET";

template <typename Value, std::size_t kSize>
Value ReadChoice(const YamlMap& map, absl::string_view key, const std::pair<const char*, Value> (&known)[kSize]) {
  std::vector<absl::string_view> names;
  for (const auto& [name, value] : known) names.push_back(name);
  const std::string given = map.Choice(key, names);
  for (const auto& [name, value] : known) {
    if (given == name) return value;
  }
  return Value();
}

template <typename Value, std::size_t kSize>
const char* NameOf(Value wanted, const std::pair<const char*, Value> (&known)[kSize]) {
  for (const auto& [name, value] : known) {
    if (value == wanted) return name;
  }
  return "";
}

v1::Answer ToAnswer(std::optional<bool> given) {
  if (!given.has_value()) return v1::ANSWER_UNSPECIFIED;
  return *given ? v1::ANSWER_YES : v1::ANSWER_NO;
}

void ReadHealth(YamlFile& file, const YamlNode& node, const std::string& path, v1::HealthDescription* health) {
  const YamlMap map(file, node, path, {"port", "path", "status", "timeout"});
  health->set_port(map.Number("port"));
  health->set_path(map.String("path", "/"));
  health->set_status(map.Number("status", 200));
  *health->mutable_timeout() = map.Duration("timeout", absl::Seconds(2));
}

// Where 0 stands for "unset" in the message, written down it can only be a mistake.
uint32_t ReadFromOne(YamlFile& file, const YamlMap& map, absl::string_view key, absl::string_view advice) {
  const YamlNode* const node = map.Find(key);
  if (node == nullptr) return 0;
  const uint32_t number = ReadNumber(file, *node, map.PathOf(key));
  if (number == 0) file.Fail(node->at, map.PathOf(key), advice);
  return number;
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

void ReadPaths(YamlFile& file, const YamlNode& node, const std::string& path, v1::PathsDescription* paths) {
  const YamlMap map(file, node, path, {"local", "shared"});
  for (const YamlNode* const item : map.List("local")) paths->add_local(ReadString(file, *item, map.PathOf("local")));
  for (const YamlNode* const item : map.List("shared")) {
    paths->add_shared(ReadString(file, *item, map.PathOf("shared")));
  }
}

void ReadSessions(YamlFile& file, const YamlNode& node, const std::string& path, Sessions* sessions) {
  const YamlMap map(file, node, path, {"affinity", "store", "cache_null", "cookie"});
  sessions->set_affinity(ReadChoice(map, "affinity", kAffinities));
  sessions->set_store(ReadChoice(map, "store", kStores));
  sessions->set_cache_null(map.OptionalBool("cache_null").value_or(false));
  const char* usual = "";
  if (sessions->affinity() == Sessions::AFFINITY_COOKIE) usual = kAffinityCookie;
  if (sessions->affinity() == Sessions::AFFINITY_WORKER_NAME) usual = kWorkerNameCookie;
  sessions->set_cookie(map.String("cookie", usual));
}

void ReadParallelSafe(YamlFile& file, const YamlNode& node, const std::string& path, v1::ParallelSafe* parallel_safe) {
  const YamlMap map(file, node, path, {"by", "date", "evidence"});
  parallel_safe->set_by(map.String("by"));
  parallel_safe->set_date(map.String("date"));
  parallel_safe->set_evidence(map.String("evidence"));
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

void EmitPaths(YAML::Emitter& out, const v1::PathsDescription& paths) {
  out << YAML::Key << "paths" << YAML::Value << YAML::BeginMap;
  for (const auto& [key, list] : {std::pair{"local", &paths.local()}, {"shared", &paths.shared()}}) {
    if (list->empty()) continue;
    out << YAML::Key << key << YAML::Value << YAML::BeginSeq;
    for (const std::string& path : *list) out << path;
    out << YAML::EndSeq;
  }
  out << YAML::EndMap;
}

void EmitSessions(YAML::Emitter& out, const Sessions& sessions) {
  out << YAML::Key << "sessions" << YAML::Value << YAML::BeginMap;
  out << YAML::Key << "affinity" << YAML::Value << NameOf(sessions.affinity(), kAffinities);
  out << YAML::Key << "store" << YAML::Value << NameOf(sessions.store(), kStores);
  out << YAML::Key << "cache_null" << YAML::Value << sessions.cache_null();
  if (!sessions.cookie().empty()) out << YAML::Key << "cookie" << YAML::Value << sessions.cookie();
  out << YAML::EndMap;
}

void EmitHealth(YAML::Emitter& out, const v1::HealthDescription& health) {
  out << YAML::Key << "health" << YAML::Value << YAML::BeginMap;
  out << YAML::Key << "port" << YAML::Value << health.port();
  out << YAML::Key << "path" << YAML::Value << health.path();
  out << YAML::Key << "status" << YAML::Value << health.status();
  EmitDuration(out, "timeout", health.timeout());
  out << YAML::EndMap;
}

}  // namespace

void ReadResource(YamlFile& file, const YamlNode& node, const std::string& path, v1::ResourceDescription* resource) {
  const YamlMap map(file, node, path,
                    {"name", "unit", "monitor_interval", "operations", "clone", "ports", "health", "min_serving",
                     "migration_threshold", "failure_timeout", "paths", "sessions", "parallel_safe", "recover"});
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
  if (const YamlNode* const paths = map.Find("paths"); paths != nullptr) {
    ReadPaths(file, *paths, map.PathOf("paths"), resource->mutable_paths());
  }
  if (const YamlNode* const sessions = map.Find("sessions"); sessions != nullptr) {
    ReadSessions(file, *sessions, map.PathOf("sessions"), resource->mutable_sessions());
  }
  if (const YamlNode* const parallel_safe = map.Find("parallel_safe"); parallel_safe != nullptr) {
    ReadParallelSafe(file, *parallel_safe, map.PathOf("parallel_safe"), resource->mutable_parallel_safe());
  }
  if (map.Find("recover") != nullptr) resource->set_recover(ReadChoice(map, "recover", kRecovers));
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
  if (resource.has_paths()) EmitPaths(out, resource.paths());
  if (resource.has_sessions()) EmitSessions(out, resource.sessions());
  if (resource.recover() == v1::RECOVER_AT_ONCE) {
    out << YAML::Key << "recover" << YAML::Value << NameOf(resource.recover(), kRecovers);
  }
  if (resource.has_parallel_safe()) {
    out << YAML::Key << "parallel_safe" << YAML::Value << YAML::BeginMap;
    out << YAML::Key << "by" << YAML::Value << resource.parallel_safe().by();
    out << YAML::Key << "date" << YAML::Value << resource.parallel_safe().date();
    out << YAML::Key << "evidence" << YAML::Value << resource.parallel_safe().evidence();
    out << YAML::EndMap;
  }
  out << YAML::EndMap;
}

}  // namespace jettyfleet
