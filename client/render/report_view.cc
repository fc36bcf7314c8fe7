#include "client/render/report_view.h"

#include <map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/render/operation_words.h"
#include "client/render/table.h"
#include "client/render/text.h"

namespace jettyfleet {
namespace {

constexpr char kIndent[] = "  ";

std::string Head(const v1::OperationReport& report, absl::Time now, bool colour) {
  const Cell state = StateCell(report.state());
  std::string out =
      absl::StrCat(OperationNoun(report.spec()), " ", Harmless(report.id()), ": ", WhatText(report.spec()), "\n");
  absl::StrAppend(&out, kIndent, "result  ", Paint(state.text, state.tone, colour));
  if (!report.reason().empty()) absl::StrAppend(&out, ": ", Harmless(report.reason()));
  absl::StrAppend(&out, "\n", kIndent, "began   ", DateTimeText(report.began_at()),
                  HasEnded(report.state()) ? ", took " : ", so far ", ElapsedText(report, now), "\n");
  absl::StrAppend(&out, kIndent, "by      ", report.spec().who().empty() ? "unknown" : Harmless(report.spec().who()));
  if (!report.spec().why().empty()) absl::StrAppend(&out, ": ", Harmless(report.spec().why()));
  return out + "\n";
}

// Times of going and of coming back; each time back counts from the restoration.
std::string TimesTable(const v1::OperationReport& report, bool colour) {
  Table table({{"NODE"},
               {"STEP"},
               {"DRAIN", Align::kRight},
               {"LEAVE", Align::kRight},
               {"BACK: CLUSTER", Align::kRight},
               {"UNIT", Align::kRight},
               {"PORT", Align::kRight},
               {"HTTP", Align::kRight},
               {"LB", Align::kRight},
               {"IDLE", Align::kRight},
               {"NOTE"}});
  for (const v1::NodeReport& node : report.nodes()) {
    std::vector<std::string> notes;
    if (node.was_dc()) notes.push_back("DC");
    if (node.has_noticed()) notes.push_back(absl::StrCat("the cluster noticed after ", SpanText(true, node.noticed())));
    if (node.has_new_dc()) notes.push_back(absl::StrCat("another DC after ", SpanText(true, node.new_dc())));
    if (!node.instance_went_to().empty()) notes.push_back(absl::StrCat("instance stays on ", node.instance_went_to()));
    if (!node.problem().empty()) notes.push_back(node.problem());
    table.AddRow({{node.node()},
                  {std::string(StepName(node.step())),
                   node.step() == v1::NODE_STEP_DONE && node.problem().empty() ? Tone::kGood : Tone::kUnknown},
                  {SpanText(node.has_drain(), node.drain())},
                  {SpanText(node.has_leave(), node.leave())},
                  {SpanText(node.has_return_cluster(), node.return_cluster())},
                  {SpanText(node.has_return_unit(), node.return_unit())},
                  {SpanText(node.has_return_port(), node.return_port())},
                  {SpanText(node.has_return_http(), node.return_http())},
                  {SpanText(node.has_return_lb(), node.return_lb())},
                  {SpanText(node.has_return_idle(), node.return_idle())},
                  {absl::StrJoin(notes, "; "), node.problem().empty() ? Tone::kPlain : Tone::kBad}});
  }
  return table.empty() ? absl::StrCat(kIndent, "no node was visited\n") : table.Render(colour, kIndent);
}

Cell Bad(uint64_t count) { return {absl::StrCat(count), count > 0 ? Tone::kBad : Tone::kPlain}; }

void AddTraffic(Table* table, const std::string& name, const v1::TrafficSummary* baseline, bool measured,
                const v1::TrafficSummary& traffic) {
  if (!measured) {
    std::vector<Cell> row(12, Cell{"-", Tone::kFaint});
    row[0] = {name};
    return table->AddRow(std::move(row));
  }
  table->AddRow({{name},
                 {absl::StrCat(traffic.requests())},
                 Bad(traffic.failures()),
                 {LatencyText(traffic.p50_us())},
                 {LatencyText(traffic.p99_us())},
                 {LatencyText(traffic.max_us())},
                 {baseline == nullptr ? "-" : LatencyText(baseline->p99_us())},
                 {traffic.longest_gap_ms() == 0 ? "-" : SpanText(absl::Milliseconds(traffic.longest_gap_ms()))},
                 {absl::StrCat(traffic.sessions_kept())},
                 {absl::StrCat(traffic.sessions_moved())},
                 Bad(traffic.sessions_regressed()),
                 Bad(traffic.sessions_lost())});
}

std::string TrafficTable(const v1::OperationReport& report, bool colour) {
  if (!report.has_traffic()) {
    return absl::StrCat(kIndent, "no traffic was sent, so nothing is known of what clients felt\n");
  }
  Table table({{"WHILE OUT"},
               {"REQUESTS", Align::kRight},
               {"FAILED", Align::kRight},
               {"P50", Align::kRight},
               {"P99", Align::kRight},
               {"MAX", Align::kRight},
               {"P99 BEFORE", Align::kRight},
               {"LONGEST GAP", Align::kRight},
               {"KEPT", Align::kRight},
               {"MOVED", Align::kRight},
               {"REGRESSED", Align::kRight},
               {"LOST", Align::kRight}});
  for (const v1::NodeReport& node : report.nodes()) {
    AddTraffic(&table, node.node(), node.has_baseline() ? &node.baseline() : nullptr, node.has_traffic(),
               node.traffic());
  }
  AddTraffic(&table, "all in all", nullptr, true, report.traffic());
  std::string out = table.Render(colour, kIndent);
  // Sorted: a protobuf map has no order of its own.
  const std::map<std::string, uint64_t> kinds(report.traffic().failures_by_kind().begin(),
                                              report.traffic().failures_by_kind().end());
  for (const auto& [kind, count] : kinds)
    absl::StrAppend(&out, kIndent, "failed: ", count, " x ", Harmless(kind), "\n");
  if (report.traffic().not_sent() > 0) {
    absl::StrAppend(&out, kIndent, Count(report.traffic().not_sent(), "request"),
                    " could not be sent in time, because every virtual user still waited for an answer\n");
  }
  return out;
}

}  // namespace

std::string RenderReport(const v1::OperationReport& report, absl::Time now, bool colour) {
  std::string out =
      absl::StrCat(Head(report, now, colour), "\n", TimesTable(report, colour), "\n", TrafficTable(report, colour));
  if (!report.remarks().empty()) out += "\n";
  for (const std::string& remark : report.remarks()) absl::StrAppend(&out, kIndent, "remark: ", Harmless(remark), "\n");
  return out;
}

}  // namespace jettyfleet
