#include "client/render/junit.h"

#include <algorithm>
#include <pugixml.hpp>
#include <sstream>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "client/render/text.h"

namespace jettyfleet {
namespace {

using Result = JunitCase::Result;

// What XML 1.0 can hold, line by line. Of what is valid UTF-8 it cannot hold control characters, U+FFFE and U+FFFF.
std::string XmlText(absl::string_view text) {
  std::vector<std::string> lines;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) lines.push_back(Harmless(line));
  return absl::StrReplaceAll(absl::StrJoin(lines, "\n"), {{"\xEF\xBF\xBE", "?"}, {"\xEF\xBF\xBF", "?"}});
}

// For attributes.
std::string XmlLine(absl::string_view text) { return absl::StrReplaceAll(XmlText(text), {{"\n", " "}}); }

std::string Seconds(absl::Duration duration) {
  return duration == absl::ZeroDuration() ? "0" : absl::StrFormat("%.3f", absl::ToDoubleSeconds(duration));
}

const char* ElementOf(Result result) {
  switch (result) {
    case Result::kPassed:
      return nullptr;
    case Result::kFailure:
      return "failure";
    case Result::kError:
      return "error";
    case Result::kSkipped:
      return "skipped";
  }
  return "error";
}

void AddCase(const JunitCase& added, pugi::xml_node* suite) {
  pugi::xml_node testcase = suite->append_child("testcase");
  testcase.append_attribute("classname") = XmlLine(added.classname).c_str();
  testcase.append_attribute("name") = XmlLine(added.name).c_str();
  testcase.append_attribute("time") = Seconds(added.took).c_str();
  if (!added.properties.empty()) {
    pugi::xml_node properties = testcase.append_child("properties");
    for (const auto& [name, value] : added.properties) {
      pugi::xml_node property = properties.append_child("property");
      property.append_attribute("name") = XmlLine(name).c_str();
      property.append_attribute("value") = XmlLine(value).c_str();
    }
  }
  if (const char* const element = ElementOf(added.result); element != nullptr) {
    pugi::xml_node result = testcase.append_child(element);
    result.append_attribute("message") = XmlLine(added.message).c_str();
    if (added.result != Result::kSkipped) result.append_attribute("type") = XmlLine(added.type).c_str();
    result.text() = XmlText(added.body).c_str();
  }
  if (!added.output.empty()) testcase.append_child("system-out").text() = XmlText(added.output).c_str();
}

}  // namespace

std::string RenderJunit(const JunitSuite& suite) {
  pugi::xml_document document;
  pugi::xml_node element = document.append_child("testsuites").append_child("testsuite");
  for (const JunitCase& added : suite.cases) AddCase(added, &element);
  const auto count = [&suite](Result result) {
    return static_cast<int>(std::count_if(suite.cases.begin(), suite.cases.end(),
                                          [result](const JunitCase& one) { return one.result == result; }));
  };
  element.append_attribute("name") = XmlLine(suite.name).c_str();
  element.append_attribute("tests") = static_cast<int>(suite.cases.size());
  element.append_attribute("failures") = count(Result::kFailure);
  element.append_attribute("errors") = count(Result::kError);
  element.append_attribute("skipped") = count(Result::kSkipped);
  element.append_attribute("time") = absl::StrFormat("%.3f", absl::ToDoubleSeconds(suite.took)).c_str();
  element.append_attribute("timestamp") = absl::FormatTime("%Y-%m-%dT%H:%M:%S", suite.at, absl::UTCTimeZone()).c_str();
  std::ostringstream out;
  document.save(out, "  ", pugi::format_default, pugi::encoding_utf8);
  return out.str();
}

}  // namespace jettyfleet
