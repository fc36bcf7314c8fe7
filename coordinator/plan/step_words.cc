#include "coordinator/plan/step_words.h"

#include "absl/strings/str_cat.h"
#include "common/proto_time.h"
#include "coordinator/plan/cib_values.h"

namespace jettyfleet {
namespace {

std::string TimeWord(const char* name, bool given, const google::protobuf::Duration& duration) {
  return given ? absl::StrCat(" ", name, "=", IntervalText(absl::ToInt64Milliseconds(FromProto(duration)))) : "";
}

std::string MetaWords(const MetaAttributes& meta) {
  std::string words;
  for (const v1::MetaAttribute& attribute : meta)
    absl::StrAppend(&words, " ", attribute.name(), "=", attribute.value());
  return words;
}

std::string Create(const v1::CreateResource& create) {
  std::string words = absl::StrCat("pcs resource create ", create.name(), " systemd:", create.unit(), " op monitor",
                                   TimeWord("interval", true, create.monitor_interval()),
                                   TimeWord("timeout", create.has_monitor_timeout(), create.monitor_timeout()),
                                   create.on_fail().empty() ? "" : absl::StrCat(" on-fail=", create.on_fail()));
  if (create.has_start_timeout()) absl::StrAppend(&words, " start", TimeWord("timeout", true, create.start_timeout()));
  if (create.has_stop_timeout()) absl::StrAppend(&words, " stop", TimeWord("timeout", true, create.stop_timeout()));
  if (create.meta_size() > 0) absl::StrAppend(&words, " meta", MetaWords(create.meta()));
  return words;
}

std::string Clone(const v1::CloneResource& clone) {
  std::string words = absl::StrCat("pcs resource clone ", clone.name(), " meta");
  if (clone.clone_max() > 0) absl::StrAppend(&words, " clone-max=", clone.clone_max());
  if (clone.clone_node_max() > 0) absl::StrAppend(&words, " clone-node-max=", clone.clone_node_max());
  return absl::StrCat(words, MetaWords(clone.meta()));
}

}  // namespace

std::string CommandOf(const v1::Action& action) {
  switch (action.kind_case()) {
    case v1::Action::kCreateResource:
      return Create(action.create_resource());
    case v1::Action::kCloneResource:
      return Clone(action.clone_resource());
    case v1::Action::kSetOperation: {
      const v1::SetOperation& set = action.set_operation();
      return absl::StrCat("pcs resource update ", set.resource(), " op ", set.operation(),
                          TimeWord("interval", set.has_interval(), set.interval()),
                          TimeWord("timeout", set.has_timeout(), set.timeout()),
                          set.on_fail().empty() ? "" : absl::StrCat(" on-fail=", set.on_fail()));
    }
    case v1::Action::kSetMeta:
      return absl::StrCat("pcs resource meta ", action.set_meta().target(), MetaWords(action.set_meta().meta()));
    case v1::Action::kAvoidNode:
      return absl::StrCat("pcs -- constraint location add ", action.avoid_node().id(), " ", action.avoid_node().resource(),
                          " ", action.avoid_node().node(), " -INFINITY");
    case v1::Action::kRemoveLocation:
      return absl::StrCat("pcs constraint delete ", action.remove_location().id());
    case v1::Action::kCleanupResource:
      return absl::StrCat("pcs resource cleanup ", action.cleanup_resource().resource(),
                          action.cleanup_resource().node().empty() ? "" : " node=", action.cleanup_resource().node());
    case v1::Action::kDisableUnit:
      return absl::StrCat("systemctl disable ", action.disable_unit().unit(), ".service");
    default:
      return "";
  }
}

}  // namespace jettyfleet
