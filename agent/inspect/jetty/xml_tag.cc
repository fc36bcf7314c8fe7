#include "agent/inspect/jetty/xml_tag.h"

#include <algorithm>

#include "absl/strings/ascii.h"

namespace jettyfleet {
namespace {

bool BeginsName(char c) {
  return absl::ascii_isalpha(c) || c == '_' || c == ':' || static_cast<unsigned char>(c) >= 0x80;
}

bool IsNameCharacter(char c) { return BeginsName(c) || absl::ascii_isdigit(c) || c == '-' || c == '.'; }

class Reader {
 public:
  Reader(absl::string_view text, std::size_t at) : text_(text), at_(at + 1) {}

  XmlTag Read() {
    tag_.closes = Take('/');
    const bool element = at_ < text_.size() && BeginsName(text_[at_]);
    tag_.name = Word();
    // Only here and there something in the way of "ATTRIBUTE = VALUE" makes it a tag that XML does not know.
    tag_.well_formed = element && std::all_of(tag_.name.begin(), tag_.name.end(), IsNameCharacter);
    while (at_ < text_.size() && text_[at_] != '<' && !doubtful_) {
      const bool blank = SkipBlanks();
      if (at_ >= text_.size() || text_[at_] == '<') break;
      if (Take('>')) return Finish(tag_.well_formed);
      if (text_.substr(at_, 2) == "/>") {
        at_ += 2;
        tag_.empty = !tag_.closes;
        return Finish(tag_.well_formed && tag_.empty);
      }
      Attribute(blank);
    }
    return Finish(false);
  }

 private:
  XmlTag Finish(bool well_formed) {
    tag_.well_formed = well_formed;
    tag_.end = at_;
    return tag_;
  }

  bool Take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  bool SkipBlanks() {
    const std::size_t before = at_;
    while (at_ < text_.size() && absl::ascii_isspace(text_[at_])) ++at_;
    return at_ > before;
  }

  // At least one character, unless a tag ends or begins here.
  absl::string_view Word() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && !absl::ascii_isspace(text_[at_]) && text_[at_] != '<' && text_[at_] != '>' &&
           text_[at_] != '=' && (text_[at_] != '/' || text_.substr(at_, 2) != "/>")) {
      ++at_;
    }
    return text_.substr(begin, at_ - begin);
  }

  void Attribute(bool after_blank) {
    XmlTag::Attribute attribute;
    attribute.name = Word();
    SkipBlanks();
    const bool named = !attribute.name.empty() && BeginsName(attribute.name.front()) &&
                       std::all_of(attribute.name.begin(), attribute.name.end(), IsNameCharacter);
    if (!Take('=')) {
      tag_.well_formed = false;
      return;
    }
    SkipBlanks();
    if (!named || !after_blank || tag_.closes) tag_.well_formed = false;
    if (at_ < text_.size() && (text_[at_] == '"' || text_[at_] == '\'')) {
      Quoted(&attribute);
    } else {
      tag_.well_formed = false;
      attribute.begin = at_;
      Word();
      attribute.end = at_;
    }
    tag_.attributes.push_back(attribute);
  }

  void Quoted(XmlTag::Attribute* attribute) {
    const char quote = text_[at_++];
    attribute->begin = at_;
    const std::size_t closing = text_.find(quote, at_);
    attribute->end = std::min(closing, text_.size());
    const std::size_t inner = text_.substr(0, attribute->end).find('<', at_);
    attribute->doubtful = doubtful_ = closing == absl::string_view::npos || inner != absl::string_view::npos;
    at_ = doubtful_ ? std::min(inner, attribute->end) : closing + 1;
  }

  const absl::string_view text_;
  std::size_t at_;
  XmlTag tag_;
  bool doubtful_ = false;
};

}  // namespace

bool BeginsMarkup(absl::string_view text, std::size_t at) {
  if (at + 1 >= text.size() || text[at] != '<') return false;
  const char next = text[at + 1];
  return BeginsName(next) || next == '/' || next == '!' || next == '?';
}

XmlTag ReadXmlTag(absl::string_view text, std::size_t at) { return Reader(text, at).Read(); }

}  // namespace jettyfleet
