#include "agent/observe/cib_digest.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "agent/act/fields.h"
#include "common/sha256.h"

namespace jettyfleet {
namespace {

bool Is(const pugi::xml_node& element, absl::string_view name) { return element.name() == name; }

bool IsLeftOut(const pugi::xml_node& element) {
  const absl::string_view id = element.attribute("id").value();
  if (absl::StartsWith(id, kOursPrefix) && !absl::StartsWith(id, kAvoidPrefix)) return true;
  if (Is(element, "rsc_location")) return absl::StartsWith(id, "cli-ban-") || absl::StartsWith(id, "cli-prefer-");
  if (!Is(element, "nvpair")) return false;
  const absl::string_view name = element.attribute("name").value();
  if (name == "last-lrm-refresh") return true;
  return name == "standby" && Is(element.parent(), "instance_attributes") && Is(element.parent().parent(), "node");
}

class LeftOut : public pugi::xml_tree_walker {
 public:
  bool for_each(pugi::xml_node& element) override {
    if (IsLeftOut(element)) found.push_back(element);
    return true;
  }
  std::vector<pugi::xml_node> found;
};

// A node's attribute sets that are empty now: a standby that came and went leaves its set behind.
class EmptySets : public pugi::xml_tree_walker {
 public:
  bool for_each(pugi::xml_node& element) override {
    if (Is(element, "instance_attributes") && Is(element.parent(), "node") && !element.first_child()) {
      found.push_back(element);
    }
    return true;
  }
  std::vector<pugi::xml_node> found;
};

class SortAttributes : public pugi::xml_tree_walker {
 public:
  bool for_each(pugi::xml_node& element) override {
    std::vector<std::pair<std::string, std::string>> attributes;
    for (const pugi::xml_attribute& attribute : element.attributes()) {
      attributes.emplace_back(attribute.name(), attribute.value());
    }
    std::sort(attributes.begin(), attributes.end());
    while (element.first_attribute()) element.remove_attribute(element.first_attribute());
    for (const auto& [name, value] : attributes) element.append_attribute(name.c_str()) = value.c_str();
    return true;
  }
};

class IntoDigest : public pugi::xml_writer {
 public:
  void write(const void* data, size_t size) override { digest.Add(data, size); }
  Sha256 digest;
};

// Not while walking.
template <typename Walker>
void RemoveAll(pugi::xml_node root) {
  Walker walker;
  root.traverse(walker);
  // What lies in another comes after it, so the last first.
  for (auto element = walker.found.rbegin(); element != walker.found.rend(); ++element) {
    element->parent().remove_child(*element);
  }
}

}  // namespace

std::string ConfigurationDigest(const pugi::xml_node& configuration) {
  pugi::xml_document copy;
  pugi::xml_node root = copy.append_copy(configuration);
  RemoveAll<LeftOut>(root);
  RemoveAll<EmptySets>(root);
  SortAttributes sort;
  copy.traverse(sort);
  IntoDigest into;
  root.print(into, "", pugi::format_raw);
  return absl::BytesToHexString(into.digest.Finish());
}

}  // namespace jettyfleet
