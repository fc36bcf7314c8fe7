#include "client/render/dry_run_view.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/render/operation_words.h"
#include "client/render/prediction_words.h"
#include "client/render/table.h"
#include "client/render/text.h"
#include "common/drill/scenarios.h"

namespace jettyfleet {
namespace {

Cell Gate(const v1::PlannedVisit& visit) {
  if (visit.gate().empty()) return {"open", Tone::kGood};
  return {absl::StrJoin(visit.gate(), "; "), Tone::kBad};
}

Cell Pacemaker(const v1::PlannedVisit& visit) {
  if (!visit.has_predicted()) return {"-"};
  if (!visit.predicted().error().empty()) {
    return {absl::StrCat("not known: ", visit.predicted().error()), Tone::kUnknown};
  }
  return {PredictionWords(visit.predicted())};
}

}  // namespace

std::string RenderDryRun(const v1::DryRunDrillResponse& dry_run, bool colour) {
  const v1::DrillSpec& spec = dry_run.spec();
  std::string out = absl::StrCat(
      Harmless(absl::StrCat("drill ", ScenarioName(spec.scenario()), " of ", spec.resource(), " on ", spec.cluster())),
      ", one node at a time; nothing was done\n");
  if (const ScenarioDefinition* const scenario = FindScenario(spec.scenario())) {
    absl::StrAppend(&out, "  happens   ", scenario->happens, "\n  ended by  ", scenario->ended_by, "\n");
  }
  Table table({{""}, {"NODE"}, {"ROLE"}, {"GATE NOW"}, {"PACEMAKER WOULD"}});
  int number = 0;
  for (const v1::PlannedVisit& visit : dry_run.visits()) {
    table.AddRow(
        {{absl::StrCat(++number, ".")}, {visit.node()}, {visit.is_dc() ? "DC" : ""}, Gate(visit), Pacemaker(visit)});
  }
  return out + table.Render(colour, "  ");
}

}  // namespace jettyfleet
