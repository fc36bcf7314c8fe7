#include "agent/inspect/jetty/mask_xml.h"

#include <algorithm>
#include <cstddef>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "agent/inspect/jetty/mask_secrets.h"
#include "agent/inspect/jetty/xml_tag.h"

namespace jettyfleet {
namespace {

constexpr absl::string_view kBlank = " \t\r\n";

// Only a word, or a setting's or a resource's path: a sentence that speaks of passwords is no name of one, and an
// address that holds one is masked by itself.
bool NamesASecret(absl::string_view text) {
  text = absl::StripAsciiWhitespace(text);
  return text.find_first_of(" \t\r\n=?@") == absl::string_view::npos && !absl::StrContains(text, "://") &&
         IsSecretKey(text);
}

// These say what an element is, and never hold the secret itself.
bool IsNamingAttribute(absl::string_view name) {
  return name == "name" || name == "id" || name == "refid" || name == "class" || name == "property" || name == "type" ||
         absl::StartsWith(name, "xmlns");
}

bool NamesASecret(const XmlTag& tag, absl::string_view text) {
  return NamesASecret(tag.name) ||
         std::any_of(tag.attributes.begin(), tag.attributes.end(), [text](const XmlTag::Attribute& attribute) {
           return NamesASecret(attribute.name) ||
                  NamesASecret(text.substr(attribute.begin, attribute.end - attribute.begin));
         });
}

std::string Hidden(absl::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == absl::string_view::npos) return std::string(text);
  const std::size_t last = text.find_last_not_of(kBlank) + 1;
  return absl::StrCat(text.substr(0, first), MaskOf(text.substr(first, last - first)), text.substr(last));
}

bool IsKeyCharacter(char c) { return absl::ascii_isalnum(c) || c == '.' || c == '_' || c == '-'; }

// Where the secret of a line begins, npos without one: behind "PASSWORD:" and "PASSWORD =", and behind a first word
// PASSWORD. What is a URL's parameter ends before the line does, and is MaskValue's.
std::size_t SecretOfLine(absl::string_view line) {
  bool first = true;
  for (std::size_t key = 0; key < line.size(); first = false) {
    while (key < line.size() && !IsKeyCharacter(line[key])) ++key;
    std::size_t end = key;
    while (end < line.size() && IsKeyCharacter(line[end])) ++end;
    const bool parameter = key > 0 && absl::string_view("?&;").find(line[key - 1]) != absl::string_view::npos;
    if (!parameter && IsSecretKey(line.substr(key, end - key))) {
      std::size_t value = std::min(line.find_first_not_of(" \t\r\"'?+", end), line.size());
      const bool separated = value < line.size() && (line[value] == ':' || line[value] == '=');
      if (separated) ++value;
      value = std::min(line.find_first_not_of(kBlank, value), line.size());
      if ((separated || first) && value > end && value < line.size()) return value;
    }
    key = end;
  }
  return absl::string_view::npos;
}

std::string MaskText(absl::string_view text) {
  std::string masked;
  while (!text.empty()) {
    const std::size_t length = std::min(text.find('\n'), text.size() - 1) + 1;
    const absl::string_view line = text.substr(0, length);
    const std::size_t secret = SecretOfLine(line);
    absl::StrAppend(&masked, MaskValue(line.substr(0, secret)),
                    secret == absl::string_view::npos ? "" : Hidden(line.substr(secret)));
    text.remove_prefix(length);
  }
  return masked;
}

class Masker {
 public:
  explicit Masker(absl::string_view text) : text_(text) {}

  std::string Run() {
    for (std::size_t at = 0; at < text_.size();) at = BeginsMarkup(text_, at) ? Markup(at) : Text(at);
    if (!open_.empty()) Hide(secret_from_, text_.size());
    return std::move(masked_);
  }

 private:
  // What is written is not written again: a mask may reach into what follows, and whoever masks first decides.
  template <typename Mask>
  void Write(std::size_t begin, std::size_t end, const Mask& mask) {
    begin = std::max(begin, written_);
    if (begin >= end) return;
    absl::StrAppend(&masked_, mask(text_.substr(begin, end - begin)));
    written_ = end;
  }
  void Keep(std::size_t begin, std::size_t end) {
    Write(begin, end, [](absl::string_view text) { return text; });
  }
  void MaskPart(std::size_t begin, std::size_t end) { Write(begin, end, MaskText); }
  void Hide(std::size_t begin, std::size_t end) { Write(begin, end, Hidden); }

  bool Begins(std::size_t at, absl::string_view with) const { return absl::StartsWith(text_.substr(at), with); }

  // Just past the next `closing`; the end of the text where there is none, so that what is never closed is masked.
  std::size_t Past(absl::string_view closing, std::size_t at) const {
    const std::size_t found = text_.find(closing, at);
    return found == absl::string_view::npos ? text_.size() : found + closing.size();
  }

  std::size_t Markup(std::size_t at) {
    if (Begins(at, "<!--")) return Comment(at);
    if (Begins(at, "<![CDATA[")) return CharacterData(at);
    const XmlTag tag = ReadXmlTag(text_, at);
    const bool element = text_[at + 1] != '!' && text_[at + 1] != '?';
    if (!open_.empty()) {
      // An instruction may hold what looks like the end of the secret.
      return text_[at + 1] == '?' ? Past("?>", at + 2) : WithinSecret(at, tag);
    }
    // Between a name and its secret, what is no tag is text.
    if (after_name_ && element && !tag.well_formed) return Text(at);
    if (tag.closes) {
      if (tag.well_formed) Keep(at, tag.end);
      Broken(at, tag);
      return tag.end;
    }
    const bool secret = NamesASecret(tag, text_);
    Tag(at, tag, secret);
    if (secret && element && !(tag.well_formed && tag.empty)) {
      open_[std::string(tag.name)] = 1;
      secret_from_ = tag.end;
    }
    return tag.end;
  }

  // What was commented out is masked as if it were not.
  std::size_t Comment(std::size_t at) {
    if (!open_.empty()) return Past("-->", at + 4);
    Keep(at, at + 4);
    in_comment_ = true;
    return at + 4;
  }

  std::size_t CharacterData(std::size_t at) {
    constexpr std::size_t kOpening = 9;
    if (!open_.empty()) return Past("]]>", at);
    Keep(at, at + kOpening);
    in_character_data_ = true;
    if (!after_name_) return at + kOpening;
    const std::size_t end = std::min(text_.find("]]>", at), text_.size());
    Secret(at + kOpening, end);
    return end;
  }

  // The secret ends where all elements are closed that it began with, or that are a secret's by themselves.
  std::size_t WithinSecret(std::size_t at, const XmlTag& tag) {
    const std::string name(tag.name);
    const auto open = open_.find(name);
    for (const XmlTag::Attribute& attribute : tag.attributes) {
      if (attribute.doubtful) value_until_ = std::max(value_until_, attribute.end);
    }
    if (!tag.closes) {
      const bool counts = open != open_.end() || NamesASecret(tag, text_);
      if (counts && !(tag.well_formed && tag.empty)) ++open_[name];
    } else if (tag.well_formed && at >= value_until_ && open != open_.end() && --open->second == 0) {
      open_.erase(open);
      if (open_.empty()) {
        Hide(secret_from_, at);
        Keep(at, tag.end);
      }
    }
    return tag.end;
  }

  void Tag(std::size_t at, const XmlTag& tag, bool secret) {
    const std::size_t after_name = at + 1 + tag.name.size();
    if (tag.well_formed) {
      std::size_t kept = at;
      for (const XmlTag::Attribute& attribute : tag.attributes) {
        Keep(kept, attribute.begin);
        const bool hide = (secret || after_name_) && !IsNamingAttribute(attribute.name);
        if (hide) Hide(attribute.begin, attribute.end);
        MaskPart(attribute.begin, attribute.end);
        kept = attribute.end;
      }
      Keep(kept, tag.end);
    } else if (secret || after_name_ || IsSecretKey(text_.substr(at, tag.end - at))) {
      Keep(at, after_name);
      Hide(after_name, EndOfQuotes(after_name, tag.end));
    } else {
      Keep(at, after_name);
      Broken(after_name, tag);
    }
  }

  // A tag that may be none, or that ends who knows where.
  void Broken(std::size_t from, const XmlTag& tag) {
    for (const XmlTag::Attribute& attribute : tag.attributes) {
      if (!attribute.doubtful) continue;
      MaskPart(from, attribute.begin);
      Hide(attribute.begin, attribute.end);
    }
    MaskPart(from, tag.end);
  }

  // Of an entity's value, which may hold a '<' or a '>': past the quote that is open at the tag's end.
  std::size_t EndOfQuotes(std::size_t from, std::size_t end) const {
    std::size_t at = from;
    while (at < end) {
      const std::size_t quote = text_.substr(0, end).find_first_of("\"'", at);
      if (quote == absl::string_view::npos) return end;
      at = Past(text_.substr(quote, 1), quote + 1);
    }
    return std::max(at, end);
  }

  std::size_t Text(std::size_t at) {
    std::size_t end = EndOfText(at);
    if (!open_.empty()) return end;
    const absl::string_view until_end = text_.substr(0, end);
    const std::size_t comment_end = in_comment_ ? until_end.find("-->", at) : absl::string_view::npos;
    const std::size_t data_end = in_character_data_ ? until_end.find("]]>", at) : absl::string_view::npos;
    end = std::min({end, comment_end, data_end});
    Secret(at, end);
    if (end == comment_end) in_comment_ = false;
    if (end == data_end) in_character_data_ = false;
    if (end != comment_end && end != data_end) return end;
    Keep(end, end + 3);
    return end + 3;
  }

  std::size_t EndOfText(std::size_t at) const {
    std::size_t end = at;
    while (true) {
      end = std::min(text_.find('<', end + 1), text_.size());
      if (end == text_.size()) return end;
      if (!BeginsMarkup(text_, end)) continue;
      // A secret with a '<' in it would be cut there, so that only a proper tag ends it.
      if (!after_name_ || text_[end + 1] == '!' || text_[end + 1] == '?' || ReadXmlTag(text_, end).well_formed)
        return end;
    }
  }

  // A text: a secret, or the name of the one that comes next. A comment between the two is neither.
  void Secret(std::size_t begin, std::size_t end) {
    const absl::string_view content = absl::StripAsciiWhitespace(text_.substr(begin, end - begin));
    if (after_name_) Hide(begin, end);
    MaskPart(begin, end);
    if (!content.empty()) after_name_ = NamesASecret(content) || (after_name_ && in_comment_);
  }

  const absl::string_view text_;
  std::string masked_;
  std::size_t written_ = 0;
  // The elements that hold a secret and are not closed yet, by name: how many; and where the first one's content
  // begins.
  std::map<std::string, int> open_;
  std::size_t secret_from_ = 0;
  // Up to here there may be a value, so that nothing is closed.
  std::size_t value_until_ = 0;
  bool after_name_ = false;
  bool in_comment_ = false;
  bool in_character_data_ = false;
};

}  // namespace

std::string MaskXml(absl::string_view text) { return Masker(text).Run(); }

}  // namespace jettyfleet
