#include <re2/re2.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/proto_time.h"
#include "coordinator/check/text_diff.h"
#include "coordinator/check/verdict.h"

namespace jettyfleet {
namespace {

constexpr std::size_t kMostNamed = 20;
constexpr char kNone[] = "none";

using Trees = google::protobuf::RepeatedPtrField<v1::TreeFact>;

// What each node has, by absolute path: a digest, or why there is none.
struct Content {
  std::map<std::string, std::map<std::string, std::string>> files;  // by path, by node
  std::vector<std::string> inspected;                               // nodes
  std::vector<std::pair<std::string, std::string>> unknown;         // node, why
};

std::string FileOf(const v1::TreeFact& tree, const v1::FileFact& file) {
  return file.path().empty() ? tree.root() : absl::StrCat(tree.root(), "/", file.path());
}

Content ContentOf(const CheckInput& input, const v1::ResourceDescription& resource,
                  const Trees& (v1::ResourceInspection::*trees)() const) {
  Content content;
  for (const std::string& node : NodesOf(input)) {
    const v1::ResourceInspection* const inspected = InspectionOf(input, node, resource);
    if (inspected == nullptr) {
      content.unknown.emplace_back(node, WhyNotInspected(input, node));
      continue;
    }
    content.inspected.push_back(node);
    for (const v1::TreeFact& tree : (inspected->*trees)()) {
      if (!tree.error().empty()) content.unknown.emplace_back(node, absl::StrCat(tree.root(), ": ", tree.error()));
      for (const v1::FileFact& file : tree.files()) {
        if (!file.error().empty()) content.unknown.emplace_back(node, absl::StrCat(FileOf(tree, file), ": ", file.error()));
        content.files[FileOf(tree, file)][node] = file.sha256();
      }
      // Beyond what is listed only the digest over all tells.
      if (tree.files_cut_short()) content.files[absl::StrCat(tree.root(), " (all)")][node] = tree.sha256();
    }
  }
  return content;
}

std::vector<std::string> Differing(const Content& content) {
  std::vector<std::string> differing;
  for (const auto& [path, by_node] : content.files) {
    std::set<std::string> digests;
    for (const auto& [node, digest] : by_node) digests.insert(digest);
    if (digests.size() > 1 || by_node.size() < content.inspected.size()) differing.push_back(path);
  }
  return differing;
}

std::string DigestOn(const Content& content, const std::string& path, const std::string& node) {
  const auto& by_node = content.files.at(path);
  const auto found = by_node.find(node);
  return found == by_node.end() ? kNone : absl::StrCat("sha256 ", Hex(found->second), "…");
}

void AddDifference(const Content& content, const std::string& path, Verdict* verdict) {
  for (const std::string& node : content.inspected) {
    verdict->evidence.emplace_back(node, absl::StrCat(path, ": ", DigestOn(content, path, node)));
  }
}

Verdict Judge(const Content& content, const std::vector<std::string>& differing, const std::string& what) {
  Verdict verdict;
  if (!differing.empty()) {
    verdict = Failed(absl::StrCat(differing.size(), differing.size() == 1 ? " file differs" : " files differ", " or ",
                                  differing.size() == 1 ? "is" : "are", " not everywhere"));
    for (std::size_t i = 0; i < differing.size() && i < kMostNamed; ++i) AddDifference(content, differing[i], &verdict);
    if (differing.size() > kMostNamed) {
      verdict.evidence.emplace_back("", absl::StrCat("and ", differing.size() - kMostNamed, " more"));
    }
  } else if (!content.unknown.empty()) {
    verdict = Unknown(absl::StrCat("not all of ", what, " could be read"));
  } else if (content.files.empty()) {
    verdict = Unknown(absl::StrCat("no ", what, " found"));
  } else {
    verdict = Passed(absl::StrCat(content.files.size(), content.files.size() == 1 ? " file" : " files",
                                  ", the same on ", absl::StrJoin(content.inspected, ", ")));
  }
  verdict.evidence.insert(verdict.evidence.end(), content.unknown.begin(), content.unknown.end());
  return verdict;
}

Verdict Archives(const CheckInput& input, const v1::ResourceDescription& resource) {
  const Content content = ContentOf(input, resource, &v1::ResourceInspection::archives);
  return Judge(content, Differing(content), "archives");
}

// What is meant to differ: this node's own names, wherever they stand in a line.
std::string WithoutOwnNames(const CheckInput& input, const std::string& node, const v1::ResourceInspection& inspected,
                            const std::string& text) {
  std::string without = text;
  // Whole words: an address may be the beginning of another one.
  const auto replace = [&](const std::string& name, const char* stand_in) {
    if (!name.empty()) RE2::GlobalReplace(&without, absl::StrCat("\\b", RE2::QuoteMeta(name), "\\b"), stand_in);
  };
  // A worker name is often short: only where it is set.
  const std::string& worker = inspected.sessions().worker_name();
  if (!worker.empty()) replace(absl::StrCat("workerName=", worker), "workerName=WORKER");
  const auto address = input.view.description.addresses().find(node);
  if (address != input.view.description.addresses().end()) replace(address->second, "ADDRESS");
  replace(node, "NODE");
  return without;
}

const v1::TextFact* TextOf(const v1::ResourceInspection& inspected, const std::string& path) {
  for (const v1::TextFact& text : inspected.texts()) {
    if (text.path() == path) return &text;
  }
  return nullptr;
}

// Whether nothing but the nodes' own names differs. Texts have their secrets masked, so that two secrets still differ.
bool DiffersByNamesOnly(const CheckInput& input, const v1::ResourceDescription& resource, const Content& content,
                        const std::string& path) {
  std::set<std::string> texts;
  std::set<std::string> as_they_are;
  for (const std::string& node : content.inspected) {
    const v1::ResourceInspection* const inspected = InspectionOf(input, node, resource);
    const v1::TextFact* const text = inspected == nullptr ? nullptr : TextOf(*inspected, path);
    if (text == nullptr || text->cut_short() || !text->error().empty()) return false;
    as_they_are.insert(text->text());
    texts.insert(WithoutOwnNames(input, node, *inspected, text->text()));
  }
  // Where masked texts are the same, it is in what is masked that they differ.
  return texts.size() == 1 && as_they_are.size() > 1;
}

// Of the first node's text against each other one's.
void AddTexts(const CheckInput& input, const v1::ResourceDescription& resource, const Content& content,
              const std::string& path, Verdict* verdict) {
  const v1::TextFact* first = nullptr;
  for (const std::string& node : content.inspected) {
    const v1::TextFact* const text = TextOf(*InspectionOf(input, node, resource), path);
    if (text == nullptr || !text->error().empty()) continue;
    if (first == nullptr) {
      first = text;
      continue;
    }
    const std::string difference = TextDiff(first->text(), text->text());
    if (!difference.empty()) verdict->evidence.emplace_back(node, absl::StrCat(path, "\n", difference));
  }
}

Verdict Configuration(const CheckInput& input, const v1::ResourceDescription& resource) {
  const Content content = ContentOf(input, resource, &v1::ResourceInspection::configuration);
  std::vector<std::unique_ptr<RE2>> patterns;
  for (const std::string& pattern : resource.identity().may_differ()) {
    patterns.push_back(std::make_unique<RE2>(pattern, RE2::Quiet));
  }
  std::vector<std::string> differing;
  int meant = 0;
  for (const std::string& path : Differing(content)) {
    const bool may = std::any_of(patterns.begin(), patterns.end(),
                                 [&](const auto& pattern) { return pattern->ok() && RE2::PartialMatch(path, *pattern); });
    if (may || DiffersByNamesOnly(input, resource, content, path)) {
      ++meant;
    } else {
      differing.push_back(path);
    }
  }
  Verdict verdict = Judge(content, differing, "configuration");
  if (input.with_texts) {
    for (std::size_t i = 0; i < differing.size() && i < kMostNamed; ++i) {
      AddTexts(input, resource, content, differing[i], &verdict);
    }
  }
  if (verdict.passed == v1::ANSWER_YES && meant > 0) {
    absl::StrAppend(&verdict.summary, ", save for ", meant, meant == 1 ? " file" : " files", " that may differ");
  }
  return verdict;
}

Verdict Java(const CheckInput& input, const v1::ResourceDescription& resource) {
  return SameOnAll(
      NodesOf(input),
      [&](const std::string& node) -> std::optional<std::string> {
        const v1::ResourceInspection* const inspected = InspectionOf(input, node, resource);
        if (inspected == nullptr || inspected->runtime().java_version().empty()) return std::nullopt;
        const v1::RuntimeFact& runtime = inspected->runtime();
        return absl::StrCat(runtime.java_version(), runtime.java_vendor().empty() ? "" : " of ", runtime.java_vendor());
      },
      "Java");
}

Verdict Jetty(const CheckInput& input, const v1::ResourceDescription& resource) {
  return SameOnAll(
      NodesOf(input),
      [&](const std::string& node) -> std::optional<std::string> {
        const v1::ResourceInspection* const inspected = InspectionOf(input, node, resource);
        if (inspected == nullptr || inspected->runtime().jetty_version().empty()) return std::nullopt;
        return inspected->runtime().jetty_version();
      },
      "Jetty");
}

Verdict Packages(const CheckInput& input) {
  std::map<std::string, std::map<std::string, std::string>> versions;  // by package, by node
  std::vector<std::string> inspected;
  Verdict verdict;
  for (const std::string& node : Nodes(input)) {
    const v1::Inspection* const inspection = InspectionOf(input, node);
    if (inspection == nullptr || inspection->host().packages().empty()) {
      verdict.hosts.push_back(node);
      verdict.evidence.emplace_back(node, inspection == nullptr ? WhyNotInspected(input, node) : "its packages are not known");
      continue;
    }
    inspected.push_back(node);
    for (const v1::PackageFact& package : inspection->host().packages()) versions[package.name()][node] = package.version();
  }
  std::vector<std::string> differing;
  for (const auto& [package, by_node] : versions) {
    std::set<std::string> different;
    for (const std::string& node : inspected) different.insert(by_node.contains(node) ? by_node.at(node) : kNone);
    if (different.size() < 2) continue;
    differing.push_back(package);
    for (const std::string& node : inspected) {
      verdict.evidence.emplace_back(node, absl::StrCat(package, " ", by_node.contains(node) ? by_node.at(node) : kNone));
    }
  }
  if (!differing.empty()) {
    verdict.passed = v1::ANSWER_NO;
    verdict.summary = absl::StrCat("nodes differ in ", absl::StrJoin(differing, ", "));
    verdict.hosts.clear();
  } else if (!verdict.hosts.empty() || inspected.empty()) {
    verdict.passed = v1::ANSWER_UNSPECIFIED;
    verdict.summary = absl::StrCat("not known on ", absl::StrJoin(verdict.hosts, ", "));
  } else {
    verdict.passed = v1::ANSWER_YES;
    verdict.summary = absl::StrCat(versions.size(), " packages, the same on every node");
  }
  return verdict;
}

Verdict Kernel(const CheckInput& input) {
  return SameOnAll(
      Nodes(input),
      [&](const std::string& node) -> std::optional<std::string> {
        const v1::Inspection* const inspection = InspectionOf(input, node);
        if (inspection == nullptr || inspection->host().kernel().empty()) return std::nullopt;
        return absl::StrCat(inspection->host().kernel(), ", ", inspection->host().release());
      },
      "kernel");
}

Verdict Attested(const CheckInput& input, const v1::ResourceDescription& resource) {
  const v1::ParallelSafe& word = resource.parallel_safe();
  if (word.by().empty()) return Failed("nobody has said that the application may run on more than one node at once");
  absl::Time end;
  std::string error;
  if (!absl::ParseTime("%Y-%m-%d", word.date(), absl::UTCTimeZone(), &end, &error)) {
    return Unknown(absl::StrCat("its date cannot be read: ", word.date()));
  }
  end += absl::Hours(24);
  Verdict verdict = Passed(absl::StrCat(word.by(), ", ", word.date(), word.evidence().empty() ? "" : ": ", word.evidence()));
  for (const std::string& node : NodesOf(input)) {
    const v1::ResourceInspection* const inspected = InspectionOf(input, node, resource);
    if (inspected == nullptr) {
      verdict.evidence.emplace_back(node, WhyNotInspected(input, node));
      if (verdict.passed == v1::ANSWER_YES) verdict.passed = v1::ANSWER_UNSPECIFIED;
      continue;
    }
    for (const v1::TreeFact& tree : inspected->archives()) {
      if (!tree.has_newest() || FromProto(tree.newest()) < end) continue;
      verdict.passed = v1::ANSWER_NO;
      verdict.summary = absl::StrCat("the word of ", word.by(), " is of ", word.date(), ", and archives are newer");
      verdict.evidence.emplace_back(
          node, absl::StrCat(tree.root(), ": changed ",
                             absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", FromProto(tree.newest()), absl::UTCTimeZone())));
    }
  }
  if (verdict.passed == v1::ANSWER_UNSPECIFIED) verdict.summary = "the age of its archives is not known everywhere";
  return verdict;
}

}  // namespace

std::vector<Check> IdentityChecks() {
  return {
      {"identity.archives", v1::SEVERITY_FATAL, "Every node has the same archives",
       "SHA-256 of each file below the deployment directory, lib/ext and identity.archives",
       "Clients see one version or the other, by chance.", "copy the right archive to that node, one node at a time", nullptr,
       Archives},
      {"identity.configuration", v1::SEVERITY_WARNING, "Every node has the same configuration",
       "SHA-256 of each file of jetty.base's configuration, environment files and identity.configuration; a node's own name, "
       "address and worker name may differ, and what identity.may_differ matches",
       "A setting that one node lacks shows when the others are gone.",
       "jettyfleet check --diff; make the files the same, or name them in identity.may_differ", nullptr, Configuration},
      {"identity.java", v1::SEVERITY_WARNING, "Every node runs the same Java",
       "the release file of the running process's Java", "Garbage collection, TLS and defaults differ between versions.",
       "install the same Java on every node", nullptr, Java},
      {"identity.jetty", v1::SEVERITY_FATAL, "Every node runs the same Jetty", "the version in jetty.home's libraries",
       "Sessions that one version wrote may be unreadable to the other.", "install the same Jetty on every node", nullptr,
       Jetty},
      {"identity.packages", v1::SEVERITY_WARNING, "The cluster is of one make",
       "versions of the packages of Pacemaker, Corosync, pcs, Java and Jetty",
       "Pacemaker of two versions works by the older one's rules.", "apt upgrade, one node at a time", Packages, nullptr},
      {"identity.kernel", v1::SEVERITY_INFO, "Every node runs the same kernel", "uname and os-release",
       "It explains differences that nothing else does.", "reboot the node that lags behind", Kernel, nullptr},
      {"identity.parallel-safe", v1::SEVERITY_WARNING, "Somebody answers for running in parallel",
       "parallel_safe in the description, its date against the newest change of the archives",
       "Timers, caches and files of an application that was written for one node go wrong on two.",
       "ask the application's authors; then describe parallel_safe with the day's date", nullptr, Attested},
  };
}

}  // namespace jettyfleet
