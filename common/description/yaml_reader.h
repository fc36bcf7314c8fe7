// Reading a YamlNode strictly: every key is known, every value has its type.
#ifndef JETTYFLEET_COMMON_DESCRIPTION_YAML_READER_H_
#define JETTYFLEET_COMMON_DESCRIPTION_YAML_READER_H_

#include <google/protobuf/duration.pb.h>

#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/description/yaml_tree.h"

namespace jettyfleet {

// "10s", "500ms" or "2m": a whole number and its unit. InvalidArgument otherwise.
absl::StatusOr<absl::Duration> ParseShortDuration(absl::string_view text);
// The inverse for multiples of a millisecond, with the largest unit that fits.
std::string FormatShortDuration(absl::Duration duration);

// What one file's readers share: the first error, and where each value stood, by path ("resources[0].clone.max").
class YamlFile {
 public:
  explicit YamlFile(std::string name) : name_(std::move(name)) {}

  void Fail(YamlPosition at, absl::string_view key, absl::string_view message);
  // An error about the value at the path `described`, or about the closest one around it that stood in the file.
  void FailAtPath(const std::string& described, absl::string_view message);
  void Note(const std::string& path, YamlPosition at) { positions_.emplace(path, at); }
  // The value at `path` was written under another key: errors about it name `written` and stand where that stood.
  void NoteAs(const std::string& path, const std::string& written);
  const absl::Status& status() const { return status_; }

 private:
  const std::string name_;
  std::map<std::string, YamlPosition> positions_;
  std::map<std::string, std::string> written_as_;
  absl::Status status_;
};

// A map of known keys. Errors go to the file; what cannot be read comes back empty, so that callers read on and look at
// the file's status once at the end.
class YamlMap {
 public:
  // `node` and `file` are borrowed. `path` is that of the map, empty for the whole document.
  YamlMap(YamlFile& file, const YamlNode& node, std::string path, std::initializer_list<absl::string_view> keys);

  std::string PathOf(absl::string_view key) const;
  // Null when it is not given.
  const YamlNode* Find(absl::string_view key) const;
  // An error when it is not given.
  const YamlNode* Require(absl::string_view key) const;

  std::string String(absl::string_view key) const;
  std::string String(absl::string_view key, absl::string_view fallback) const;
  uint32_t Number(absl::string_view key) const;
  uint32_t Number(absl::string_view key, uint32_t fallback) const;
  google::protobuf::Duration Duration(absl::string_view key, absl::Duration fallback) const;
  // Nothing when it is not given.
  std::optional<google::protobuf::Duration> OptionalDuration(absl::string_view key) const;
  // true or false, as they stand in YAML; nothing when it is not given.
  std::optional<bool> OptionalBool(absl::string_view key) const;
  // One of `choices`; an error when it is another or not given, and then empty.
  std::string Choice(absl::string_view key, const std::vector<absl::string_view>& choices) const;
  // Empty when it is not given; an error when it is given and empty.
  std::vector<const YamlNode*> List(absl::string_view key) const;

 private:
  YamlFile& file_;
  const YamlNode& node_;
  const std::string path_;
};

// Single values, for the items of lists. `name` is what messages call them.
std::string ReadString(YamlFile& file, const YamlNode& node, absl::string_view name);
uint32_t ReadNumber(YamlFile& file, const YamlNode& node, absl::string_view name);

// A number of which 0 stands for "not given" in the message: written down, it can only be a mistake, and `advice` says
// what to do instead.
uint32_t ReadFromOne(YamlFile& file, const YamlMap& map, absl::string_view key, absl::string_view advice);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COMMON_DESCRIPTION_YAML_READER_H_
