// A directory that is there for one test and gone after it.
#ifndef JETTYFLEET_TESTS_TESTING_FILES_TEMPORARY_DIRECTORY_H_
#define JETTYFLEET_TESTS_TESTING_FILES_TEMPORARY_DIRECTORY_H_

#include <stdlib.h>

#include <filesystem>
#include <string>
#include <system_error>

namespace jettyfleet {

// Owned by a test. Mode 0700. Lies in /tmp and not under Bazel's own directory, which other users cannot enter.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    char name[] = "/tmp/jettyfleet-test-XXXXXX";
    if (mkdtemp(name) == nullptr) abort();
    path_ = name;
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_TESTS_TESTING_FILES_TEMPORARY_DIRECTORY_H_
