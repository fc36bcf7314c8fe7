// What tests/bench/hashing measures: `digest_bench ROOT CACHE THREADS` digests ROOT once, as the inspector does, and
// prints seconds, bytes, files and its own peak memory in KiB.
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <iostream>

#include "absl/time/clock.h"
#include "agent/inspect/digest/digest_cache.h"
#include "agent/inspect/digest/tree_digest.h"

int main(int argc, char** argv) {
  using namespace jettyfleet;
  if (argc != 4) {
    std::cerr << "usage: digest_bench ROOT CACHE THREADS\n";
    return 2;
  }
  TreeLimits limits;
  limits.threads = std::atoi(argv[3]);
  const absl::Time began = absl::Now();
  DigestCache cache(argv[2], false, began);
  const v1::TreeFact tree = DigestTree(argv[1], &cache, limits);
  const absl::Status saved = cache.Save();
  const absl::Duration took = absl::Now() - began;
  if (!tree.error().empty() || !saved.ok()) {
    std::cerr << tree.error() << " " << saved.message() << "\n";
    return 1;
  }
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  std::printf("%.6f %llu %llu %ld\n", absl::ToDoubleSeconds(took), static_cast<unsigned long long>(tree.total_bytes()),
              static_cast<unsigned long long>(tree.file_count()), usage.ru_maxrss);
  return 0;
}
