#include "agent/inspect/jetty/mask_secrets.h"

#include <openssl/sha.h>

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "agent/inspect/jetty/mask_xml.h"

namespace jettyfleet {
namespace {

constexpr absl::string_view kSecretWords[] = {
    "password", "passwd",  "passphrase", "pwd",         "secret",      "token",     "credential", "apikey",
    "api-key",  "api_key", "privatekey", "private-key", "private_key", "accesskey", "access-key", "access_key"};
constexpr absl::string_view kObfuscated[] = {"OBF:", "MD5:", "CRYPT:"};

bool IsKeyCharacter(char c) { return absl::ascii_isalnum(c) || c == '.' || c == '_' || c == '-'; }

// Where a value within a longer text ends: a URL's parameter, a word, or what stands in quotes or braces.
std::size_t EndOfValue(absl::string_view text, std::size_t from) {
  if (from < text.size() && (text[from] == '"' || text[from] == '\'' || text[from] == '{')) {
    const std::size_t end = text.find(text[from] == '{' ? '}' : text[from], from + 1);
    return end == absl::string_view::npos ? text.size() : end + 1;
  }
  while (from < text.size() && !absl::ascii_isspace(text[from]) &&
         absl::string_view("&;\"'<>").find(text[from]) == absl::string_view::npos)
    ++from;
  return from;
}

// OBF:..., MD5:..., CRYPT:... wherever they stand.
std::string MaskObfuscated(absl::string_view text) {
  std::string masked;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    for (const absl::string_view prefix : kObfuscated) {
      const std::size_t value = at + prefix.size();
      if (!absl::StartsWithIgnoreCase(text.substr(at), prefix)) continue;
      if (const std::size_t value_end = EndOfValue(text, value); value_end > value) end = value_end;
    }
    if (end == at) {
      masked.push_back(text[at++]);
    } else {
      absl::StrAppend(&masked, MaskOf(text.substr(at, end - at)));
      at = end;
    }
  }
  return masked;
}

// SCHEME://USER:PASSWORD@ and Oracle's USER/PASSWORD@. The user goes as well: where it ends cannot always be told.
std::string MaskUserInfo(absl::string_view text) {
  std::string masked;
  while (!text.empty()) {
    std::size_t start = text.find("://");
    const std::size_t oracle = text.find(":thin:");
    if (start != absl::string_view::npos) start += 3;
    if (oracle != absl::string_view::npos && oracle + 6 < start) start = oracle + 6;
    if (start == absl::string_view::npos) break;
    std::size_t end = start;
    while (end < text.size() && !absl::ascii_isspace(text[end]) && text[end] != '"' && text[end] != '<') ++end;
    // A password may hold a '/' or an '@' that was not escaped, so that the last '@' counts: that of the servers, and
    // only without one there that of the parameters.
    const absl::string_view word = text.substr(start, end - start);
    std::size_t at = word.substr(0, word.find_first_of("?;")).rfind('@');
    if (at == absl::string_view::npos) at = word.rfind('@');
    absl::StrAppend(&masked, text.substr(0, start));
    if (at != absl::string_view::npos && at > 0) {
      absl::StrAppend(&masked, MaskOf(text.substr(start, at)));
      start += at;
    }
    absl::StrAppend(&masked, text.substr(start, end - start));
    text.remove_prefix(end);
  }
  absl::StrAppend(&masked, text);
  return masked;
}

// NAME=VALUE anywhere in a text, where the name is a secret's.
std::string MaskParameters(absl::string_view text) {
  std::string masked;
  std::size_t copied = 0;
  for (std::size_t equals = text.find('='); equals != absl::string_view::npos; equals = text.find('=', equals + 1)) {
    if (equals < copied) continue;
    std::size_t key = equals;
    while (key > copied && IsKeyCharacter(text[key - 1])) --key;
    if (!IsSecretKey(text.substr(key, equals - key))) continue;
    const std::size_t end = EndOfValue(text, equals + 1);
    if (end == equals + 1) continue;
    absl::StrAppend(&masked, text.substr(copied, equals + 1 - copied),
                    MaskOf(text.substr(equals + 1, end - equals - 1)));
    copied = end;
  }
  absl::StrAppend(&masked, text.substr(copied));
  return masked;
}

// KEY=VALUE, KEY: VALUE, or a property's "KEY VALUE", also commented out or exported.
std::string MaskLine(absl::string_view line) {
  std::size_t key = 0;
  while (key < line.size() && !IsKeyCharacter(line[key])) ++key;
  if (absl::StartsWith(line.substr(key), "-D")) key += 2;
  if (absl::StartsWith(line.substr(key), "export ")) key += 7;
  std::size_t end = key;
  while (end < line.size() && IsKeyCharacter(line[end])) ++end;
  if (IsSecretKey(line.substr(key, end - key))) {
    std::size_t value = end;
    while (value < line.size() && (absl::ascii_isspace(line[value]) || line[value] == '?' || line[value] == '+'))
      ++value;
    if (value < line.size() && (line[value] == '=' || line[value] == ':')) ++value;
    while (value < line.size() && absl::ascii_isspace(line[value])) ++value;
    if (value > end && value < line.size()) return absl::StrCat(line.substr(0, value), MaskOf(line.substr(value)));
  }
  return MaskValue(line);
}

// USER: PASSWORD[,ROLE...]
std::string MaskRealmLine(absl::string_view line) {
  const std::size_t separator = line.find_first_of(":=");
  if (separator == absl::string_view::npos) return MaskLine(line);
  std::size_t value = separator + 1;
  while (value < line.size() && absl::ascii_isspace(line[value])) ++value;
  const std::size_t end = std::min(line.find(',', value), line.size());
  if (value >= end) return std::string(line);
  return absl::StrCat(line.substr(0, value), MaskOf(line.substr(value, end - value)), line.substr(end));
}

std::string MaskLines(absl::string_view text, std::string (*mask_line)(absl::string_view)) {
  std::vector<std::string> lines;
  // A line that ends with a backslash goes on in the next, and so does a secret.
  bool secret_goes_on = false;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    std::string masked = secret_goes_on && !line.empty() ? MaskOf(line) : mask_line(line);
    secret_goes_on = absl::EndsWith(absl::StripTrailingAsciiWhitespace(line), "\\") && masked != line;
    lines.push_back(std::move(masked));
  }
  std::string whole;
  for (std::size_t i = 0; i < lines.size(); ++i) absl::StrAppend(&whole, i > 0 ? "\n" : "", lines[i]);
  return whole;
}

// Everything between the lines BEGIN and END of a private key; to the end of the text where the key is cut short.
std::string MaskPrivateKeys(absl::string_view text) {
  std::string masked;
  for (;;) {
    const std::size_t begin = text.find("-----BEGIN ");
    if (begin == absl::string_view::npos) break;
    std::size_t line_end = text.find('\n', begin);
    if (line_end == absl::string_view::npos) line_end = text.size();
    absl::StrAppend(&masked, text.substr(0, line_end));
    const bool is_private = absl::StrContains(text.substr(begin, line_end - begin), "PRIVATE KEY");
    text.remove_prefix(line_end);
    if (!is_private) continue;
    const std::size_t end = std::min(text.find("-----END "), text.size());
    absl::StrAppend(&masked, "\n", MaskOf(text.substr(0, end)), "\n");
    text.remove_prefix(end);
  }
  absl::StrAppend(&masked, text);
  return masked;
}

}  // namespace

bool IsSecretKey(absl::string_view key) {
  const std::string name = absl::AsciiStrToLower(key);
  for (const absl::string_view word : kSecretWords) {
    if (absl::StrContains(name, word)) return true;
  }
  return false;
}

std::string MaskOf(absl::string_view value) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(value.data()), value.size(), digest);
  return absl::StrCat("***", absl::BytesToHexString({reinterpret_cast<const char*>(digest), 2}));
}

std::string MaskValue(absl::string_view value) { return MaskParameters(MaskUserInfo(MaskObfuscated(value))); }

TextKind TextKindOf(absl::string_view path) {
  const std::string name = absl::AsciiStrToLower(path.substr(path.rfind('/') + 1));
  if (absl::EndsWith(name, ".xml")) return TextKind::kXml;
  if (absl::StrContains(name, "realm") || absl::StrContains(name, "users")) return TextKind::kRealm;
  return TextKind::kLines;
}

std::string MaskSecrets(absl::string_view text, TextKind kind) {
  const std::string without_keys = MaskPrivateKeys(text);
  if (kind == TextKind::kXml) return MaskXml(without_keys);
  return MaskLines(without_keys, kind == TextKind::kRealm ? MaskRealmLine : MaskLine);
}

}  // namespace jettyfleet
