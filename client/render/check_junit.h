// What `check` found, for the machinery that reads test results.
#ifndef JETTYFLEET_CLIENT_RENDER_CHECK_JUNIT_H_
#define JETTYFLEET_CLIENT_RENDER_CHECK_JUNIT_H_

#include <string>

#include "proto/check.pb.h"

namespace jettyfleet {

// JUnit's XML, one test case for each finding: failed is a failure, unknown an error, silenced skipped. What is only
// info counts as passed, and is said in the test case's output. Pure.
std::string RenderCheckJunit(const v1::CheckReport& report);

}  // namespace jettyfleet

#endif  // JETTYFLEET_CLIENT_RENDER_CHECK_JUNIT_H_
