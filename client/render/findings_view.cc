#include "client/render/findings_view.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/render/table.h"
#include "client/render/text.h"

namespace jettyfleet {
namespace {

constexpr char kIndent[] = "  ";

Cell OrUnknown(const std::string& text) { return text.empty() ? Cell{"?", Tone::kUnknown} : Cell{text}; }

std::string Attributes(const google::protobuf::RepeatedPtrField<v1::MetaAttribute>& attributes) {
  return absl::StrJoin(attributes, " ", [](std::string* out, const v1::MetaAttribute& attribute) {
    absl::StrAppend(out, attribute.name(), "=", attribute.value());
  });
}

Cell ApplyState(v1::ApplyProgress::State state) {
  switch (state) {
    case v1::ApplyProgress::STATE_STARTED:
      return {"...", Tone::kFaint};
    case v1::ApplyProgress::STATE_DONE:
      return {"done", Tone::kGood};
    case v1::ApplyProgress::STATE_UNCHANGED:
      return {"unchanged", Tone::kFaint};
    case v1::ApplyProgress::STATE_FAILED:
      return {"FAILED", Tone::kBad};
    default:
      return {"unknown", Tone::kUnknown};
  }
}

}  // namespace

std::string RenderDiscovery(const v1::DiscoverResponse& response, bool colour) {
  std::string out = absl::StrCat("cluster ", Harmless(response.cluster()), "\n\n");
  Table units({{"NODE"}, {"UNIT"}, {"STATE"}, {"AT BOOT"}, {"PID", Align::kRight}, {"DROP-INS", Align::kRight}});
  for (const v1::DiscoveredUnit& found : response.units()) {
    const v1::UnitFact& unit = found.unit();
    const std::string state = unit.active_state().empty()
                                  ? ""
                                  : absl::StrCat(unit.active_state(), unit.sub_state().empty() ? "" : " (",
                                                 unit.sub_state(), unit.sub_state().empty() ? "" : ")");
    units.AddRow({{found.node()},
                  {unit.unit()},
                  OrUnknown(state),
                  OrUnknown(unit.unit_file_state()),
                  {unit.main_pid() == 0 ? "-" : absl::StrCat(unit.main_pid())},
                  {absl::StrCat(unit.drop_ins_size())}});
  }
  out += units.empty() ? absl::StrCat(kIndent, "no Jetty unit was found\n") : units.Render(colour, kIndent);
  Table resources({{"RESOURCE"}, {"AGENT"}, {"MONITOR"}, {"CLONE"}, {"META"}});
  for (const v1::PrimitiveFact& primitive : response.resources()) {
    std::vector<std::string> agent = {primitive.resource_class()};
    if (!primitive.provider().empty()) agent.push_back(primitive.provider());
    agent.push_back(primitive.type());
    std::vector<std::string> meta;
    if (!primitive.clone_meta().empty()) meta.push_back(Attributes(primitive.clone_meta()));
    if (!primitive.meta().empty()) meta.push_back(absl::StrCat("on the primitive: ", Attributes(primitive.meta())));
    resources.AddRow({{primitive.id()},
                      {absl::StrJoin(agent, ":")},
                      OrUnknown(primitive.monitor_interval()),
                      {primitive.clone().empty() ? "not cloned" : primitive.clone()},
                      {absl::StrJoin(meta, "; ")}});
  }
  out += "\n";
  out += resources.empty() ? absl::StrCat(kIndent, "the cluster has no resource\n") : resources.Render(colour, kIndent);
  if (!response.remarks().empty()) out += "\n";
  for (const std::string& remark : response.remarks()) {
    absl::StrAppend(&out, kIndent, "remark: ", Harmless(remark), "\n");
  }
  return out;
}

std::string RenderApplyProgress(const v1::ApplyProgress& progress, bool colour) {
  const Cell state = ApplyState(progress.state());
  std::string line = absl::StrCat(TimeOfDayText(progress.at()), "  ", Harmless(progress.step()), ": ",
                                  Paint(state.text, state.tone, colour));
  if (!progress.detail().empty()) absl::StrAppend(&line, " (", Harmless(progress.detail()), ")");
  return line + "\n";
}

std::string RenderVerification(const v1::VerifyResponse& response, bool colour) {
  const Cell passed = response.passed() == v1::ANSWER_YES  ? Cell{"as described", Tone::kGood}
                      : response.passed() == v1::ANSWER_NO ? Cell{"NOT as described", Tone::kBad}
                                                           : Cell{"unknown", Tone::kUnknown};
  std::string out =
      absl::StrCat("cluster ", Harmless(response.cluster()), ": ", Paint(passed.text, passed.tone, colour), "\n\n");
  Table table({{"PASSED"}, {"WHAT"}, {"DETAIL"}});
  for (const v1::VerifyFinding& finding : response.findings()) {
    table.AddRow({AnswerCell(finding.passed()), {finding.subject()}, {finding.detail()}});
  }
  return out + (table.empty() ? absl::StrCat(kIndent, "nothing was checked\n") : table.Render(colour, kIndent));
}

std::string RenderRestoration(const v1::RestoreResponse& response, bool colour) {
  Table table({{"UNDONE"}, {"WHAT"}, {"DETAIL"}});
  for (const v1::RestoreItem& item : response.items()) {
    table.AddRow({AnswerCell(item.undone()), {item.what()}, {item.detail()}});
  }
  return table.empty() ? "nothing of ours was in force\n" : table.Render(colour);
}

}  // namespace jettyfleet
