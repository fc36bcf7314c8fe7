// Output of real tools, kept in tests/fixtures.
#ifndef JETTYFLEET_TESTS_TESTING_FILES_FIXTURE_H_
#define JETTYFLEET_TESTS_TESTING_FILES_FIXTURE_H_

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

namespace jettyfleet {

// The whole of tests/fixtures/cluster/NAME. The test has to name //tests/fixtures/cluster as its data.
inline std::string ClusterFixture(const std::string& name) {
  const std::string path = "tests/fixtures/cluster/" + name;
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    std::fprintf(stderr, "no fixture %s; is //tests/fixtures/cluster among the test's data?\n", path.c_str());
    std::abort();
  }
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace jettyfleet

#endif  // JETTYFLEET_TESTS_TESTING_FILES_FIXTURE_H_
