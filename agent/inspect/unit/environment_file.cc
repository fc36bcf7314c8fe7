#include "agent/inspect/unit/environment_file.h"

#include <cstddef>

#include "absl/strings/ascii.h"

namespace jettyfleet {
namespace {

// Reads forward through the text; lives for one call.
class Reader {
 public:
  explicit Reader(absl::string_view text) : text_(text) {}

  bool AtEnd() const { return at_ >= text_.size(); }
  char Peek() const { return text_[at_]; }
  char Take() { return text_[at_++]; }
  bool AtLineEnd() const { return AtEnd() || Peek() == '\n' || Peek() == '\r'; }
  void SkipLine() {
    while (!AtLineEnd()) Take();
  }

 private:
  const absl::string_view text_;
  std::size_t at_ = 0;
};

bool IsName(absl::string_view name) {
  if (name.empty() || absl::ascii_isdigit(name[0])) return false;
  for (const char c : name) {
    if (!absl::ascii_isalnum(c) && c != '_') return false;
  }
  return true;
}

std::string SingleQuoted(Reader* reader) {
  std::string text;
  while (!reader->AtEnd()) {
    const char next = reader->Take();
    if (next == '\'') break;
    text.push_back(next);
  }
  return text;
}

std::string DoubleQuoted(Reader* reader) {
  std::string text;
  while (!reader->AtEnd()) {
    const char next = reader->Take();
    if (next == '"') break;
    if (next != '\\' || reader->AtEnd()) {
      text.push_back(next);
      continue;
    }
    const char escaped = reader->Take();
    if (escaped == '\n') continue;
    if (absl::string_view("\"\\`$").find(escaped) == absl::string_view::npos) text.push_back('\\');
    text.push_back(escaped);
  }
  return text;
}

// To the end of the line.
std::string Value(Reader* reader) {
  std::string value;
  std::size_t kept = 0;  // quoted and escaped blanks at the end stay
  // A quote within a bare word is a letter like any other; only blanks and other quotes may stand ahead of one.
  bool in_word = false;
  while (!reader->AtLineEnd()) {
    const char next = reader->Take();
    if (!in_word && (next == '\'' || next == '"')) {
      value += next == '"' ? DoubleQuoted(reader) : SingleQuoted(reader);
      kept = value.size();
    } else if (next == '\\') {
      const char escaped = reader->AtEnd() ? '\n' : reader->Take();
      if (escaped != '\n') value.push_back(escaped);
      in_word = true;
      kept = value.size();
    } else if (in_word || !absl::ascii_isspace(next)) {
      value.push_back(next);
      in_word = true;
      if (!absl::ascii_isspace(next)) kept = value.size();
    }
  }
  value.resize(kept);
  return value;
}

}  // namespace

void ReadEnvironmentFile(absl::string_view text, std::map<std::string, std::string>* environment) {
  Reader reader(text);
  while (!reader.AtEnd()) {
    if (absl::ascii_isspace(reader.Peek())) {
      reader.Take();
      continue;
    }
    if (reader.Peek() == '#' || reader.Peek() == ';') {
      reader.SkipLine();
      continue;
    }
    std::string name;
    while (!reader.AtLineEnd() && reader.Peek() != '=') name.push_back(reader.Take());
    if (reader.AtLineEnd()) continue;
    reader.Take();
    const std::string value = Value(&reader);
    const absl::string_view stripped = absl::StripTrailingAsciiWhitespace(name);
    if (IsName(stripped)) (*environment)[std::string(stripped)] = value;
  }
}

}  // namespace jettyfleet
