// JUnit's XML, for the machinery that reads test results.
#ifndef JETTYFLEET_CLIENT_RENDER_JUNIT_H_
#define JETTYFLEET_CLIENT_RENDER_JUNIT_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"

namespace jettyfleet {

// Texts are whatever they are: what XML cannot hold becomes '?', and line breaks stay in `body` and `output` alone.
struct JunitCase {
  // A failure is known to be wrong; an error is not known.
  enum class Result { kPassed, kFailure, kError, kSkipped };

  std::string classname;
  std::string name;
  absl::Duration took;
  std::vector<std::pair<std::string, std::string>> properties;
  Result result = Result::kPassed;
  // Of everything but a pass; a skipped one has no type.
  std::string type;
  std::string message;
  std::string body;
  std::string output;  // empty: none
};

struct JunitSuite {
  std::string name;
  absl::Time at;
  absl::Duration took;
  std::vector<JunitCase> cases;
};

// Pure.
std::string RenderJunit(const JunitSuite& suite);

}  // namespace jettyfleet

#endif  // JETTYFLEET_CLIENT_RENDER_JUNIT_H_
