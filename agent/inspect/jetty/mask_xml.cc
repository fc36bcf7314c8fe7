#include "agent/inspect/jetty/mask_xml.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "agent/inspect/jetty/mask_secrets.h"

namespace jettyfleet {
namespace {

constexpr absl::string_view kBlank = " \t\r\n";

// Only a short word, or a setting's dotted name: a sentence that speaks of passwords is no name of one.
bool NamesASecret(absl::string_view text) {
  text = absl::StripAsciiWhitespace(text);
  return text.size() <= 100 && text.find_first_of(" \t\r\n:/") == absl::string_view::npos && IsSecretKey(text);
}

// These say what an element is, and never hold the secret itself.
bool IsNamingAttribute(absl::string_view name) {
  return name == "name" || name == "id" || name == "refid" || name == "class" || name == "property" || name == "type" ||
         absl::StartsWith(name, "xmlns");
}

std::string WithBlanks(absl::string_view text, absl::string_view middle) {
  const std::size_t first = text.find_first_not_of(kBlank);
  const std::size_t last = text.find_last_not_of(kBlank);
  return absl::StrCat(text.substr(0, first), middle, text.substr(last + 1));
}

class Masker {
 public:
  std::string Run(absl::string_view text) {
    while (!text.empty()) {
      const std::size_t open = text.find('<');
      Text(text.substr(0, open));
      if (open == absl::string_view::npos) break;
      text.remove_prefix(open);
      std::size_t length = 0;
      if (absl::StartsWith(text, "<!--")) {
        // What was commented out is masked as if it were not.
        Keep("<!--");
        length = 4;
      } else if (absl::StartsWith(text, "<![CDATA[")) {
        Keep("<![CDATA[");
        length = 9;
        const std::size_t end = text.find("]]>");
        // One that does not end is read as if it were markup.
        if (end != absl::string_view::npos) {
          Text(text.substr(length, end - length));
          length = end;
        }
      } else {
        length = EndOfTag(text);
        Tag(text.substr(0, length));
      }
      text.remove_prefix(length);
    }
    return std::move(masked_);
  }

 private:
  void Keep(absl::string_view text) { absl::StrAppend(&masked_, text); }

  // Just past the '>' that closes the tag; one within quotes does not. No value holds a '<': a quote that comes to one,
  // or to the end, is an apostrophe in somebody's words, and must not hide the tags behind it.
  static std::size_t EndOfTag(absl::string_view text) {
    char quote = '\0';
    for (std::size_t i = 1; i < text.size(); ++i) {
      if (quote != '\0') {
        if (text[i] == quote) quote = '\0';
        if (text[i] == '<') break;
      } else if (text[i] == '"' || text[i] == '\'') {
        quote = text[i];
      } else if (text[i] == '>') {
        return i + 1;
      } else if (text[i] == '<') {
        // Broken, or the words of a comment: the next tag begins here.
        return i;
      }
    }
    const std::size_t end = text.find_first_of("<>", 1);
    if (end == absl::string_view::npos) return text.size();
    return text[end] == '>' ? end + 1 : end;
  }

  void Text(absl::string_view text) {
    absl::string_view content = absl::StripAsciiWhitespace(text);
    if (content.empty() || content == "-->" || content == "]]>") return Keep(text);
    if (!within_.empty() || after_name_) {
      // The text that ends a comment is no part of the secret.
      const std::size_t comment_end = text.find("-->");
      const absl::string_view secret = text.substr(0, comment_end);
      const absl::string_view stripped = absl::StripAsciiWhitespace(secret);
      Keep(stripped.empty() ? std::string(secret) : WithBlanks(secret, MaskOf(stripped)));
      if (comment_end != absl::string_view::npos) Keep(MaskValue(text.substr(comment_end)));
      after_name_ = false;
      return;
    }
    after_name_ = NamesASecret(content);
    Keep(MaskValue(text));
  }

  void Tag(absl::string_view tag) {
    const bool closes = absl::StartsWith(tag, "</");
    const bool empty = absl::EndsWith(tag, "/>");
    const absl::string_view body = tag.substr(closes ? 2 : 1);
    const absl::string_view name = body.substr(0, body.find_first_of(" \t\r\n/>"));
    if (closes) {
      Keep(tag);
      if (!within_.empty() && name == within_ && --depth_ == 0) within_.clear();
      return;
    }
    const bool secret = NamesASecret(name) || HasSecretName(tag);
    Attributes(tag, secret || !within_.empty());
    if (empty) return;
    if (within_.empty() && secret) {
      within_ = std::string(name);
      depth_ = 1;
    } else if (!within_.empty() && name == within_) {
      ++depth_;
    }
  }

  // Calls visit(name, position and length of the value) for each NAME="VALUE".
  template <typename Visit>
  static void EachAttribute(absl::string_view tag, const Visit& visit) {
    for (std::size_t equals = tag.find('='); equals != absl::string_view::npos;) {
      std::size_t name_end = equals;
      while (name_end > 0 && absl::ascii_isspace(tag[name_end - 1])) --name_end;
      std::size_t name = name_end;
      while (name > 0 && !absl::ascii_isspace(tag[name - 1]) && tag[name - 1] != '<') --name;
      const std::size_t quote = tag.find_first_not_of(kBlank, equals + 1);
      if (quote == absl::string_view::npos || (tag[quote] != '"' && tag[quote] != '\'')) {
        equals = tag.find('=', equals + 1);
        continue;
      }
      const std::size_t end = std::min(tag.find(tag[quote], quote + 1), tag.size());
      visit(tag.substr(name, name_end - name), quote + 1, end - quote - 1);
      equals = tag.find('=', end);
    }
  }

  static bool HasSecretName(absl::string_view tag) {
    bool found = false;
    EachAttribute(tag, [&](absl::string_view name, std::size_t at, std::size_t length) {
      found = found || NamesASecret(name) || (IsNamingAttribute(name) && NamesASecret(tag.substr(at, length)));
    });
    return found;
  }

  void Attributes(absl::string_view tag, bool secret) {
    std::size_t copied = 0;
    EachAttribute(tag, [&](absl::string_view name, std::size_t at, std::size_t length) {
      const absl::string_view value = tag.substr(at, length);
      const bool hide = secret && !value.empty() && !IsNamingAttribute(name);
      Keep(tag.substr(copied, at - copied));
      Keep(hide ? MaskOf(value) : MaskValue(value));
      copied = at + length;
    });
    Keep(tag.substr(copied));
  }

  std::string masked_;
  // The name of the outermost element that is a secret's, and how many of that name are open within it.
  std::string within_;
  int depth_ = 0;
  bool after_name_ = false;
};

}  // namespace

std::string MaskXml(absl::string_view text) { return Masker().Run(text); }

}  // namespace jettyfleet
