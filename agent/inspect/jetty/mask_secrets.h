// Secrets in configuration text. Pure.
#ifndef JETTYFLEET_AGENT_INSPECT_JETTY_MASK_SECRETS_H_
#define JETTYFLEET_AGENT_INSPECT_JETTY_MASK_SECRETS_H_

#include <string>

#include "absl/strings/string_view.h"

namespace jettyfleet {

// Whether what stands under this key is a secret by its name: password, secret, token, credential, ...
bool IsSecretKey(absl::string_view key);

// "***" and four hexadecimal digits of the value's SHA-256: enough to see that two values differ (but for one case in
// 65,536), too little to find a value by trying.
std::string MaskOf(absl::string_view value);

// One value: what begins with OBF:, MD5: or CRYPT:, a URL's USER:PASSWORD@ and its secret parameters are masked.
std::string MaskValue(absl::string_view value);

enum class TextKind {
  kLines,  // ini, properties, environment files: KEY=VALUE or KEY: VALUE a line
  kRealm,  // a realm's users, USER: PASSWORD[,ROLE...] a line
  kXml,
};

// By the file's name; what is not known is taken for lines.
TextKind TextKindOf(absl::string_view path);

// A whole file, comments too. Rather masks too much than too little. Private keys in PEM are masked as a block.
std::string MaskSecrets(absl::string_view text, TextKind kind);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_INSPECT_JETTY_MASK_SECRETS_H_
