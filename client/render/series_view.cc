#include "client/render/series_view.h"

#include "absl/strings/str_cat.h"
#include "client/render/operation_words.h"
#include "client/render/table.h"
#include "client/render/text.h"
#include "common/drill/scenarios.h"

namespace jettyfleet {

std::string RenderSeries(const v1::SeriesReport& series, bool colour) {
  Table table({{"SCENARIO"}, {"RESULT"}, {"DRILL"}, {"REASON"}});
  for (const v1::SeriesReport::Drill& drill : series.drills()) {
    const Cell result = drill.operation_id().empty() ? Cell{"not run", Tone::kUnknown} : StateCell(drill.state());
    table.AddRow({{drill.scenario()},
                  result,
                  {drill.operation_id().empty() ? "-" : drill.operation_id()},
                  {drill.reason()}});
  }
  return absl::StrCat("\n", table.Render(colour));
}

v1::ScenarioList KnownScenarios() {
  v1::ScenarioList list;
  for (const ScenarioDefinition& definition : Scenarios()) {
    v1::ScenarioInfo* const info = list.add_scenarios();
    info->set_name(definition.name);
    info->set_happens(definition.happens);
    info->set_never(definition.never);
    info->set_ended_by(definition.ended_by);
    info->set_expected(definition.expected);
    info->set_needs_allow_fencing(definition.may_fence);
  }
  return list;
}

std::string RenderScenarios(const v1::ScenarioList& scenarios) {
  std::string out;
  for (const v1::ScenarioInfo& info : scenarios.scenarios()) {
    absl::StrAppend(&out, info.name(), info.needs_allow_fencing() ? "  (--allow-fencing)" : "", "\n  happens   ",
                    info.happens(), "\n  never     ", info.never(), "\n  ended by  ", info.ended_by(), "\n  expected  ",
                    info.expected(), "\n");
  }
  return out;
}

}  // namespace jettyfleet
