#include "agent/inspect/jetty/start_arguments.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace jettyfleet {
namespace {

constexpr std::size_t kMaxText = 16 << 10;
constexpr std::size_t kMaxModules = 1000;
constexpr std::size_t kMaxProperties = 5000;
constexpr std::size_t kMaxXmlFiles = 500;
constexpr std::size_t kMaxIncluded = 64;
constexpr int kMaxDepth = 10;
constexpr int kMaxReplacements = 1000;

absl::Status TooMany(std::size_t most, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("more than ", most, " ", what, "; is this Jetty's configuration?"));
}

absl::Status AddOnce(absl::string_view name, std::size_t most, absl::string_view what, NamesOnce* names) {
  if (names->size() >= most && !names->Has(name)) return TooMany(most, what);
  names->Add(name);
  return absl::OkStatus();
}

absl::Status AddModules(absl::string_view list, StartArguments* arguments) {
  for (const absl::string_view name : absl::StrSplit(list, ',')) {
    const absl::string_view module = absl::StripAsciiWhitespace(name);
    if (module.empty()) continue;
    if (absl::Status added = AddOnce(module, kMaxModules, "modules", &arguments->modules); !added.ok()) return added;
  }
  return absl::OkStatus();
}

absl::Status SetProperty(absl::string_view name, absl::string_view value, StartArguments* arguments) {
  const bool as_default = absl::ConsumeSuffix(&name, "?");
  const bool appended = !as_default && absl::ConsumeSuffix(&name, "+");
  std::map<std::string, std::string>& properties = arguments->properties;
  const bool is_new = properties.count(std::string(name)) == 0;
  if (is_new && properties.size() >= kMaxProperties) return TooMany(kMaxProperties, "properties");
  std::string& property = properties[std::string(name)];
  if (appended) {
    if (is_new) absl::ConsumePrefix(&value, ",");
    if (property.size() + value.size() > kMaxText) {
      return absl::InvalidArgumentError(absl::StrCat("property ", name.substr(0, 100), " gets longer than 16 KiB"));
    }
    absl::StrAppend(&property, value);
  } else if (is_new || !as_default) {
    property = std::string(value);
  }
  return absl::OkStatus();
}

bool ConsumeModules(absl::string_view* line) {
  // --modules since Jetty 12; --add-module and --add-to-start are commands that put a module into the base for good.
  for (const absl::string_view option : {"--module=", "--modules=", "--add-module=", "--add-modules="}) {
    if (absl::ConsumePrefix(line, option)) return true;
  }
  return false;
}

std::string Expand(absl::string_view text, const std::map<std::string, std::string>& properties,
                   std::vector<absl::string_view>* within, int* replacements) {
  std::string expanded;
  while (expanded.size() < kMaxText) {
    const std::size_t start = text.find("${");
    const std::size_t end = start == absl::string_view::npos ? start : text.find('}', start);
    absl::StrAppend(&expanded, text.substr(0, end == absl::string_view::npos ? end : start));
    if (end == absl::string_view::npos) break;
    const absl::string_view name = absl::StripAsciiWhitespace(text.substr(start + 2, end - start - 2));
    const auto property = properties.find(std::string(name));
    const bool loops = std::find(within->begin(), within->end(), name) != within->end();
    // Without a limit for all levels together, a few lines that repeat one another could keep us busy for years.
    if (property == properties.end() || loops || static_cast<int>(within->size()) >= kMaxDepth ||
        ++*replacements > kMaxReplacements) {
      absl::StrAppend(&expanded, text.substr(start, end + 1 - start));
    } else {
      within->push_back(property->first);
      absl::StrAppend(&expanded, Expand(property->second, properties, within, replacements));
      within->pop_back();
    }
    text.remove_prefix(end + 1);
  }
  if (expanded.size() > kMaxText) expanded.resize(kMaxText);
  return expanded;
}

absl::Status AddLine(absl::string_view line, StartArguments* arguments) {
  line = absl::StripAsciiWhitespace(line);
  if (line.size() > kMaxText) return absl::InvalidArgumentError("a line is longer than 16 KiB");
  if (line.empty() || line.front() == '#') return absl::OkStatus();
  if (ConsumeModules(&line)) return AddModules(line, arguments);
  if (absl::ConsumePrefix(&line, "--include-jetty-dir=")) {
    return AddOnce(line, kMaxIncluded, "included directories", &arguments->included_directories);
  }
  const bool of_the_jvm = absl::ConsumePrefix(&line, "-D");
  if (!of_the_jvm && line.front() == '-') return absl::OkStatus();
  const std::size_t equals = line.find('=');
  if (equals != absl::string_view::npos) {
    return SetProperty(line.substr(0, equals), line.substr(equals + 1), arguments);
  }
  if (of_the_jvm) return SetProperty(line, "", arguments);
  if (!absl::EndsWithIgnoreCase(line, ".xml")) return absl::OkStatus();
  return AddOnce(line, kMaxXmlFiles, "XML files", &arguments->xml_files);
}

}  // namespace

absl::Status AddStartLine(absl::string_view line, absl::string_view origin, StartArguments* arguments) {
  const absl::Status added = AddLine(line, arguments);
  return added.ok() ? added : absl::InvalidArgumentError(absl::StrCat(origin, ": ", added.message()));
}

absl::Status AddStartText(absl::string_view text, absl::string_view origin, StartArguments* arguments) {
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    if (absl::Status status = AddStartLine(line, origin, arguments); !status.ok()) return status;
  }
  return absl::OkStatus();
}

std::string ExpandProperties(absl::string_view text, const std::map<std::string, std::string>& properties) {
  std::vector<absl::string_view> within;
  int replacements = 0;
  return Expand(text, properties, &within, &replacements);
}

}  // namespace jettyfleet
