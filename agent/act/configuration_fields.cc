#include "agent/act/configuration_fields.h"

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "agent/act/fields.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

constexpr absl::Duration kShortestMonitor = absl::Seconds(1);
constexpr absl::Duration kLongestMonitor = absl::Hours(1);
constexpr absl::Duration kLongestTimeout = absl::Hours(24);
constexpr uint32_t kMostInstances = 1000;
constexpr int kMostMeta = 32;
constexpr std::size_t kLongestConstraintId = 300;

const std::set<std::string>& OnFails() {
  static const std::set<std::string> kOnFails = {"restart", "block", "stop", "ignore", "standby", "fence"};
  return kOnFails;
}

bool IsDigits(absl::string_view text) {
  return !text.empty() && text.size() <= 9 && std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
}

bool IsScore(absl::string_view text) {
  if (absl::StartsWith(text, "-") || absl::StartsWith(text, "+")) text.remove_prefix(1);
  return text == "INFINITY" || IsDigits(text);
}

bool IsBool(absl::string_view text) { return text == "true" || text == "false"; }

bool IsTime(absl::string_view text) {
  for (const absl::string_view unit : {"ms", "s", "m", "h"}) {
    if (absl::EndsWith(text, unit)) return IsDigits(text.substr(0, text.size() - unit.size()));
  }
  return IsDigits(text);
}

bool IsRole(absl::string_view text) { return text == "Started" || text == "Stopped"; }

struct MetaRule {
  absl::string_view name;
  bool (*allows)(absl::string_view value);
};

constexpr MetaRule kMeta[] = {{"clone-max", IsDigits},       {"clone-node-max", IsDigits},
                              {"interleave", IsBool},        {"ordered", IsBool},
                              {"notify", IsBool},            {"globally-unique", IsBool},
                              {"is-managed", IsBool},        {"migration-threshold", IsScore},
                              {"failure-timeout", IsTime},   {"target-role", IsRole},
                              {"resource-stickiness", IsScore}};

std::string Wrong(absl::string_view field, absl::string_view value, absl::string_view want) {
  return absl::StrCat("field ", field, " is '", value.substr(0, 100), "': ", want);
}

std::string NameProblem(absl::string_view field, absl::string_view name) {
  return IsName(name) ? "" : Wrong(field, name, "it must be a name of letters, digits, '_', '-', '.', at most 64");
}

std::string MetaProblem(const google::protobuf::RepeatedPtrField<v1::MetaAttribute>& meta, bool may_remove) {
  if (meta.size() > kMostMeta) return absl::StrCat("field meta has ", meta.size(), " entries, at most ", kMostMeta);
  for (const v1::MetaAttribute& attribute : meta) {
    const auto* const rule = std::find_if(std::begin(kMeta), std::end(kMeta), [&attribute](const MetaRule& one) {
      return one.name == absl::string_view(attribute.name());
    });
    if (rule == std::end(kMeta)) return Wrong("meta", attribute.name(), "not a meta attribute that this agent sets");
    if (attribute.value().empty() ? !may_remove : !rule->allows(attribute.value())) {
      return Wrong(absl::StrCat("meta ", attribute.name()), attribute.value(), "not a value that it can have");
    }
  }
  return "";
}

// Whole seconds: that is how they are written.
std::string TimeProblem(absl::string_view field, bool given, const google::protobuf::Duration& duration,
                        absl::Duration most) {
  if (!given) return "";
  if (duration.nanos() == 0 && FromProto(duration) >= kShortestMonitor && FromProto(duration) <= most) return "";
  return absl::StrCat("field ", field, " is ", duration.seconds(), " s: it must be whole seconds, 1 to ",
                      absl::ToInt64Seconds(most));
}

std::string OnFailProblem(const std::string& on_fail) {
  return on_fail.empty() || OnFails().contains(on_fail)
             ? ""
             : Wrong("on_fail", on_fail, "it must be restart, block, stop, ignore, standby or fence");
}

std::string UnitProblem(const std::string& unit) {
  return IsUnitName(unit) ? "" : Wrong("unit", unit, "it must be a service's name without '.service'");
}

template <typename... Problems>
std::string First(Problems... problems) {
  for (const std::string& problem : {std::string(problems)...}) {
    if (!problem.empty()) return problem;
  }
  return "";
}

bool IsConstraintId(absl::string_view id) {
  return !id.empty() && id.size() <= kLongestConstraintId && (absl::ascii_isalpha(id[0]) || id[0] == '_') &&
         std::all_of(id.begin(), id.end(),
                     [](char c) { return absl::ascii_isalnum(c) || c == '-' || c == '_' || c == '.'; });
}

}  // namespace

std::string ConfigurationProblem(const v1::CreateResource& act) {
  return First(NameProblem("name", act.name()), UnitProblem(act.unit()),
               TimeProblem("monitor_interval", true, act.monitor_interval(), kLongestMonitor),
               TimeProblem("monitor_timeout", act.has_monitor_timeout(), act.monitor_timeout(), kLongestTimeout),
               TimeProblem("start_timeout", act.has_start_timeout(), act.start_timeout(), kLongestTimeout),
               TimeProblem("stop_timeout", act.has_stop_timeout(), act.stop_timeout(), kLongestTimeout),
               OnFailProblem(act.on_fail()), MetaProblem(act.meta(), false));
}

std::string ConfigurationProblem(const v1::CloneResource& act) {
  if (act.clone_max() > kMostInstances || act.clone_node_max() > kMostInstances) {
    return absl::StrCat("fields clone_max and clone_node_max must be at most ", kMostInstances, "; 0 leaves them out");
  }
  return First(NameProblem("name", act.name()), MetaProblem(act.meta(), false));
}

std::string ConfigurationProblem(const v1::SetOperation& act) {
  std::string operation;
  if (act.operation() != "monitor" && act.operation() != "start" && act.operation() != "stop") {
    operation = Wrong("operation", act.operation(), "it must be monitor, start or stop");
  } else if (!act.has_interval() && !act.has_timeout() && act.on_fail().empty()) {
    operation = "fields interval, timeout and on_fail are unset: one of them has to be changed";
  } else if (act.has_interval() && act.operation() != "monitor") {
    operation = "field interval is only for monitor";
  }
  return First(NameProblem("resource", act.resource()), operation,
               TimeProblem("interval", act.has_interval(), act.interval(), kLongestMonitor),
               TimeProblem("timeout", act.has_timeout(), act.timeout(), kLongestTimeout), OnFailProblem(act.on_fail()));
}

std::string ConfigurationProblem(const v1::SetMeta& act) {
  return First(NameProblem("target", act.target()), act.meta().empty() ? "field meta is empty" : "",
               MetaProblem(act.meta(), true));
}

std::string ConfigurationProblem(const v1::AvoidNode& act) {
  const bool ours = absl::StartsWith(act.id(), kAvoidPrefix) && IsConstraintId(act.id());
  return First(ours ? "" : Wrong("id", act.id(), absl::StrCat("it must begin with ", kAvoidPrefix)),
               NameProblem("resource", act.resource()), NameProblem("node", act.node()));
}

std::string ConfigurationProblem(const v1::RemoveLocation& act) {
  if (!IsConstraintId(act.id())) return Wrong("id", act.id(), "it must be a constraint's id");
  if (absl::StartsWith(act.id(), kOursPrefix) && !absl::StartsWith(act.id(), kAvoidPrefix)) {
    return Wrong("id", act.id(), "it is a lease, which remove_cib_lease ends");
  }
  return "";
}

std::string ConfigurationProblem(const v1::CleanupResource& act) {
  return First(NameProblem("resource", act.resource()),
               act.node().empty() ? std::string() : NameProblem("node", act.node()));
}

std::string ConfigurationProblem(const v1::FailInstance& act) {
  return First(NameProblem("resource", act.resource()), NameProblem("node", act.node()));
}

std::string ConfigurationProblem(const v1::DisableUnit& act) { return UnitProblem(act.unit()); }

}  // namespace jettyfleet
