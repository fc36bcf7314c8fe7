#include "common/sha256.h"

#include <gtest/gtest.h>

#include "absl/strings/escaping.h"

namespace jettyfleet {
namespace {

std::string HexOf(const std::string& text, std::size_t pieces) {
  Sha256 sha256;
  sha256.Add("forgotten");
  sha256.Reset();
  for (std::size_t at = 0; at < text.size(); at += pieces) sha256.Add(text.substr(at, pieces));
  return absl::BytesToHexString(sha256.Finish());
}

// FIPS 180-4's examples, and a million times "a".
TEST(Sha256, KnownDigests) {
  const struct {
    std::string text;
    const char* hex;
  } kCases[] = {
      {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
      {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
       "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
      {std::string(1'000'000, 'a'), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
  };
  for (const auto& one : kCases) {
    for (const std::size_t pieces : {std::size_t{1'000}, std::size_t{7}, std::size_t{1'000'000}}) {
      EXPECT_EQ(HexOf(one.text, pieces), one.hex) << one.text.substr(0, 60) << " by " << pieces;
    }
  }
}

TEST(Sha256, SoFarAndOn) {
  Sha256 sha256;
  sha256.Add("a");
  EXPECT_EQ(sha256.HexSoFar(), HexOf("a", 1));
  sha256.Add("bc");
  EXPECT_EQ(sha256.HexSoFar(), HexOf("abc", 1));
  EXPECT_EQ(absl::BytesToHexString(sha256.Finish()), HexOf("abc", 1));
}

}  // namespace
}  // namespace jettyfleet
