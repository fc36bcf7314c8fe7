#include "common/description/yaml_tree.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <exception>
#include <sstream>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/utf8.h"

namespace jettyfleet {
namespace {

constexpr std::size_t kQuotedBytes = 60;

YamlPosition ToPosition(const YAML::Mark& mark) { return {mark.line + 1, mark.column + 1}; }

YamlPosition PositionAt(absl::string_view text, std::size_t at) {
  const absl::string_view before = text.substr(0, at);
  const std::size_t line_break = before.rfind('\n');  // npos + 1 is 0
  return {1 + static_cast<int>(std::count(before.begin(), before.end(), '\n')),
          1 + static_cast<int>(at - (line_break + 1))};
}

// Builds the tree from yaml-cpp's events. After the first error it ignores what comes.
class TreeBuilder final : public YAML::EventHandler {
 public:
  explicit TreeBuilder(absl::string_view file) : file_(file) {}

  const absl::Status& status() const { return status_; }
  YamlNode TakeRoot() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnAnchor(const YAML::Mark& mark, const std::string&) override {
    Fail(ToPosition(mark), "anchors (&) are not allowed; write the value out");
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    Fail(ToPosition(mark), "aliases (*) are not allowed; write the value out");
  }

  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override { Add(NodeAt(mark, YamlNode::Kind::kNull)); }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, const std::string& value) override {
    RefuseTag(mark, tag);
    YamlNode node = NodeAt(mark, YamlNode::Kind::kScalar);
    node.text = value;
    node.plain = tag != "!";  // yaml-cpp's mark of a quoted scalar
    Add(std::move(node));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    RefuseTag(mark, tag);
    Open(NodeAt(mark, YamlNode::Kind::kSequence));
  }

  void OnSequenceEnd() override { Close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, YAML::EmitterStyle::value) override {
    RefuseTag(mark, tag);
    Open(NodeAt(mark, YamlNode::Kind::kMap));
  }

  void OnMapEnd() override { Close(); }

 private:
  static YamlNode NodeAt(const YAML::Mark& mark, YamlNode::Kind kind) {
    YamlNode node;
    node.kind = kind;
    node.at = ToPosition(mark);
    return node;
  }

  void Fail(YamlPosition at, absl::string_view message) {
    if (status_.ok()) status_ = YamlError(file_, at, message);
  }

  void RefuseTag(const YAML::Mark& mark, const std::string& tag) {
    if (!tag.empty() && tag != "?" && tag != "!") Fail(ToPosition(mark), "tags (!) are not allowed; remove it");
  }

  void Open(YamlNode node) {
    if (open_.size() >= kYamlDepthLimit) Fail(node.at, absl::StrCat("nested deeper than ", kYamlDepthLimit, " levels"));
    if (status_.ok()) open_.push_back(std::move(node));
  }

  void Close() {
    if (!status_.ok()) return;
    YamlNode node = std::move(open_.back());
    open_.pop_back();
    Add(std::move(node));
  }

  void Add(YamlNode node) {
    if (++nodes_ > kYamlNodeLimit) Fail(node.at, absl::StrCat("more than ", kYamlNodeLimit, " values in one file"));
    if (!status_.ok()) return;
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    YamlNode& parent = open_.back();
    const bool is_key = parent.kind == YamlNode::Kind::kMap && parent.keys.size() == parent.values.size();
    if (is_key) {
      AddKey(&parent, std::move(node));
      return;
    }
    // yaml-cpp places what is missing at the next thing in the file; its key is where a person would look.
    if (parent.kind == YamlNode::Kind::kMap && node.kind == YamlNode::Kind::kNull) node.at = parent.keys.back().at;
    parent.values.push_back(std::move(node));
  }

  void AddKey(YamlNode* map, YamlNode key) {
    if (key.kind != YamlNode::Kind::kScalar) return Fail(key.at, "a key must be a plain word");
    const auto same = std::find_if(map->keys.begin(), map->keys.end(),
                                   [&key](const YamlNode& other) { return other.text == key.text; });
    if (same != map->keys.end()) {
      return Fail(key.at, absl::StrCat("key ", QuoteInput(key.text), ": given twice, first in line ", same->at.line,
                                       "; remove one"));
    }
    map->keys.push_back(std::move(key));
  }

  const std::string file_;
  absl::Status status_;
  std::size_t nodes_ = 0;
  std::vector<YamlNode> open_;
  YamlNode root_;
};

}  // namespace

absl::Status YamlError(absl::string_view file, YamlPosition at, absl::string_view message) {
  return absl::InvalidArgumentError(absl::StrCat(file, ":", at.line, ":", at.column, ": ", message));
}

std::string QuoteInput(absl::string_view text) {
  return absl::StrCat("\"", absl::CHexEscape(text.substr(0, kQuotedBytes)), text.size() > kQuotedBytes ? "..." : "",
                      "\"");
}

absl::StatusOr<YamlNode> ParseYaml(absl::string_view text, absl::string_view file) {
  if (text.size() > kYamlLimitBytes) {
    return YamlError(file, {}, absl::StrCat("larger than ", kYamlLimitBytes, " bytes"));
  }
  if (const std::size_t bad = std::min(FindInvalidUtf8(text), text.find('\0')); bad != absl::string_view::npos) {
    return YamlError(file, PositionAt(text, bad), "not UTF-8 text; save it as UTF-8");
  }
  // yaml-cpp 0.7 takes a quoted scalar that is never closed for closed when the file ends with a line break or blank,
  // and all that stood after it would be lost. An empty comment there changes nothing else.
  const bool ends_blank = !text.empty() && absl::ascii_isspace(text.back());
  // yaml-cpp reports by exceptions; none leaves this function.
  try {
    std::istringstream in{absl::StrCat(text, ends_blank ? "#" : "")};
    YAML::Parser parser(in);
    TreeBuilder builder(file);
    if (!parser.HandleNextDocument(builder)) return YamlError(file, {}, "nothing in it");
    if (!builder.status().ok()) return builder.status();
    TreeBuilder second(file);
    if (parser.HandleNextDocument(second)) {
      return YamlError(file, {}, "more than one document (---) in it; put each cluster in a file of its own");
    }
    return builder.TakeRoot();
  } catch (const YAML::Exception& problem) {
    const YamlPosition at = problem.mark.is_null() ? YamlPosition{} : ToPosition(problem.mark);
    return YamlError(file, at, absl::StrCat("not valid YAML: ", absl::CHexEscape(problem.msg)));
  } catch (const std::exception& problem) {
    return YamlError(file, {}, absl::StrCat("cannot be parsed: ", absl::CHexEscape(problem.what())));
  }
}

}  // namespace jettyfleet
