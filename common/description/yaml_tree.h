// YAML text as a bounded tree with positions: the part of YAML that configuration needs, and nothing that surprises.
#ifndef JETTYFLEET_COMMON_DESCRIPTION_YAML_TREE_H_
#define JETTYFLEET_COMMON_DESCRIPTION_YAML_TREE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace jettyfleet {

inline constexpr std::size_t kYamlLimitBytes = 1 << 20;
inline constexpr std::size_t kYamlNodeLimit = 20000;
inline constexpr std::size_t kYamlDepthLimit = 16;

struct YamlPosition {
  int line = 1;  // from 1
  int column = 1;
};

struct YamlNode {
  enum class Kind { kNull, kScalar, kSequence, kMap };
  Kind kind = Kind::kNull;
  YamlPosition at;
  std::string text;              // kScalar
  bool plain = true;             // kScalar: not in quotes, so it may be a number
  std::vector<YamlNode> keys;    // kMap: scalars, each once; values[i] belongs to keys[i]
  std::vector<YamlNode> values;  // kMap and kSequence
};

// "FILE:LINE:COLUMN: MESSAGE", with InvalidArgument.
absl::Status YamlError(absl::string_view file, YamlPosition at, absl::string_view message);

// For quoting input in messages: shortened, without control characters.
std::string QuoteInput(absl::string_view text);

// One document. InvalidArgument for anything else: a syntax error, no document or several, a key twice or that is no
// scalar, text that is not UTF-8, anchors, aliases (they can blow up a small file) and tags, or more than the limits
// above. `file` is only for messages.
absl::StatusOr<YamlNode> ParseYaml(absl::string_view text, absl::string_view file);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COMMON_DESCRIPTION_YAML_TREE_H_
