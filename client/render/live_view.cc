#include "client/render/live_view.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/render/operation_words.h"
#include "client/render/table.h"
#include "client/render/text.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

constexpr char kIndent[] = "  ";

Cell Bad(uint64_t count) { return {absl::StrCat(count), count > 0 ? Tone::kBad : Tone::kPlain}; }

Cell StepCell(const v1::NodeReport& node) {
  if (!node.problem().empty()) return {std::string(StepName(node.step())), Tone::kBad};
  switch (node.step()) {
    case v1::NODE_STEP_WAITING:
      return {"waiting", Tone::kFaint};
    case v1::NODE_STEP_DONE:
      return {"done", Tone::kGood};
    case v1::NODE_STEP_UNSPECIFIED:
      return {"unknown", Tone::kUnknown};
    default:
      return {std::string(StepName(node.step())), Tone::kUnknown};
  }
}

std::string NodeSpan(const v1::NodeReport& node, absl::Time now) {
  if (!node.has_began_at()) return "-";
  return SpanText((node.has_ended_at() ? FromProto(node.ended_at()) : now) - FromProto(node.began_at()));
}

std::vector<Cell> TrafficCells(bool known, const v1::TrafficSummary& traffic) {
  if (!known) return std::vector<Cell>(6, Cell{"-", Tone::kFaint});
  return {{absl::StrCat(traffic.requests())},      Bad(traffic.failures()),
          {absl::StrCat(traffic.sessions_kept())}, {absl::StrCat(traffic.sessions_moved())},
          Bad(traffic.sessions_regressed()),       Bad(traffic.sessions_lost())};
}

std::string NodeName(const v1::NodeReport& node) {
  return node.was_dc() ? absl::StrCat(node.node(), " (DC)") : node.node();
}

const v1::NodeReport* FindNode(const v1::OperationReport& report, const std::string& name) {
  const auto found = std::find_if(report.nodes().begin(), report.nodes().end(),
                                  [&name](const v1::NodeReport& node) { return node.node() == name; });
  return found == report.nodes().end() ? nullptr : &*found;
}

std::string TrafficWords(const v1::TrafficSummary& traffic) {
  return absl::StrCat(Count(traffic.requests(), "request"), ", ", traffic.failures(), " failed; sessions ",
                      traffic.sessions_kept(), " kept, ", traffic.sessions_moved(), " moved, ",
                      traffic.sessions_regressed(), " regressed, ", traffic.sessions_lost(), " lost");
}

}  // namespace

std::string RenderLive(const v1::OperationReport& report, absl::Time now, bool colour) {
  const Cell state = StateCell(report.state());
  std::string out =
      absl::StrCat(OperationNoun(report.spec()), " ", Harmless(report.id()), ": ", WhatText(report.spec()), ", ",
                   Paint(state.text, state.tone, colour), " for ", ElapsedText(report, now), "\n\n");
  Table table({{"NODE"},
               {"STEP"},
               {"TIME", Align::kRight},
               {"REQUESTS", Align::kRight},
               {"ERRORS", Align::kRight},
               {"KEPT", Align::kRight},
               {"MOVED", Align::kRight},
               {"REGRESSED", Align::kRight},
               {"LOST", Align::kRight},
               {"PROBLEM"}});
  for (const v1::NodeReport& node : report.nodes()) {
    std::vector<Cell> row = {{NodeName(node)}, StepCell(node), {NodeSpan(node, now)}};
    for (Cell& cell : TrafficCells(node.has_traffic(), node.traffic())) row.push_back(std::move(cell));
    row.push_back({node.problem(), Tone::kBad});
    table.AddRow(std::move(row));
  }
  if (!table.empty()) {
    out += table.Render(colour, kIndent);
  } else {
    absl::StrAppend(&out, kIndent,
                    HasEnded(report.state()) ? "no node was visited" : "looking which nodes hold an instance", "\n");
  }
  if (report.has_traffic()) absl::StrAppend(&out, "\n", kIndent, "all in all: ", TrafficWords(report.traffic()), "\n");
  if (!report.reason().empty()) {
    absl::StrAppend(&out, kIndent, Paint(Harmless(report.reason()), Tone::kBad, colour), "\n");
  }
  return out;
}

std::string RenderProgress(const v1::OperationReport& before, const v1::OperationReport& report, absl::Time now) {
  const std::string time = absl::StrFormat("%8s  ", ElapsedText(report, now));
  std::string out;
  if (before.id().empty()) {
    absl::StrAppend(&out, time, OperationNoun(report.spec()), " ", Harmless(report.id()), ": ", WhatText(report.spec()),
                    "\n");
  }
  for (const v1::NodeReport& node : report.nodes()) {
    const v1::NodeReport* const earlier = FindNode(before, node.node());
    const v1::NodeStep step_before = earlier == nullptr ? v1::NODE_STEP_WAITING : earlier->step();
    if (node.step() != step_before) {
      absl::StrAppend(&out, time, Harmless(NodeName(node)), ": ", StepName(node.step()));
      if (node.step() == v1::NODE_STEP_DONE) {
        absl::StrAppend(&out, " after ", NodeSpan(node, now));
        if (node.has_traffic()) absl::StrAppend(&out, "; ", TrafficWords(node.traffic()));
      }
      out += "\n";
    }
    const bool problem_is_new = !node.problem().empty() && (earlier == nullptr || earlier->problem() != node.problem());
    if (problem_is_new) absl::StrAppend(&out, time, Harmless(NodeName(node)), ": ", Harmless(node.problem()), "\n");
  }
  const bool state_is_news = report.state() != v1::OPERATION_STATE_RUNNING || !before.id().empty();
  if (report.state() != before.state() && state_is_news) {
    absl::StrAppend(&out, time, StateCell(report.state()).text);
    if (!report.reason().empty()) absl::StrAppend(&out, ": ", Harmless(report.reason()));
    out += "\n";
  }
  return out;
}

std::string RenderOperations(const v1::ListOperationsResponse& response, absl::Time now, bool colour) {
  Table table({{"ID"},
               {"CLUSTER"},
               {"SCENARIO"},
               {"RESOURCE"},
               {"STATE"},
               {"BEGAN"},
               {"TIME", Align::kRight},
               {"WHO"},
               {"REASON"}});
  std::vector<const v1::OperationReport*> operations;
  for (const v1::OperationReport& operation : response.operations()) operations.push_back(&operation);
  std::stable_sort(operations.begin(), operations.end(),
                   [](const v1::OperationReport* a, const v1::OperationReport* b) {
                     return FromProto(a->began_at()) > FromProto(b->began_at());
                   });
  for (const v1::OperationReport* const operation : operations) {
    const v1::DrillSpec& spec = operation->spec();
    table.AddRow({{operation->id()},
                  {spec.cluster()},
                  {std::string(ScenarioName(spec.scenario()))},
                  {spec.resource()},
                  StateCell(operation->state()),
                  {DateTimeText(operation->began_at())},
                  {ElapsedText(*operation, now)},
                  {spec.who()},
                  {operation->reason()}});
  }
  return table.empty() ? "no drill has been run yet; begin one with: jettyfleet drill start --scenario evict\n"
                       : table.Render(colour);
}

}  // namespace jettyfleet
