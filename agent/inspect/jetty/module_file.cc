#include "agent/inspect/jetty/module_file.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"

namespace jettyfleet {

ModuleFile ParseModuleFile(absl::string_view text) {
  ModuleFile module;
  std::string section;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    line = absl::StripAsciiWhitespace(line);
    if (line.empty() || line.front() == '#') continue;
    if (line.front() == '[' && line.back() == ']') {
      section = absl::AsciiStrToLower(line.substr(1, line.size() - 2));
    } else if (section == "depend" || section == "depends") {
      module.needs.emplace_back(line);
    } else if (section == "provide" || section == "provides") {
      module.provides.emplace_back(line.substr(0, line.find('|')));
    } else if (section == "xml") {
      module.xml_files.emplace_back(line);
    } else if (section == "ini") {
      module.ini.emplace_back(line);
    }
  }
  return module;
}

}  // namespace jettyfleet
