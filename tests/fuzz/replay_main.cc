// Runs a fuzz target without a fuzzer, so that `bazel test` does: over its corpus as it is, over inputs that no format
// likes, and over mutations of the corpus that are the same each time. README.md says how to use it by hand.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>
#include <vector>

#include "tests/fuzz/current_input.h"
#include "tests/fuzz/mutate.h"
#include "tests/fuzz/random.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace jettyfleet {
namespace {

// Large inputs are slow to mutate and to read, so bytes are bounded as well; both are the same on every machine.
constexpr std::size_t kMutatedBytesPerMutation = 8 << 10;
constexpr int kGrown = 8;

struct Options {
  uint64_t seed = 1;
  uint64_t mutations = 2000;
  std::vector<std::string> paths;
};

[[noreturn]] void Usage(const std::string& why) {
  std::fprintf(stderr, "%s\nusage: TARGET [--seed=N] [--mutations=N] FILE_OR_DIRECTORY...\n", why.c_str());
  std::exit(2);
}

// Empty: `argument` is no such option.
const char* ValueOf(const char* argument, const char* option) {
  const std::size_t length = std::strlen(option);
  return std::strncmp(argument, option, length) == 0 ? argument + length : nullptr;
}

uint64_t NumberOf(const char* text) {
  char* end = nullptr;
  const uint64_t number = std::strtoull(text, &end, 10);
  if (*text == '\0' || *end != '\0') Usage("not a number: " + std::string(text));
  return number;
}

Options ReadOptions(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    if (const char* const seed = ValueOf(argv[i], "--seed=")) {
      options.seed = NumberOf(seed);
    } else if (const char* const mutations = ValueOf(argv[i], "--mutations=")) {
      options.mutations = NumberOf(mutations);
    } else if (argv[i][0] == '-') {
      Usage("no such option: " + std::string(argv[i]));
    } else {
      options.paths.emplace_back(argv[i]);
    }
  }
  return options;
}

// The files themselves, and those in directories, sorted: an order of the file system's would change the mutations.
std::vector<std::string> FilesIn(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    std::error_code error;
    if (!std::filesystem::is_directory(path, error)) {
      files.push_back(path);
      continue;
    }
    for (const auto& entry : std::filesystem::directory_iterator(path, error)) files.push_back(entry.path().string());
    if (error) Usage("cannot list " + path + ": " + error.message());
  }
  if (files.empty()) Usage("no corpus file is named");
  std::sort(files.begin(), files.end());
  return files;
}

std::string Read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in.is_open() || in.bad()) Usage("cannot read " + path);
  return text;
}

void Run(const std::string& name, const std::string& input) {
  SetCurrentInput(name, input);
  // A copy of just this size on the heap, without a NUL after it: a sanitizer sees the first byte too many.
  const std::vector<uint8_t> bytes(input.begin(), input.end());
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
}

int Replay(const Options& options) {
  WatchForFailure();
  std::vector<std::string> seeds;
  for (const std::string& file : FilesIn(options.paths)) {
    seeds.push_back(Read(file));
    Run(file, seeds.back());
  }
  for (const auto& [name, input] : HostileInputs()) Run(name, input);
  seeds.erase(std::remove_if(seeds.begin(), seeds.end(),
                             [](const std::string& seed) { return seed.size() > kMutationLimitBytes; }),
              seeds.end());
  if (seeds.empty()) Usage("every corpus file is too large to be mutated");
  for (int i = 0; i < kGrown; ++i) {
    Random random(options.seed + static_cast<uint64_t>(i));
    Run("grown, --seed=" + std::to_string(options.seed + static_cast<uint64_t>(i)), Grow(seeds, &random));
  }
  uint64_t runs = 0;
  const uint64_t most_bytes = options.mutations * kMutatedBytesPerMutation;
  for (uint64_t bytes = 0; runs < options.mutations && bytes < most_bytes; ++runs) {
    Random random(options.seed + runs);
    const std::string input = Mutate(seeds, &random);
    Run("a mutation, --seed=" + std::to_string(options.seed + runs) + " --mutations=1", input);
    bytes += input.size();
  }
  std::printf("%zu files and %llu mutations, --seed=%llu\n", seeds.size(), static_cast<unsigned long long>(runs),
              static_cast<unsigned long long>(options.seed));
  return 0;
}

}  // namespace
}  // namespace jettyfleet

int main(int argc, char** argv) { return jettyfleet::Replay(jettyfleet::ReadOptions(argc, argv)); }
