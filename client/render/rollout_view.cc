#include "client/render/rollout_view.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/render/archive_view.h"
#include "client/render/operation_words.h"
#include "client/render/table.h"
#include "client/render/text.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

std::string Digest(const std::string& sha256) { return sha256.empty() ? "-" : sha256.substr(0, kDigestShown); }

std::string VersionWords(const std::string& version) { return version.empty() ? "unknown" : version; }

void AddNodes(const v1::OperationReport& rollout, Table* table) {
  bool first = true;
  for (const v1::NodeReport& node : rollout.nodes()) {
    const bool changed = !node.release().sha256().empty();
    table->AddRow({{first ? rollout.id() : ""},
                   {first ? DateTimeText(rollout.began_at()) : ""},
                   {first ? rollout.spec().who() : ""},
                   {first ? RolloutWords(rollout.spec().rollout()) : ""},
                   first ? StateCell(rollout.state()) : Cell{""},
                   {node.node()},
                   {changed ? Digest(node.release().before_sha256()) : ""},
                   {changed ? Digest(node.release().sha256()) : ""},
                   {first ? rollout.spec().why() : ""}});
    first = false;
  }
}

}  // namespace

std::string RenderRolloutPlan(const v1::PlanRolloutResponse& plan, bool colour) {
  const v1::RolloutSpec& rollout = plan.spec().rollout();
  Table table({{""}, {"NODE"}, {"ROLE"}, {"HAS"}, {"WILL HAVE"}});
  int number = 0;
  for (const v1::PlannedVisit& visit : plan.visits()) {
    const char* const role = visit.canary() ? (visit.is_dc() ? "canary, DC" : "canary") : visit.is_dc() ? "DC" : "";
    table.AddRow({{absl::StrCat(++number, ".")},
                  {visit.node()},
                  {role},
                  {VersionWords(visit.version())},
                  {rollout.restart_only() ? VersionWords(visit.version()) : rollout.version()}});
  }
  std::string out = absl::StrCat(
      Harmless(absl::StrCat(RolloutWords(rollout), " on ", plan.spec().resource(), " of ", plan.spec().cluster())),
      ", one node at a time\n", table.Render(colour, "  "));
  if (!rollout.restart_only()) {
    absl::StrAppend(&out,
                    Harmless(absl::StrCat(rollout.target(), " becomes ", Digest(rollout.sha256()), ", ",
                                          BytesText(rollout.size()))),
                    "\n");
  }
  return out;
}

std::string RenderRolloutHistory(const v1::ListOperationsResponse& operations, bool colour) {
  std::vector<const v1::OperationReport*> rollouts;
  for (const v1::OperationReport& operation : operations.operations()) {
    if (operation.spec().has_rollout()) rollouts.push_back(&operation);
  }
  std::stable_sort(rollouts.begin(), rollouts.end(), [](const v1::OperationReport* a, const v1::OperationReport* b) {
    return FromProto(a->began_at()) > FromProto(b->began_at());
  });
  Table table({{"ID"}, {"BEGAN"}, {"WHO"}, {"WHAT"}, {"STATE"}, {"NODE"}, {"FROM"}, {"TO"}, {"WHY"}});
  for (const v1::OperationReport* const rollout : rollouts) AddNodes(*rollout, &table);
  return table.empty() ? "no rollout yet; see what one would do with: jettyfleet rollout plan --archive NAME:VERSION\n"
                       : table.Render(colour);
}

}  // namespace jettyfleet
