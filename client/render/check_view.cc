#include "client/render/check_view.h"

#include <map>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/render/finding_words.h"
#include "client/render/table.h"
#include "client/render/text.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

constexpr char kIndent[] = "  ";
constexpr char kDetailIndent[] = "           ";
constexpr std::size_t kAnswerWidth = 7;  // of "unknown"
constexpr std::size_t kMostEvidence = 64;

Cell OverallCell(v1::Answer passed) {
  if (passed == v1::ANSWER_YES) return {"all that counts passed", Tone::kGood};
  if (passed == v1::ANSWER_NO) return {"NOT passed", Tone::kBad};
  return {"unknown", Tone::kUnknown};
}

std::string PaddedAnswer(v1::Answer answer, bool colour) {
  const Cell cell = AnswerCell(answer);
  return absl::StrCat(Paint(cell.text, cell.tone, colour), std::string(kAnswerWidth - cell.text.size(), ' '));
}

// A difference of texts has many lines; the first stands beside the host, the others below.
void AddEvidence(const v1::Evidence& evidence, Table* table) {
  std::string host = evidence.host();
  for (const absl::string_view line : absl::StrSplit(evidence.value(), '\n')) {
    table->AddRow({{std::exchange(host, "")}, {std::string(line)}});
  }
}

std::string Details(const v1::Finding& finding, bool colour) {
  std::string out;
  Table table({{""}, {""}});
  std::size_t shown = 0;
  for (const v1::Evidence& evidence : finding.evidence()) {
    if (shown++ < kMostEvidence) AddEvidence(evidence, &table);
  }
  if (!table.empty()) {
    // The columns have no titles, so the first line is empty.
    const std::string rendered = table.Render(colour, kDetailIndent);
    out += rendered.substr(rendered.find('\n') + 1);
  }
  if (shown > kMostEvidence) absl::StrAppend(&out, kDetailIndent, "and ", shown - kMostEvidence, " more\n");
  if (!finding.remedy().empty()) {
    std::string label = "remedy: ";
    for (const absl::string_view line : absl::StrSplit(finding.remedy(), '\n')) {
      absl::StrAppend(&out, kDetailIndent, std::exchange(label, std::string(label.size(), ' ')), Harmless(line), "\n");
    }
  }
  return out;
}

std::string Headline(const v1::Finding& finding, bool colour) {
  std::string out = absl::StrCat(PaddedAnswer(finding.passed(), colour), kIndent, Harmless(SubjectOf(finding)), ": ",
                                 Harmless(finding.summary()));
  const std::string silence = SilenceOf(finding);
  if (!silence.empty()) absl::StrAppend(&out, " (", Harmless(silence), ")");
  return out + "\n";
}

std::string Group(const std::string& title, const std::vector<const v1::Finding*>& findings, bool details,
                  bool colour) {
  if (findings.empty()) return "";
  std::string out = absl::StrCat("\n", title, "\n");
  for (const v1::Finding* const finding : findings) {
    absl::StrAppend(&out, kIndent, Headline(*finding, colour));
    if (details) out += Details(*finding, colour);
  }
  return out;
}

// Those that failed, then those that are unknown.
std::vector<const v1::Finding*> Open(const v1::CheckReport& report, v1::Severity severity) {
  std::vector<const v1::Finding*> open;
  for (const bool failed : {true, false}) {
    for (const v1::Finding& finding : report.findings()) {
      const bool is_open = !finding.silenced() && finding.passed() != v1::ANSWER_YES;
      if (is_open && finding.severity() == severity && (finding.passed() == v1::ANSWER_NO) == failed) {
        open.push_back(&finding);
      }
    }
  }
  return open;
}

std::string Counted(const v1::CheckReport& report) {
  std::size_t failed = 0;
  std::size_t unknown = 0;
  std::size_t info = 0;
  std::size_t silenced = 0;
  for (const v1::Finding& finding : report.findings()) {
    if (finding.silenced()) {
      ++silenced;
    } else if (finding.passed() != v1::ANSWER_YES && !Counts(finding)) {
      ++info;
    } else if (finding.passed() == v1::ANSWER_NO) {
      ++failed;
    } else if (finding.passed() != v1::ANSWER_YES) {
      ++unknown;
    }
  }
  std::string out;
  for (const auto& [count, what] :
       {std::pair{failed, "failed"}, {unknown, "unknown"}, {info, "info"}, {silenced, "silenced"}}) {
    if (count > 0) absl::StrAppend(&out, ", ", count, " ", what);
  }
  return out;
}

std::string PassedLine(const std::vector<const v1::Finding*>& passed) {
  std::vector<std::pair<std::string, int>> areas;  // in the order of the findings
  for (const v1::Finding* const finding : passed) {
    const std::string area = AreaOf(finding->id());
    if (areas.empty() || areas.back().first != area) areas.emplace_back(area, 0);
    ++areas.back().second;
  }
  return absl::StrCat("\npassed: ", passed.size(), " (",
                      absl::StrJoin(areas, ", ",
                                    [](std::string* out, const auto& area) {
                                      absl::StrAppend(out, Harmless(area.first), " ", area.second);
                                    }),
                      ")\n");
}

// Which finding of one report is which of another's: its place among those of the same check and resource.
using Key = std::tuple<std::string, std::string, int>;

std::map<Key, const v1::Finding*> ByKey(const v1::CheckReport& report) {
  std::map<Key, const v1::Finding*> findings;
  for (const v1::Finding& finding : report.findings()) {
    int place = 0;
    while (findings.contains({finding.id(), finding.resource(), place})) ++place;
    findings[{finding.id(), finding.resource(), place}] = &finding;
  }
  return findings;
}

bool Same(const v1::Finding& one, const v1::Finding& other) {
  // A passed check's words may hold numbers that change.
  if (one.passed() == v1::ANSWER_YES && other.passed() == v1::ANSWER_YES) return true;
  return one.passed() == other.passed() && one.severity() == other.severity() && one.silenced() == other.silenced() &&
         one.summary() == other.summary() && absl::StrJoin(one.nodes(), " ") == absl::StrJoin(other.nodes(), " ");
}

}  // namespace

std::string RenderCheck(const v1::CheckReport& report, bool all, bool colour) {
  const Cell overall = OverallCell(report.passed());
  std::string out = absl::StrCat("cluster ", Harmless(report.cluster()), ", ", DateTimeText(report.at()), ", in ",
                                 SpanText(report.has_took(), report.took()), ": ",
                                 Paint(overall.text, overall.tone, colour), Counted(report), "\n");
  for (const v1::Severity severity :
       {v1::SEVERITY_FATAL, v1::SEVERITY_WARNING, v1::SEVERITY_INFO, v1::SEVERITY_UNSPECIFIED}) {
    out += Group(absl::AsciiStrToUpper(SeverityName(severity)), Open(report, severity), true, colour);
  }
  std::vector<const v1::Finding*> silenced;
  std::vector<const v1::Finding*> passed;
  for (const v1::Finding& finding : report.findings()) {
    if (finding.silenced()) {
      silenced.push_back(&finding);
    } else if (finding.passed() == v1::ANSWER_YES) {
      passed.push_back(&finding);
    }
  }
  out += Group("SILENCED", silenced, false, colour);
  if (report.findings().empty()) return absl::StrCat(out, "\n", kIndent, "nothing was checked\n");
  return out + (all ? Group("PASSED", passed, false, colour) : PassedLine(passed));
}

std::string RenderCheckChanges(const v1::CheckReport& before, const v1::CheckReport& now, bool colour) {
  const std::map<Key, const v1::Finding*> earlier = ByKey(before);
  const std::map<Key, const v1::Finding*> current = ByKey(now);
  const std::string time = TimeOfDayText(now.at());
  std::string out;
  // In the order of the report, which is that of the checks.
  std::map<std::pair<std::string, std::string>, int> places;
  for (const v1::Finding& finding : now.findings()) {
    const int place = places[{finding.id(), finding.resource()}]++;
    const auto was = earlier.find({finding.id(), finding.resource(), place});
    if (was != earlier.end() && Same(*was->second, finding)) continue;
    if (was == earlier.end() && finding.passed() == v1::ANSWER_YES) continue;
    absl::StrAppend(&out, time, kIndent, Headline(finding, colour));
    if (finding.passed() != v1::ANSWER_YES && !finding.silenced()) out += Details(finding, colour);
  }
  for (const auto& [key, finding] : earlier) {
    if (current.contains(key) || finding->passed() == v1::ANSWER_YES) continue;
    absl::StrAppend(&out, time, kIndent, "gone", std::string(kAnswerWidth - 4, ' '), kIndent,
                    Harmless(SubjectOf(*finding)), "\n");
  }
  if (before.passed() != now.passed()) {
    const Cell overall = OverallCell(now.passed());
    absl::StrAppend(&out, time, kIndent, "cluster ", Harmless(now.cluster()), ": ",
                    Paint(overall.text, overall.tone, colour), Counted(now), "\n");
  }
  return out;
}

std::string RenderCheckList(const v1::ListChecksResponse& checks, bool colour) {
  Table table({{"ID"}, {"SEVERITY"}, {"WHAT"}});
  for (const v1::CheckText& check : checks.checks()) {
    table.AddRow({{check.id()}, {SeverityName(check.severity())}, {check.title()}});
  }
  return table.Render(colour);
}

std::string RenderCheckText(const v1::CheckText& check) {
  std::string out =
      absl::StrCat(Harmless(check.id()), " (", SeverityName(check.severity()), "): ", Harmless(check.title()), "\n");
  for (const auto& [title, text] :
       {std::pair{"looks at", check.looks_at()}, {"why it matters", check.why()}, {"what to do", check.remedy()}}) {
    if (text.empty()) continue;
    absl::StrAppend(&out, "\n", title, ":\n");
    for (const absl::string_view line : absl::StrSplit(text, '\n')) {
      absl::StrAppend(&out, kIndent, Harmless(line), "\n");
    }
  }
  return out;
}

}  // namespace jettyfleet
