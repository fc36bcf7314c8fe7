#include "common/description/overrides_yaml.h"

#include <yaml-cpp/emittermanip.h>

#include <utility>

#include "common/description/yaml_choice.h"

namespace jettyfleet {
namespace {

constexpr std::pair<const char*, v1::Severity> kSeverities[] = {{"info", v1::SEVERITY_INFO},
                                                                {"warning", v1::SEVERITY_WARNING}};

}  // namespace

void ReadOverride(YamlFile& file, const YamlNode& node, const std::string& path, v1::CheckOverride* override_) {
  const YamlMap map(file, node, path, {"id", "severity", "reason", "until"});
  override_->set_id(map.String("id"));
  if (map.Find("severity") != nullptr) override_->set_severity(ReadChoice(map, "severity", kSeverities));
  override_->set_reason(map.String("reason"));
  override_->set_until(map.String("until"));
}

void EmitOverrides(YAML::Emitter& out, const google::protobuf::RepeatedPtrField<v1::CheckOverride>& overrides) {
  out << YAML::BeginSeq;
  for (const v1::CheckOverride& override_ : overrides) {
    out << YAML::BeginMap;
    out << YAML::Key << "id" << YAML::Value << override_.id();
    if (override_.severity() != v1::SEVERITY_UNSPECIFIED) {
      out << YAML::Key << "severity" << YAML::Value << NameOf(override_.severity(), kSeverities);
    }
    out << YAML::Key << "reason" << YAML::Value << override_.reason();
    out << YAML::Key << "until" << YAML::Value << override_.until();
    out << YAML::EndMap;
  }
  out << YAML::EndSeq;
}

}  // namespace jettyfleet
