// A value of an enumeration by the word that stands for it in YAML.
#ifndef JETTYFLEET_COMMON_DESCRIPTION_YAML_CHOICE_H_
#define JETTYFLEET_COMMON_DESCRIPTION_YAML_CHOICE_H_

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/description/yaml_reader.h"

namespace jettyfleet {

// An error when the key is missing or its word is none of `known`; then the value is the enumeration's first.
template <typename Value, std::size_t kSize>
Value ReadChoice(const YamlMap& map, absl::string_view key, const std::pair<const char*, Value> (&known)[kSize]) {
  std::vector<absl::string_view> names;
  for (const auto& [name, value] : known) names.push_back(name);
  const std::string given = map.Choice(key, names);
  for (const auto& [name, value] : known) {
    if (given == name) return value;
  }
  return Value();
}

template <typename Value, std::size_t kSize>
const char* NameOf(Value wanted, const std::pair<const char*, Value> (&known)[kSize]) {
  for (const auto& [name, value] : known) {
    if (value == wanted) return name;
  }
  return "";
}

}  // namespace jettyfleet

#endif  // JETTYFLEET_COMMON_DESCRIPTION_YAML_CHOICE_H_
