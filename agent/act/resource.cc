#include "agent/act/resource.h"

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "agent/act/lock.h"
#include "agent/act/outcome.h"

namespace jettyfleet {
namespace {

std::vector<std::string> CreateCommand(const v1::CreateResource& act, const std::string& interval) {
  return {"pcs",
          "resource",
          "create",
          act.name(),
          absl::StrCat("systemd:", act.unit()),
          "op",
          "monitor",
          absl::StrCat("interval=", interval)};
}

std::map<std::string, std::string> WantedMeta(const v1::CloneResource& act) {
  std::map<std::string, std::string> meta;
  if (act.clone_max() > 0) meta["clone-max"] = absl::StrCat(act.clone_max());
  if (act.clone_node_max() > 0) meta["clone-node-max"] = absl::StrCat(act.clone_node_max());
  return meta;
}

std::vector<std::string> CloneCommand(const v1::CloneResource& act) {
  std::vector<std::string> argv = {"pcs", "resource", "clone", act.name()};
  const std::map<std::string, std::string> meta = WantedMeta(act);
  if (!meta.empty()) argv.push_back("meta");
  for (const auto& [name, value] : meta) argv.push_back(absl::StrCat(name, "=", value));
  return argv;
}

std::string Difference(const CibDocument::Primitive& found, const v1::CreateResource& act,
                       const std::string& interval) {
  const std::string agent = absl::StrCat("systemd:", act.unit());
  if (found.agent != agent) return absl::StrCat("it is ", found.agent, ", not ", agent);
  if (found.monitor_interval != interval) {
    return absl::StrCat("its monitor interval is '", found.monitor_interval, "', not ", interval);
  }
  return "";
}

std::string CloneDifference(const CibDocument::Primitive& found, const v1::CloneResource& act) {
  if (found.parent.empty()) return "it is not cloned";
  for (const auto& [name, value] : WantedMeta(act)) {
    const auto on_clone = found.parent_meta.find(name);
    if (on_clone != found.parent_meta.end() && on_clone->second == value) continue;
    if (found.meta.count(name) > 0) return absl::StrCat(name, " landed on the primitive instead of ", found.parent);
    if (on_clone == found.parent_meta.end()) return absl::StrCat(found.parent, " has no ", name);
    return absl::StrCat(found.parent, " has ", name, "=", on_clone->second, ", not ", value);
  }
  return "";
}

}  // namespace

Task<v1::ActionResult> CreateResource(Cib& cib, std::string operation_id, v1::CreateResource act) {
  const std::string interval = absl::StrCat(act.monitor_interval().seconds(), "s");
  absl::StatusOr<CibDocument> document = co_await cib.Read();
  if (!document.ok()) co_return Refused(absl::string_view(document.status().message()));
  const v1::ActionResult allowed = CheckLockAllows(*document, operation_id, cib.tools().clock().WallNow());
  if (allowed.outcome() != v1::ActionResult::OUTCOME_DONE) co_return allowed;
  std::optional<CibDocument::Primitive> found = document->FindPrimitive(act.name());
  if (found.has_value()) {
    const std::string difference = Difference(*found, act, interval);
    if (difference.empty()) co_return Done();
    co_return Refused(absl::StrCat("resource ", act.name(), " exists and ", difference, "; it is left as it is"));
  }
  if (document->HasResource(act.name())) {
    co_return Refused(absl::StrCat("the cluster has something else named ", act.name()));
  }
  const absl::Status quorum = co_await cib.CheckQuorum();
  if (!quorum.ok()) co_return Refused(absl::string_view(quorum.message()));
  const CommandResult acted = co_await cib.tools().Run(CreateCommand(act, interval));
  document = co_await cib.Read();
  if (!document.ok()) {
    co_return WithoutEffect(absl::StrCat("cannot see whether ", act.name(), " was created: pcs"), acted);
  }
  found = document->FindPrimitive(act.name());
  if (!found.has_value()) co_return WithoutEffect(absl::StrCat(act.name(), " was not created: pcs"), acted);
  const std::string difference = Difference(*found, act, interval);
  if (!difference.empty()) co_return Failed(absl::StrCat("pcs created ", act.name(), ", but ", difference));
  co_return Done();
}

Task<v1::ActionResult> CloneResource(Cib& cib, std::string operation_id, v1::CloneResource act) {
  absl::StatusOr<CibDocument> document = co_await cib.Read();
  if (!document.ok()) co_return Refused(absl::string_view(document.status().message()));
  const v1::ActionResult allowed = CheckLockAllows(*document, operation_id, cib.tools().clock().WallNow());
  if (allowed.outcome() != v1::ActionResult::OUTCOME_DONE) co_return allowed;
  std::optional<CibDocument::Primitive> found = document->FindPrimitive(act.name());
  if (!found.has_value()) co_return Refused(absl::StrCat("the cluster has no primitive resource ", act.name()));
  if (!found->parent.empty()) {
    const std::string difference = CloneDifference(*found, act);
    if (difference.empty()) co_return Done();
    co_return Refused(
        absl::StrCat(act.name(), " is in ", found->parent, " already, and ", difference, "; it is left as it is"));
  }
  const absl::Status quorum = co_await cib.CheckQuorum();
  if (!quorum.ok()) co_return Refused(absl::string_view(quorum.message()));
  const CommandResult acted = co_await cib.tools().Run(CloneCommand(act));
  document = co_await cib.Read();
  if (!document.ok()) {
    co_return WithoutEffect(absl::StrCat("cannot see whether ", act.name(), " was cloned: pcs"), acted);
  }
  found = document->FindPrimitive(act.name());
  if (!found.has_value() || found->parent.empty()) {
    co_return WithoutEffect(absl::StrCat(act.name(), " was not cloned: pcs"), acted);
  }
  const std::string difference = CloneDifference(*found, act);
  if (!difference.empty()) co_return Failed(absl::StrCat("pcs cloned ", act.name(), ", but ", difference));
  co_return Done();
}

}  // namespace jettyfleet
