#include "common/description/application_yaml.h"

#include <yaml-cpp/emittermanip.h>

#include <string>
#include <utility>

#include "common/description/yaml_choice.h"

namespace jettyfleet {
namespace {

using Sessions = v1::SessionsDescription;
using Texts = google::protobuf::RepeatedPtrField<std::string>;

constexpr std::pair<const char*, Sessions::Affinity> kAffinities[] = {{"cookie", Sessions::AFFINITY_COOKIE},
                                                                      {"worker-name", Sessions::AFFINITY_WORKER_NAME},
                                                                      {"none", Sessions::AFFINITY_NONE}};
constexpr std::pair<const char*, Sessions::Store> kStores[] = {
    {"memory", Sessions::STORE_MEMORY}, {"jdbc", Sessions::STORE_JDBC}, {"file", Sessions::STORE_FILE},
    {"other", Sessions::STORE_OTHER},   {"none", Sessions::STORE_NONE},
};
// Jetty's own name for its session cookie; the other one the load balancer sets, so it must not be the same.
constexpr char kWorkerNameCookie[] = "JSESSIONID";
constexpr char kAffinityCookie[] = "JETTYFLEET";

void ReadTexts(YamlFile& file, const YamlMap& map, absl::string_view key, Texts* texts) {
  for (const YamlNode* const item : map.List(key)) *texts->Add() = ReadString(file, *item, map.PathOf(key));
}

void ReadPaths(YamlFile& file, const YamlNode& node, const std::string& path, v1::PathsDescription* paths) {
  const YamlMap map(file, node, path, {"local", "shared", "volatile", "min_free_percent"});
  ReadTexts(file, map, "local", paths->mutable_local());
  ReadTexts(file, map, "shared", paths->mutable_shared());
  ReadTexts(file, map, "volatile", paths->mutable_volatile_());
  paths->set_min_free_percent(
      ReadFromOne(file, map, "min_free_percent", "must be 1 to 99; silence the check paths.space to allow any"));
}

void ReadSessions(YamlFile& file, const YamlNode& node, const std::string& path, Sessions* sessions) {
  const YamlMap map(file, node, path, {"affinity", "store", "cache_null", "cookie", "store_address"});
  sessions->set_affinity(ReadChoice(map, "affinity", kAffinities));
  sessions->set_store(ReadChoice(map, "store", kStores));
  sessions->set_cache_null(map.OptionalBool("cache_null").value_or(false));
  const char* usual = "";
  if (sessions->affinity() == Sessions::AFFINITY_COOKIE) usual = kAffinityCookie;
  if (sessions->affinity() == Sessions::AFFINITY_WORKER_NAME) usual = kWorkerNameCookie;
  sessions->set_cookie(map.String("cookie", usual));
  sessions->set_store_address(map.String("store_address", ""));
}

void ReadParallelSafe(YamlFile& file, const YamlNode& node, const std::string& path, v1::ParallelSafe* parallel_safe) {
  const YamlMap map(file, node, path, {"by", "date", "evidence"});
  parallel_safe->set_by(map.String("by"));
  parallel_safe->set_date(map.String("date"));
  parallel_safe->set_evidence(map.String("evidence"));
}

void ReadIdentity(YamlFile& file, const YamlNode& node, const std::string& path, v1::IdentityDescription* identity) {
  const YamlMap map(file, node, path, {"archives", "configuration", "may_differ"});
  ReadTexts(file, map, "archives", identity->mutable_archives());
  ReadTexts(file, map, "configuration", identity->mutable_configuration());
  ReadTexts(file, map, "may_differ", identity->mutable_may_differ());
}

void EmitTexts(YAML::Emitter& out, const char* key, const Texts& texts) {
  if (texts.empty()) return;
  out << YAML::Key << key << YAML::Value << YAML::BeginSeq;
  for (const std::string& text : texts) out << text;
  out << YAML::EndSeq;
}

void EmitPaths(YAML::Emitter& out, const v1::PathsDescription& paths) {
  out << YAML::Key << "paths" << YAML::Value << YAML::BeginMap;
  EmitTexts(out, "local", paths.local());
  EmitTexts(out, "shared", paths.shared());
  EmitTexts(out, "volatile", paths.volatile_());
  if (paths.min_free_percent() > 0) {
    out << YAML::Key << "min_free_percent" << YAML::Value << paths.min_free_percent();
  }
  out << YAML::EndMap;
}

void EmitSessions(YAML::Emitter& out, const Sessions& sessions) {
  out << YAML::Key << "sessions" << YAML::Value << YAML::BeginMap;
  out << YAML::Key << "affinity" << YAML::Value << NameOf(sessions.affinity(), kAffinities);
  out << YAML::Key << "store" << YAML::Value << NameOf(sessions.store(), kStores);
  out << YAML::Key << "cache_null" << YAML::Value << sessions.cache_null();
  if (!sessions.cookie().empty()) out << YAML::Key << "cookie" << YAML::Value << sessions.cookie();
  if (!sessions.store_address().empty()) {
    out << YAML::Key << "store_address" << YAML::Value << YAML::DoubleQuoted << sessions.store_address();
  }
  out << YAML::EndMap;
}

void EmitParallelSafe(YAML::Emitter& out, const v1::ParallelSafe& parallel_safe) {
  out << YAML::Key << "parallel_safe" << YAML::Value << YAML::BeginMap;
  out << YAML::Key << "by" << YAML::Value << parallel_safe.by();
  out << YAML::Key << "date" << YAML::Value << parallel_safe.date();
  out << YAML::Key << "evidence" << YAML::Value << parallel_safe.evidence();
  out << YAML::EndMap;
}

void EmitIdentity(YAML::Emitter& out, const v1::IdentityDescription& identity) {
  out << YAML::Key << "identity" << YAML::Value << YAML::BeginMap;
  EmitTexts(out, "archives", identity.archives());
  EmitTexts(out, "configuration", identity.configuration());
  if (!identity.may_differ().empty()) {
    out << YAML::Key << "may_differ" << YAML::Value << YAML::BeginSeq;
    for (const std::string& pattern : identity.may_differ()) out << YAML::DoubleQuoted << pattern;
    out << YAML::EndSeq;
  }
  out << YAML::EndMap;
}

}  // namespace

void ReadApplication(YamlFile& file, const YamlMap& map, v1::ResourceDescription* resource) {
  if (const YamlNode* const paths = map.Find("paths"); paths != nullptr) {
    ReadPaths(file, *paths, map.PathOf("paths"), resource->mutable_paths());
  }
  if (const YamlNode* const sessions = map.Find("sessions"); sessions != nullptr) {
    ReadSessions(file, *sessions, map.PathOf("sessions"), resource->mutable_sessions());
  }
  if (const YamlNode* const identity = map.Find("identity"); identity != nullptr) {
    ReadIdentity(file, *identity, map.PathOf("identity"), resource->mutable_identity());
  }
  if (const YamlNode* const parallel_safe = map.Find("parallel_safe"); parallel_safe != nullptr) {
    ReadParallelSafe(file, *parallel_safe, map.PathOf("parallel_safe"), resource->mutable_parallel_safe());
  }
}

void EmitApplication(YAML::Emitter& out, const v1::ResourceDescription& resource) {
  if (resource.has_paths()) EmitPaths(out, resource.paths());
  if (resource.has_sessions()) EmitSessions(out, resource.sessions());
  if (resource.has_identity()) EmitIdentity(out, resource.identity());
  if (resource.has_parallel_safe()) EmitParallelSafe(out, resource.parallel_safe());
}

}  // namespace jettyfleet
