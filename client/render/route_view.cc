#include "client/render/route_view.h"

#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/render/table.h"
#include "client/render/text.h"

namespace jettyfleet {
namespace {

constexpr char kIndent[] = "  ";
const Cell kNotKnown = {"?", Tone::kUnknown};

Cell ClusterCell(v1::Answer started) {
  if (started == v1::ANSWER_YES) return {"started", Tone::kGood};
  if (started == v1::ANSWER_NO) return {"no instance", Tone::kPlain};
  return {"unknown", Tone::kUnknown};
}

// What the node itself says: unit, port, HTTP.
Cell NodeCell(const v1::RouteNode& node) {
  const std::vector<std::pair<const char*, v1::Answer>> parts = {
      {"unit", node.unit_active()}, {"port", node.port_bound()}, {"http", node.http_ready()}};
  std::vector<std::string> texts;
  Tone tone = Tone::kGood;
  for (const auto& [name, answer] : parts) {
    texts.push_back(absl::StrCat(name, " ", AnswerCell(answer).text));
    if (answer == v1::ANSWER_UNSPECIFIED && tone == Tone::kGood) tone = Tone::kUnknown;
    if (answer == v1::ANSWER_NO) tone = node.started() == v1::ANSWER_NO ? Tone::kPlain : Tone::kBad;
  }
  return {absl::StrJoin(texts, ", "), tone};
}

Cell StateCell(const v1::LbServerFact& fact) {
  switch (fact.admin_state()) {
    case v1::LbServerFact::ADMIN_STATE_READY:
      return {"ready", Tone::kGood};
    case v1::LbServerFact::ADMIN_STATE_DRAIN:
      return {"drain", Tone::kBad};
    case v1::LbServerFact::ADMIN_STATE_MAINT:
      return {"maint", Tone::kBad};
    default:
      return kNotKnown;
  }
}

std::string WeightText(const v1::LbServerFact& fact) {
  if (fact.weight() == fact.initial_weight()) return absl::StrCat(fact.weight());
  return absl::StrCat(fact.weight(), " of ", fact.initial_weight());
}

std::string AddressText(const v1::LbServerFact& fact) {
  const std::string& address = fact.address();
  if (address.empty()) return "none";
  return absl::StrContains(address, ':') ? absl::StrCat("[", address, "]:", fact.port())
                                         : absl::StrCat(address, ":", fact.port());
}

std::string LeaseText(const v1::RouteServer& server) {
  std::vector<std::string> texts;
  for (const v1::LeaseFact& lease : server.leases()) {
    texts.push_back(
        absl::StrCat(lease.kind() == "lb-weight" ? "weight" : "state", " until ", TimeOfDayText(lease.ends_at())));
  }
  return absl::StrJoin(texts, ", ");
}

std::vector<Cell> ServerCells(const v1::RouteServer& server) {
  std::vector<Cell> cells = {{server.load_balancer()}, {absl::StrCat(server.backend(), "/", server.server())}};
  if (server.seen() != v1::ANSWER_YES) {
    for (int i = 0; i < 6; ++i) cells.push_back(kNotKnown);
    return cells;
  }
  const v1::LbServerFact& fact = server.fact();
  cells.push_back(StateCell(fact));
  cells.push_back({fact.status(), absl::StartsWith(fact.status(), "UP") ? Tone::kGood : Tone::kBad});
  cells.push_back({fact.check_status().empty() ? "none yet" : fact.check_status(),
                   fact.check_status() == "L7OK" ? Tone::kGood : Tone::kPlain});
  cells.push_back({WeightText(fact), fact.weight() == fact.initial_weight() ? Tone::kPlain : Tone::kBad});
  cells.push_back({AddressText(fact)});
  cells.push_back({absl::StrCat(fact.current_sessions(), " (", fact.cumulative_sessions(), ")")});
  cells.push_back({LeaseText(server)});
  return cells;
}

void AddRows(const v1::RouteNode& node, Table* table) {
  bool first = true;
  for (const v1::RouteServer& server : node.servers()) {
    std::vector<Cell> row =
        first ? std::vector<Cell>{{node.node()}, ClusterCell(node.started()), NodeCell(node)} : std::vector<Cell>(3);
    for (Cell& cell : ServerCells(server)) row.push_back(std::move(cell));
    table->AddRow(std::move(row));
    first = false;
  }
  if (first) table->AddRow({{node.node()}, ClusterCell(node.started()), NodeCell(node), {"no server"}});
}

Cell ProgressCell(v1::RouteProgress::State state) {
  switch (state) {
    case v1::RouteProgress::STATE_STARTED:
      return {"started", Tone::kPlain};
    case v1::RouteProgress::STATE_DONE:
      return {"done", Tone::kGood};
    case v1::RouteProgress::STATE_UNCHANGED:
      return {"unchanged", Tone::kGood};
    case v1::RouteProgress::STATE_FAILED:
      return {"failed", Tone::kBad};
    default:
      return {"unknown", Tone::kUnknown};
  }
}

}  // namespace

std::string RenderRoute(const v1::RouteShowResponse& response, bool colour) {
  const Cell agrees = response.agrees() == v1::ANSWER_YES  ? Cell{"all agree", Tone::kGood}
                      : response.agrees() == v1::ANSWER_NO ? Cell{"they DISAGREE", Tone::kBad}
                                                           : Cell{"unknown whether they agree", Tone::kUnknown};
  std::string out = absl::StrCat("cluster ", Harmless(response.cluster()), ", ", DateTimeText(response.as_of()), ": ",
                                 Paint(agrees.text, agrees.tone, colour), "\n\n");
  Table table({{"NODE"},
               {"CLUSTER"},
               {"ITSELF"},
               {"BALANCER"},
               {"SERVER"},
               {"STATE"},
               {"STATUS"},
               {"CHECK"},
               {"WEIGHT", Align::kRight},
               {"ADDRESS"},
               {"SESSIONS", Align::kRight},
               {"LEASE"}});
  for (const v1::RouteNode& node : response.nodes()) AddRows(node, &table);
  for (const v1::RouteServer& server : response.unmapped()) {
    std::vector<Cell> row = {{"-"}, {"-"}, {"-"}};
    for (Cell& cell : ServerCells(server)) row.push_back(std::move(cell));
    table.AddRow(std::move(row));
  }
  out += table.empty() ? absl::StrCat(kIndent, "no node is described\n") : table.Render(colour, kIndent);
  if (response.findings().empty()) return out;
  Table findings({{"AGREES"}, {"WHAT"}, {"DETAIL"}});
  for (const v1::RouteFinding& finding : response.findings()) {
    findings.AddRow({AnswerCell(finding.agrees()), {finding.subject()}, {finding.detail()}});
  }
  return absl::StrCat(out, "\n", findings.Render(colour, kIndent));
}

std::string RenderRouteProgress(const v1::RouteProgress& progress, bool colour) {
  const Cell state = ProgressCell(progress.state());
  std::string line = absl::StrCat(TimeOfDayText(progress.at()), "  ", Harmless(progress.step()), ": ",
                                  Paint(state.text, state.tone, colour));
  if (!progress.detail().empty()) absl::StrAppend(&line, " (", Harmless(progress.detail()), ")");
  return line + "\n";
}

}  // namespace jettyfleet
