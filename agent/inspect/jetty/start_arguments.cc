#include "agent/inspect/jetty/start_arguments.h"

#include <algorithm>
#include <cstddef>

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
constexpr std::size_t kMaxFiles = 200;
constexpr int kMaxDepth = 10;
constexpr int kMaxReplacements = 1000;

void AddOnce(absl::string_view value, std::vector<std::string>* values) {
  if (std::find(values->begin(), values->end(), value) == values->end()) values->emplace_back(value);
}

void SetProperty(absl::string_view name, absl::string_view value, StartArguments* arguments) {
  std::map<std::string, std::string>& properties = arguments->properties;
  if (absl::ConsumeSuffix(&name, "?")) {
    properties.emplace(std::string(name), std::string(value));
  } else if (absl::ConsumeSuffix(&name, "+")) {
    const auto [property, is_new] = properties.try_emplace(std::string(name));
    if (is_new) absl::ConsumePrefix(&value, ",");
    if (property->second.size() + value.size() <= kMaxText) absl::StrAppend(&property->second, value);
  } else {
    properties[std::string(name)] = std::string(value);
  }
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

}  // namespace

absl::Status AddStartLine(absl::string_view line, absl::string_view origin, StartArguments* arguments) {
  line = absl::StripAsciiWhitespace(line);
  if (line.size() > kMaxText) return absl::InvalidArgumentError(absl::StrCat(origin, ": a line is longer than 16 KiB"));
  if (line.empty() || line.front() == '#') return absl::OkStatus();
  if (ConsumeModules(&line)) {
    for (const absl::string_view name : absl::StrSplit(line, ',')) {
      const absl::string_view module = absl::StripAsciiWhitespace(name);
      if (!module.empty() && arguments->modules.size() <= kMaxModules) AddOnce(module, &arguments->modules);
    }
  } else if (absl::ConsumePrefix(&line, "--include-jetty-dir=")) {
    AddOnce(line, &arguments->included_directories);
  } else if (absl::ConsumePrefix(&line, "-D")) {
    const std::size_t equals = line.find('=');
    const bool has_value = equals != absl::string_view::npos;
    SetProperty(line.substr(0, equals), has_value ? line.substr(equals + 1) : "", arguments);
  } else if (line.front() == '-') {
    return absl::OkStatus();
  } else if (const std::size_t equals = line.find('='); equals != absl::string_view::npos) {
    SetProperty(line.substr(0, equals), line.substr(equals + 1), arguments);
  } else if (absl::EndsWithIgnoreCase(line, ".xml")) {
    AddOnce(line, &arguments->xml_files);
  }
  if (arguments->modules.size() > kMaxModules || arguments->properties.size() > kMaxProperties) {
    return absl::InvalidArgumentError(absl::StrCat(origin, ": more than ", kMaxModules, " modules or ", kMaxProperties,
                                                   " properties; is this Jetty's configuration?"));
  }
  if (arguments->xml_files.size() > kMaxFiles || arguments->included_directories.size() > kMaxFiles) {
    return absl::InvalidArgumentError(absl::StrCat(origin, ": more than ", kMaxFiles,
                                                   " XML files or included directories; is this Jetty's configuration?"));
  }
  return absl::OkStatus();
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
