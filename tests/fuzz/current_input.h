// Says which input it was when a target crashes, hangs or demands in vain.
#ifndef JETTYFLEET_TESTS_FUZZ_CURRENT_INPUT_H_
#define JETTYFLEET_TESTS_FUZZ_CURRENT_INPUT_H_

#include <string>

namespace jettyfleet {

// Processor time that one input may take. Far above what any takes (the slowest a few ms), with sanitizers too.
inline constexpr int kLongestRunSeconds = 10;

// Once, before the first input: a fatal signal, a sanitizer's report and a run of kLongestRunSeconds print the current
// input's name, write it to the test's outputs where Bazel gives a directory for them, and end the process.
void WatchForFailure();

// `name` and `input` are kept by reference until the next call: at a crash there is no time to copy.
void SetCurrentInput(const std::string& name, const std::string& input);

}  // namespace jettyfleet

#endif  // JETTYFLEET_TESTS_FUZZ_CURRENT_INPUT_H_
