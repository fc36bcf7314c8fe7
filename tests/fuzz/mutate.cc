#include "tests/fuzz/mutate.h"

#include <algorithm>
#include <cctype>
#include <iterator>

namespace jettyfleet {
namespace {

using std::string_literals::operator""s;

// A string with its length, since some hold NUL bytes.
const std::vector<std::string>& Tokens() {
  static const std::vector<std::string> kTokens = {
      "0"s,
      "-1"s,
      "255"s,
      "65536"s,
      "2147483648"s,
      "4294967296"s,
      "-9223372036854775808"s,
      "18446744073709551616"s,
      "1e999"s,
      "nan"s,
      "true"s,
      "false"s,
      "null"s,
      "Yes"s,
      "No"s,
      "\0"s,
      "\xff"s,
      "\xc3\x28"s,
      "\xed\xa0\x80"s,
      "\xef\xbb\xbf"s,
      "\x1b[2J"s,
      "\r\n"s,
      "\n\n"s,
      "\t"s,
      " "s,
      "\""s,
      "'"s,
      "&lt;"s,
      "&#0;"s,
      "&#x110000;"s,
      "]]>"s,
      "<!--"s,
      "/>"s,
      "../"s,
      "\\"s,
      "%s%n"s,
      "INFINITY"s,
      "9999-12-31T23:59:60Z"s,
      "jettyfleet-"s,
      ":"s,
      ","s,
      "#"s,
      "&a"s,
      "*a"s,
      "- "s,
      "{"s,
      "["s,
      std::string(300, 'a'),
      std::string(5000, '9'),
  };
  return kTokens;
}

std::string Slice(const std::string& text, std::size_t longest, Random* random) {
  const std::size_t begin = random->Below(text.size());
  return text.substr(begin, 1 + random->Below(longest));
}

// A number in the text gets another value: the digits at or after a random place.
void ReplaceNumber(std::string* text, Random* random) {
  const auto is_digit = [](unsigned char c) { return std::isdigit(c) != 0; };
  const auto begin =
      std::find_if(text->begin() + static_cast<std::ptrdiff_t>(random->Below(text->size())), text->end(), is_digit);
  const auto end = std::find_if_not(begin, text->end(), is_digit);
  const std::vector<std::string>& tokens = Tokens();
  text->replace(begin, end, tokens[random->Below(10)]);
}

void Change(const std::vector<std::string>& seeds, std::string* text, Random* random) {
  if (text->empty()) {
    *text = Tokens()[random->Below(Tokens().size())];
    return;
  }
  const std::size_t at = random->Below(text->size());
  switch (random->Below(10)) {
    case 0:
      (*text)[at] = static_cast<char>((*text)[at] ^ (1 << random->Below(8)));
      return;
    case 1:
      (*text)[at] = static_cast<char>(random->Below(256));
      return;
    case 2:
      text->resize(at);
      return;
    case 3:
      text->erase(at, 1 + random->Below(64));
      return;
    case 4:
      text->insert(random->Below(text->size()), Slice(*text, 512, random));
      return;
    case 5: {
      const std::string part = Slice(*text, 64, random);
      for (std::size_t i = random->Below(32); i > 0; --i) text->insert(at, part);
      return;
    }
    case 6: {  // the beginning of one and the end of another
      const std::string& other = seeds[random->Below(seeds.size())];
      text->resize(at);
      text->append(other.substr(random->Below(other.size())));
      return;
    }
    case 7: {
      const std::string& other = seeds[random->Below(seeds.size())];
      if (!other.empty()) text->insert(at, Slice(other, 512, random));
      return;
    }
    case 8:
      text->replace(at, random->Below(8), Tokens()[random->Below(Tokens().size())]);
      return;
    default:
      ReplaceNumber(text, random);
  }
}

std::string Repeated(const std::string& part) {
  std::string text;
  while (text.size() + part.size() <= kHostileBytes) text += part;
  return text;
}

}  // namespace

std::string Mutate(const std::vector<std::string>& seeds, Random* random) {
  std::string text = seeds[random->Below(seeds.size())];
  for (std::size_t changes = 1 + random->Below(4); changes > 0; --changes) {
    Change(seeds, &text, random);
    if (text.size() > kMutationLimitBytes) text.resize(kMutationLimitBytes);
  }
  return text;
}

std::string Grow(const std::vector<std::string>& seeds, Random* random) {
  const std::string& seed = seeds[random->Below(seeds.size())];
  if (seed.empty()) return "";
  std::size_t begin = seed.rfind('\n', random->Below(seed.size()));
  begin = begin == std::string::npos ? 0 : begin + 1;
  std::size_t end = begin;
  for (std::size_t lines = 1 + random->Below(4); lines > 0 && end < seed.size(); --lines) {
    end = std::min(seed.size(), seed.find('\n', end) == std::string::npos ? seed.size() : seed.find('\n', end) + 1);
  }
  if (begin == end) return seed;
  return seed.substr(0, begin) + Repeated(seed.substr(begin, end - begin)) + seed.substr(end);
}

std::vector<std::pair<std::string, std::string>> HostileInputs() {
  std::string every_byte;
  for (int i = 0; i < 256; ++i) every_byte += static_cast<char>(i);
  std::string bomb = "<?xml version=\"1.0\"?><!DOCTYPE b [<!ENTITY a \"aaaaaaaaaaaaaaaaaaaa\">";
  for (char name = 'b'; name <= 'k'; ++name) {
    bomb += "<!ENTITY "s + name + " \"";
    for (int i = 0; i < 10; ++i) bomb += "&"s + static_cast<char>(name - 1) + ";";
    bomb += "\">";
  }
  bomb += "]><pacemaker-result><status code=\"0\" message=\"&k;\"/></pacemaker-result>";
  std::vector<std::pair<std::string, std::string>> inputs = {
      {"nothing", ""},
      {"every byte", every_byte},
      {"entity bomb", bomb},
      {"UTF-16", "\xff\xfe<\0a\0/\0>\0"s},
      {"UTF-32", "\xff\xfe\0\0<\0\0\0a\0\0\0/\0\0\0>\0\0\0"s},
  };
  for (const char* const part : {"a",         "\n",     " ",       "\"",      "\xff",      "\xf0\x9f\x92\xa9",
                                 "0",         ",",      ":",       "-",       "#",         "&",
                                 ";",         "=",      "[",       "{",       "(",         "<",
                                 "<a>",       "<a ",    "<a b=\"", "<!--",    "<![CDATA[", "&#x41;",
                                 "- ",        "a: ",    "? ",      "- - a\n", "[{",        "{a: ",
                                 "\"\\u0000", "# a,\n", "a,a\n",   "a b\n",   "\n# \n",    "a=b;",
                                 "\x08\x0a"}) {
    inputs.emplace_back("1 MiB of '"s + part + "'", Repeated(part));
  }
  // Each different: finds what looks through all of them for each.
  for (const char* const end : {"\n", ",", " ", ": v\n", "=v\n", ".xml\n", "=v; "}) {
    std::string text;
    for (int i = 0; text.size() < kHostileBytes; ++i) text += std::to_string(i) + end;
    inputs.emplace_back("1 MiB of numbers, each with '"s + end + "'", text);
  }
  inputs.emplace_back("1 MiB of NUL", std::string(kHostileBytes, '\0'));
  return inputs;
}

}  // namespace jettyfleet
