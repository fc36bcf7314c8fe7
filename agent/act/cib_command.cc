#include "agent/act/cib_command.h"

#include <algorithm>
#include <initializer_list>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "agent/act/fields.h"

namespace jettyfleet {
namespace {

using Words = std::vector<std::string>;

void Add(Words* words, std::initializer_list<std::string> more) { words->insert(words->end(), more); }

void AddTime(Words* words, const char* name, bool given, const google::protobuf::Duration& duration) {
  if (given) words->push_back(absl::StrCat(name, "=", SecondsText(duration)));
}

void AddMeta(Words* words, const google::protobuf::RepeatedPtrField<v1::MetaAttribute>& meta) {
  for (const v1::MetaAttribute& attribute : meta) {
    words->push_back(absl::StrCat(attribute.name(), "=", attribute.value()));
  }
}

void Create(const v1::CreateResource& act, Words* words) {
  Add(words, {"resource", "create", act.name(), absl::StrCat("systemd:", act.unit()), "op", "monitor",
              absl::StrCat("interval=", SecondsText(act.monitor_interval()))});
  AddTime(words, "timeout", act.has_monitor_timeout(), act.monitor_timeout());
  if (!act.on_fail().empty()) words->push_back(absl::StrCat("on-fail=", act.on_fail()));
  if (act.has_start_timeout()) words->push_back("start");
  AddTime(words, "timeout", act.has_start_timeout(), act.start_timeout());
  if (act.has_stop_timeout()) words->push_back("stop");
  AddTime(words, "timeout", act.has_stop_timeout(), act.stop_timeout());
  if (act.meta_size() > 0) words->push_back("meta");
  AddMeta(words, act.meta());
}

void Clone(const v1::CloneResource& act, Words* words) {
  Add(words, {"resource", "clone", act.name()});
  if (act.clone_max() > 0 || act.clone_node_max() > 0 || act.meta_size() > 0) words->push_back("meta");
  if (act.clone_max() > 0) words->push_back(absl::StrCat("clone-max=", act.clone_max()));
  if (act.clone_node_max() > 0) words->push_back(absl::StrCat("clone-node-max=", act.clone_node_max()));
  AddMeta(words, act.meta());
}

void Operation(const v1::SetOperation& act, const CibDocument& cib, Words* words) {
  Words changed;
  AddTime(&changed, "interval", act.has_interval(), act.interval());
  AddTime(&changed, "timeout", act.has_timeout(), act.timeout());
  if (!act.on_fail().empty()) changed.push_back(absl::StrCat("on-fail=", act.on_fail()));
  Add(words, {"resource", "update", act.resource(), "op", act.operation()});
  for (const CibDocument::Operation& found : cib.Operations(act.resource(), act.operation())) {
    for (const auto& [name, value] : found.attributes) {
      const bool stays = std::none_of(changed.begin(), changed.end(), [&name = name](const std::string& word) {
        return absl::StartsWith(word, absl::StrCat(name, "="));
      });
      if (stays) words->push_back(absl::StrCat(name, "=", value));
    }
  }
  words->insert(words->end(), changed.begin(), changed.end());
}

}  // namespace

std::vector<std::string> PcsCommand(const v1::Action& action, const CibDocument& cib, const std::string& file) {
  Words words = {"pcs"};
  if (!file.empty()) Add(&words, {"-f", file});
  switch (action.kind_case()) {
    case v1::Action::kCreateResource:
      Create(action.create_resource(), &words);
      return words;
    case v1::Action::kCloneResource:
      Clone(action.clone_resource(), &words);
      return words;
    case v1::Action::kSetOperation:
      Operation(action.set_operation(), cib, &words);
      return words;
    case v1::Action::kSetMeta:
      Add(&words, {"resource", "meta", action.set_meta().target()});
      AddMeta(&words, action.set_meta().meta());
      return words;
    case v1::Action::kAvoidNode:
      // Behind "--" a score with a minus is no option: pcs warns that without it a later version would take it for one.
      // 0.12 would rather have "score=-INFINITY", which 0.11 refuses; both take this.
      Add(&words, {"--", "constraint", "location", "add", action.avoid_node().id(), action.avoid_node().resource(),
                   action.avoid_node().node(), "-INFINITY"});
      return words;
    case v1::Action::kRemoveLocation:
      Add(&words, {"constraint", "delete", action.remove_location().id()});
      return words;
    case v1::Action::kCleanupResource:
      if (!file.empty()) return {};
      Add(&words, {"resource", "cleanup", action.cleanup_resource().resource()});
      if (!action.cleanup_resource().node().empty()) {
        words.push_back(absl::StrCat("node=", action.cleanup_resource().node()));
      }
      return words;
    default:
      return {};
  }
}

}  // namespace jettyfleet
