#include "coordinator/check/judge.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "coordinator/check/check.h"
#include "coordinator/check/verdict.h"

namespace jettyfleet {
namespace {

Verdict Overrides(const CheckInput& input);

// About the description itself: it stands here because it looks at the catalogue.
std::vector<Check> DescriptionChecks() {
  return {
      {"description.checks", v1::SEVERITY_WARNING, "What is silenced is silenced for now",
       "checks in the description: their ids and their last days",
       "An override that has ended, or that names no check, does nothing and looks as if it did.",
       "mend checks in cluster.yaml, then jettyfleet apply -f cluster.yaml", Overrides, nullptr},
  };
}

const std::vector<Check>& AllChecks() {
  static const auto* const checks = [] {
    auto* const all = new std::vector<Check>;
    for (const auto& part : {ClusterChecks(), UnitChecks(), ResourceChecks(), PortChecks(), PathChecks(), IdentityChecks(),
                             SessionChecks(), RoutingChecks(), DescriptionChecks()}) {
      all->insert(all->end(), part.begin(), part.end());
    }
    return all;
  }();
  return *checks;
}

std::string Today(const CheckInput& input) { return absl::FormatTime("%Y-%m-%d", input.now, absl::UTCTimeZone()); }

Verdict Overrides(const CheckInput& input) {
  Verdict verdict = Passed(absl::StrCat(input.view.description.checks_size(), " overridden"));
  for (const v1::CheckOverride& override : input.view.description.checks()) {
    const bool known = std::any_of(AllChecks().begin(), AllChecks().end(),
                                   [&](const Check& check) { return override.id() == check.id; });
    if (!known) verdict.evidence.emplace_back("", absl::StrCat(override.id(), ": there is no such check"));
    // Dates of this form are in the order of their letters.
    if (known && override.until() < Today(input)) {
      verdict.evidence.emplace_back("", absl::StrCat(override.id(), ": over since ", override.until()));
    }
  }
  if (verdict.evidence.empty()) return verdict;
  verdict.passed = v1::ANSWER_NO;
  verdict.summary = absl::StrCat(verdict.evidence.size(), " of ", input.view.description.checks_size(), " have no effect");
  return verdict;
}

// Commands are to be typed as they stand.
std::string Remedy(const CheckInput& input, const v1::ResourceDescription* resource, const Verdict& verdict,
                   const std::string& text) {
  std::vector<std::pair<std::string, std::string>> names = {{"CLUSTER", input.view.cluster}};
  if (resource != nullptr) {
    names.emplace_back("RESOURCE", resource->name());
    names.emplace_back("UNIT", resource->unit());
    if (resource->ports_size() == 1) names.emplace_back("PORT", absl::StrCat(resource->ports(0)));
  }
  if (verdict.hosts.size() == 1) names.emplace_back("NODE", verdict.hosts[0]);
  return absl::StrReplaceAll(text, names);
}

v1::Finding ToFinding(const CheckInput& input, const Check& check, const v1::ResourceDescription* resource) {
  const Verdict verdict = resource == nullptr ? check.of_cluster(input) : check.of_resource(input, *resource);
  v1::Finding finding;
  finding.set_id(check.id);
  finding.set_severity(check.severity);
  finding.set_passed(verdict.passed);
  if (resource != nullptr) finding.set_resource(resource->name());
  *finding.mutable_nodes() = {verdict.hosts.begin(), verdict.hosts.end()};
  finding.set_summary(verdict.summary);
  for (const auto& [host, value] : verdict.evidence) {
    v1::Evidence* const evidence = finding.add_evidence();
    evidence->set_host(host);
    evidence->set_value(value);
  }
  if (verdict.passed != v1::ANSWER_YES) finding.set_remedy(Remedy(input, resource, verdict, check.remedy));
  for (const v1::CheckOverride& override : input.view.description.checks()) {
    if (override.id() != check.id || override.until() < Today(input)) continue;
    finding.set_silence_reason(override.reason());
    finding.set_silence_until(override.until());
    finding.set_silenced(override.severity() == v1::SEVERITY_UNSPECIFIED);
    if (!finding.silenced()) finding.set_severity(override.severity());
  }
  return finding;
}

}  // namespace

std::vector<v1::Finding> JudgeChecks(const CheckInput& input) {
  std::vector<v1::Finding> findings;
  for (const Check& check : AllChecks()) {
    if (check.of_cluster != nullptr) {
      findings.push_back(ToFinding(input, check, nullptr));
      continue;
    }
    for (const v1::ResourceDescription& resource : input.view.description.resources()) {
      findings.push_back(ToFinding(input, check, &resource));
    }
  }
  return findings;
}

v1::Answer OverallOf(const std::vector<v1::Finding>& findings) {
  v1::Answer overall = v1::ANSWER_YES;
  for (const v1::Finding& finding : findings) {
    if (finding.silenced() || finding.severity() == v1::SEVERITY_INFO) continue;
    if (finding.passed() == v1::ANSWER_NO) return v1::ANSWER_NO;
    if (finding.passed() != v1::ANSWER_YES) overall = v1::ANSWER_UNSPECIFIED;
  }
  return overall;
}

v1::ListChecksResponse ListOfChecks() {
  v1::ListChecksResponse response;
  for (const Check& check : AllChecks()) {
    v1::CheckText* const text = response.add_checks();
    text->set_id(check.id);
    text->set_severity(check.severity);
    text->set_title(check.title);
    text->set_looks_at(check.looks_at);
    text->set_why(check.why);
    text->set_remedy(check.remedy);
  }
  return response;
}

}  // namespace jettyfleet
