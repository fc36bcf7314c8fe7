#include "common/description/yaml_reader.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

const char* KindName(YamlNode::Kind kind) {
  switch (kind) {
    case YamlNode::Kind::kNull:
      return "nothing";
    case YamlNode::Kind::kScalar:
      return "a single value";
    case YamlNode::Kind::kSequence:
      return "a list";
    case YamlNode::Kind::kMap:
      return "a map";
  }
  return "something else";
}

bool AllDigits(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
}

}  // namespace

absl::StatusOr<absl::Duration> ParseShortDuration(absl::string_view text) {
  absl::Duration unit;
  absl::string_view digits = text;
  if (absl::ConsumeSuffix(&digits, "ms")) {
    unit = absl::Milliseconds(1);
  } else if (absl::ConsumeSuffix(&digits, "s")) {
    unit = absl::Seconds(1);
  } else if (absl::ConsumeSuffix(&digits, "m")) {
    unit = absl::Minutes(1);
  } else {
    digits = "";
  }
  uint32_t number = 0;
  if (!AllDigits(digits) || !absl::SimpleAtoi(digits, &number)) {
    return absl::InvalidArgumentError(absl::StrCat(
        QuoteInput(text), " is not a duration; write a whole number and ms, s or m, such as 500ms or 10s"));
  }
  return unit * number;
}

std::string FormatShortDuration(absl::Duration duration) {
  const int64_t milliseconds = absl::ToInt64Milliseconds(duration);
  if (milliseconds != 0 && milliseconds % 60000 == 0) return absl::StrCat(milliseconds / 60000, "m");
  if (milliseconds % 1000 == 0) return absl::StrCat(milliseconds / 1000, "s");
  return absl::StrCat(milliseconds, "ms");
}

void YamlFile::Fail(YamlPosition at, absl::string_view key, absl::string_view message) {
  if (!status_.ok()) return;
  status_ =
      YamlError(name_, at, key.empty() ? std::string(message) : absl::StrCat("key ", QuoteInput(key), ": ", message));
}

void YamlFile::NoteAs(const std::string& path, const std::string& written) { written_as_.emplace(path, written); }

void YamlFile::FailAtPath(const std::string& described, absl::string_view message) {
  const auto written = written_as_.find(described);
  const std::string& path = written == written_as_.end() ? described : written->second;
  std::string around = path;
  while (!around.empty() && positions_.count(around) == 0) {
    const std::size_t end = around.find_last_of(".[");
    around.resize(end == std::string::npos ? 0 : end);
  }
  const auto found = positions_.find(around);
  Fail(found == positions_.end() ? YamlPosition{} : found->second, path, message);
}

YamlMap::YamlMap(YamlFile& file, const YamlNode& node, std::string path, std::initializer_list<absl::string_view> keys)
    : file_(file), node_(node), path_(std::move(path)) {
  file_.Note(path_, node_.at);
  if (node_.kind != YamlNode::Kind::kMap) {
    file_.Fail(node_.at, path_,
               absl::StrCat("must be a map of ", absl::StrJoin(keys, ", "), ", not ", KindName(node_.kind)));
    return;
  }
  for (std::size_t i = 0; i < node_.keys.size(); ++i) {
    const YamlNode& key = node_.keys[i];
    file_.Note(PathOf(key.text), key.at);
    if (std::find(keys.begin(), keys.end(), absl::string_view(key.text)) == keys.end()) {
      file_.Fail(key.at, key.text, absl::StrCat("is not known here; known are ", absl::StrJoin(keys, ", ")));
    }
  }
}

std::string YamlMap::PathOf(absl::string_view key) const {
  return path_.empty() ? std::string(key) : absl::StrCat(path_, ".", key);
}

const YamlNode* YamlMap::Find(absl::string_view key) const {
  for (std::size_t i = 0; i < node_.keys.size(); ++i) {
    if (node_.keys[i].text == key) return &node_.values[i];
  }
  return nullptr;
}

const YamlNode* YamlMap::Require(absl::string_view key) const {
  const YamlNode* const found = Find(key);
  if (found == nullptr) file_.Fail(node_.at, PathOf(key), "is missing; add it");
  return found;
}

std::string YamlMap::String(absl::string_view key) const {
  const YamlNode* const node = Require(key);
  return node == nullptr ? "" : ReadString(file_, *node, PathOf(key));
}

std::string YamlMap::String(absl::string_view key, absl::string_view fallback) const {
  return Find(key) == nullptr ? std::string(fallback) : String(key);
}

uint32_t YamlMap::Number(absl::string_view key) const {
  const YamlNode* const node = Require(key);
  return node == nullptr ? 0 : ReadNumber(file_, *node, PathOf(key));
}

uint32_t YamlMap::Number(absl::string_view key, uint32_t fallback) const {
  return Find(key) == nullptr ? fallback : Number(key);
}

google::protobuf::Duration YamlMap::Duration(absl::string_view key, absl::Duration fallback) const {
  return OptionalDuration(key).value_or(ToProto(fallback));
}

std::optional<google::protobuf::Duration> YamlMap::OptionalDuration(absl::string_view key) const {
  const YamlNode* const node = Find(key);
  if (node == nullptr) return std::nullopt;
  const absl::StatusOr<absl::Duration> duration = ParseShortDuration(ReadString(file_, *node, PathOf(key)));
  if (duration.ok()) return ToProto(*duration);
  file_.Fail(node->at, PathOf(key), duration.status().message());
  return std::nullopt;
}

std::optional<bool> YamlMap::OptionalBool(absl::string_view key) const {
  const YamlNode* const node = Find(key);
  if (node == nullptr) return std::nullopt;
  const bool scalar = node->kind == YamlNode::Kind::kScalar;
  if (scalar && node->plain && node->text == "true") return true;
  if (scalar && node->plain && node->text == "false") return false;
  file_.Fail(node->at, PathOf(key),
             absl::StrCat("must be true or false, not ", scalar ? QuoteInput(node->text) : KindName(node->kind)));
  return std::nullopt;
}

std::string YamlMap::Choice(absl::string_view key, const std::vector<absl::string_view>& choices) const {
  const YamlNode* const node = Require(key);
  if (node == nullptr) return "";
  const std::string text = ReadString(file_, *node, PathOf(key));
  if (std::find(choices.begin(), choices.end(), absl::string_view(text)) != choices.end()) return text;
  file_.Fail(node->at, PathOf(key),
             absl::StrCat(QuoteInput(text), " is not known here; give one of ", absl::StrJoin(choices, ", ")));
  return "";
}

std::vector<const YamlNode*> YamlMap::List(absl::string_view key) const {
  const YamlNode* const node = Find(key);
  if (node == nullptr) return {};
  if (node->kind != YamlNode::Kind::kSequence || node->values.empty()) {
    file_.Fail(node->at, PathOf(key), "must be a list with at least one item; remove the key where there is none");
    return {};
  }
  std::vector<const YamlNode*> items;
  for (const YamlNode& item : node->values) {
    file_.Note(absl::StrCat(PathOf(key), "[", items.size(), "]"), item.at);
    items.push_back(&item);
  }
  return items;
}

std::string ReadString(YamlFile& file, const YamlNode& node, absl::string_view name) {
  if (node.kind == YamlNode::Kind::kScalar && !node.text.empty()) return node.text;
  const char* const given = node.kind == YamlNode::Kind::kScalar ? "empty" : KindName(node.kind);
  file.Fail(node.at, name, absl::StrCat("must be text, not ", given));
  return "";
}

uint32_t ReadNumber(YamlFile& file, const YamlNode& node, absl::string_view name) {
  uint32_t number = 0;
  if (node.kind == YamlNode::Kind::kScalar && node.plain && AllDigits(node.text) &&
      (node.text == "0" || node.text[0] != '0') && absl::SimpleAtoi(node.text, &number)) {
    return number;
  }
  file.Fail(node.at, name,
            absl::StrCat("must be a whole number of 0 or more, not ",
                         node.kind == YamlNode::Kind::kScalar ? QuoteInput(node.text) : KindName(node.kind)));
  return 0;
}

uint32_t ReadFromOne(YamlFile& file, const YamlMap& map, absl::string_view key, absl::string_view advice) {
  const YamlNode* const node = map.Find(key);
  if (node == nullptr) return 0;
  const uint32_t number = ReadNumber(file, *node, map.PathOf(key));
  if (number == 0) file.Fail(node->at, map.PathOf(key), advice);
  return number;
}

}  // namespace jettyfleet
