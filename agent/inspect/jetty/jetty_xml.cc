#include "agent/inspect/jetty/jetty_xml.h"

#include <pugixml.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "agent/inspect/jetty/store_address.h"

namespace jettyfleet {
namespace {

constexpr int kMaxElements = 20000;
constexpr int kMaxDepth = 50;
constexpr char kCookieParameter[] = "org.eclipse.jetty.servlet.SessionCookie";

std::optional<std::string> ValueOf(const pugi::xml_node& element, const XmlLookup& lookup, int depth);

// <Property name="..." default="...">, or with <Name> and <Default> inside; <Env> and <SystemProperty> alike.
std::optional<std::string> LookUp(const pugi::xml_node& element, const std::map<std::string, std::string>& values,
                                  const XmlLookup& lookup, int depth) {
  std::string name = element.attribute("name").value();
  if (const pugi::xml_node inner = element.child("Name"); inner && name.empty()) {
    name = ValueOf(inner, lookup, depth + 1).value_or("");
  }
  if (const auto value = values.find(name); value != values.end()) return value->second;
  if (const pugi::xml_attribute value = element.attribute("default")) return value.value();
  if (const pugi::xml_node value = element.child("Default")) return ValueOf(value, lookup, depth + 1);
  return "";
}

// What the content of an element amounts to; nothing where it is computed in a way that the text does not tell.
std::optional<std::string> ValueOf(const pugi::xml_node& element, const XmlLookup& lookup, int depth) {
  if (depth > kMaxDepth) return std::nullopt;
  std::string value;
  for (const pugi::xml_node& child : element.children()) {
    std::optional<std::string> part;
    const std::string name = child.name();
    if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata) {
      part = child.value();
    } else if (child.type() == pugi::node_comment) {
      part = "";
    } else if (name == "Property") {
      part = LookUp(child, lookup.properties, lookup, depth);
    } else if (name == "SystemProperty") {
      // start.jar makes a property of every system property that its files set.
      part = LookUp(child, lookup.properties, lookup, depth);
    } else if (name == "Env") {
      part = LookUp(child, lookup.environment, lookup, depth);
    }
    if (!part.has_value()) return std::nullopt;
    absl::StrAppend(&value, *part);
  }
  return std::string(absl::StripAsciiWhitespace(value));
}

// <Set name="NAME">VALUE</Set>, or <Call name="setNAME"><Arg>VALUE</Arg></Call>.
bool Sets(const pugi::xml_node& element, absl::string_view property, const XmlLookup& lookup,
          std::optional<std::string>* value) {
  const std::string name = element.name();
  const std::string target = absl::AsciiStrToLower(element.attribute("name").value());
  if (name == "Set" && target == property) {
    // An attribute that Jetty has since version 10.
    const pugi::xml_attribute from = element.attribute("property");
    const auto found = lookup.properties.find(from.value());
    if (from && found != lookup.properties.end()) {
      *value = found->second;
    } else if (!from || element.first_child()) {
      *value = ValueOf(element, lookup, 0).value_or("");
    }
    return true;
  }
  if (name == "Call" && target == absl::StrCat("set", property)) {
    *value = ValueOf(element.child("Arg"), lookup, 0).value_or("");
    return true;
  }
  return false;
}

void NoteUrl(absl::string_view text, JettyXml* found) {
  text = absl::StripAsciiWhitespace(text);
  if (IsStoreUrl(text)) found->store_urls.emplace_back(text);
}

class Walk : public pugi::xml_tree_walker {
 public:
  Walk(const XmlLookup& lookup, JettyXml* found) : lookup_(lookup), found_(*found) {}

  bool for_each(pugi::xml_node& node) override {
    if (node.type() != pugi::node_element) return true;
    if (++elements_ > kMaxElements) return false;
    if (depth() > kMaxDepth) return true;
    if (const pugi::xml_attribute value = node.attribute("class")) found_.classes.emplace_back(value.value());
    if (Sets(node, "workername", lookup_, &found_.worker_name)) return true;
    if (Sets(node, "sessioncookie", lookup_, &found_.cookie)) return true;
    if (Sets(node, "storedir", lookup_, &found_.store_directory)) return true;
    for (const pugi::xml_attribute& attribute : node.attributes()) NoteUrl(attribute.value(), &found_);
    const std::string name = node.name();
    if (name == "Set" || name == "Arg" || name == "Item") {
      NoteUrl(ValueOf(node, lookup_, 0).value_or(""), &found_);
    }
    return true;
  }

 private:
  const XmlLookup& lookup_;
  JettyXml& found_;
  int elements_ = 0;
};

// pugixml expands no entities of a document type of its own, so a small input stays small.
absl::Status Load(absl::string_view text, pugi::xml_document* document) {
  const pugi::xml_parse_result parsed = document->load_buffer(text.data(), text.size());
  if (parsed) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("is no XML: ", parsed.description(), " at byte ", parsed.offset));
}

}  // namespace

absl::StatusOr<JettyXml> ReadJettyXml(absl::string_view text, const XmlLookup& lookup) {
  pugi::xml_document document;
  if (absl::Status status = Load(text, &document); !status.ok()) return status;
  JettyXml found;
  Walk walk(lookup, &found);
  document.traverse(walk);
  return found;
}

absl::StatusOr<std::string> CookieOfDescriptor(absl::string_view text) {
  pugi::xml_document document;
  if (absl::Status status = Load(text, &document); !status.ok()) return status;
  const pugi::xml_node application = document.child("web-app");
  const pugi::xml_node name = application.child("session-config").child("cookie-config").child("name");
  if (name) return std::string(absl::StripAsciiWhitespace(name.text().get()));
  for (const pugi::xml_node& parameter : application.children("context-param")) {
    if (absl::StripAsciiWhitespace(parameter.child("param-name").text().get()) != kCookieParameter) continue;
    return std::string(absl::StripAsciiWhitespace(parameter.child("param-value").text().get()));
  }
  return "";
}

}  // namespace jettyfleet
