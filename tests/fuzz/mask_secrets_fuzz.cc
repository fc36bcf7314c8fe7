// Secrets in configuration text: one is put into the input, and must not come out again.
#include <cstdint>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "agent/inspect/jetty/mask_secrets.h"
#include "tests/fuzz/demand.h"

namespace jettyfleet {
namespace {

constexpr char kSecret[] = "hunter2-4711";

void Check(absl::string_view before, absl::string_view after) {
  const struct {
    TextKind kind;
    std::string secret;
  } kCases[] = {
      {TextKind::kLines, absl::StrCat("\njetty.sslContext.keyStorePassword=", kSecret, "\n")},
      {TextKind::kLines, absl::StrCat("\n# DB_PASSWORD: ", kSecret, "\n")},
      {TextKind::kLines, absl::StrCat("\njetty.url=jdbc:postgresql://app:", kSecret, "@db:5432/x\n")},
      {TextKind::kRealm, absl::StrCat("\nalice: ", kSecret, ",admin\n")},
      {TextKind::kXml, absl::StrCat("<Set name=\"password\">", kSecret, "</Set>")},
      {TextKind::kXml, absl::StrCat("<Property name=\"store.password\" default=\"", kSecret, "\"/>")},
  };
  for (const auto& one : kCases) {
    const std::string masked = MaskSecrets(absl::StrCat(before, one.secret, after), one.kind);
    Demand(!absl::StrContains(masked, kSecret), "a secret does not come out");
    Demand(masked.size() <= 16 * (before.size() + after.size()) + 1024, "what is masked is about as large as the text");
  }
}

}  // namespace
}  // namespace jettyfleet

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  if (absl::StrContains(text, "hunter2")) return 0;
  // Where a NUL stands, or at the end.
  const std::size_t at = std::min(text.find('\0'), text.size());
  jettyfleet::Check(text.substr(0, at), text.substr(at));
  jettyfleet::MaskValue(text);
  return 0;
}
