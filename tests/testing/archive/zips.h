// Zips for tests.
#ifndef JETTYFLEET_TESTS_TESTING_ARCHIVE_ZIPS_H_
#define JETTYFLEET_TESTS_TESTING_ARCHIVE_ZIPS_H_

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <sstream>
#include <string>

#include "absl/strings/escaping.h"
#include "common/archive/content_hash.h"

namespace jettyfleet {

// WEB-INF/web.xml with "<web-app/>" in it, as Python's zipfile wrote it.
inline std::string SmallZip() {
  return absl::HexStringToBytes(
      "504b03041400000000000000775dd0f276720a0000000a0000000f0000005745422d494e462f7765622e786d6c3c7765622d6170702f3e50"
      "4b010214031400000000000000775dd0f276720a0000000a0000000f00000000000000000000008001000000005745422d494e462f776562"
      "2e786d6c504b050600000000010001003d000000370000000000");
}

// The same content read from a pipe, as Info-ZIP's `zip -fz` wrote it: its places are in zip64 records.
inline std::string SmallZip64() {
  return absl::HexStringToBytes(
      "504b03042d00000000007c5d775dd0f27672ffffffffffffffff010014002d010010000a000000000000000a000000000000003c7765622d"
      "6170702f3e504b01021e032d00000000007c5d775dd0f276720a000000ffffffff01000c0000000000010000008011000000002d01000800"
      "0a00000000000000504b06062c000000000000001e032d000000000000000000010000000000000001000000000000003b00000000000000"
      "3d00000000000000504b060700000000780000000000000001000000504b050600000000010001003b000000ffffffff0000");
}

// A zip with `padding` bytes between its file and its directory, which differ for each `seed`: as large as wanted.
inline std::string ZipOfAbout(std::size_t padding, uint32_t seed) {
  constexpr std::size_t kDirectoryAt = 55;
  std::string zip = SmallZip();
  std::string filling(padding, '\0');
  uint32_t state = seed * 2654435761u + 1;
  for (char& byte : filling) {
    state = state * 1664525u + 1013904223u;
    byte = static_cast<char>(state >> 24);
  }
  zip.insert(kDirectoryAt, filling);
  const std::size_t offset = kDirectoryAt + padding;
  for (int i = 0; i < 4; ++i) zip[zip.size() - 6 + i] = static_cast<char>(offset >> (8 * i));
  return zip;
}

inline std::string Sha256Of(const std::string& content) {
  Sha256 hash;
  hash.Add(content);
  return hash.HexSoFar();
}

inline void WriteBytes(const std::string& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
}

// Empty where there is no such file.
inline std::string ReadBytes(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream all;
  all << in.rdbuf();
  return all.str();
}

}  // namespace jettyfleet

#endif  // JETTYFLEET_TESTS_TESTING_ARCHIVE_ZIPS_H_
