// A process that stands for a unit's main process: as another user, or with a view of the file systems of its own.
#ifndef JETTYFLEET_TESTS_AGENT_INSPECT_TESTING_OTHER_PROCESS_H_
#define JETTYFLEET_TESTS_AGENT_INSPECT_TESTING_OTHER_PROCESS_H_

#include <sys/types.h>

#include <cstdint>
#include <functional>

namespace jettyfleet {

// Owned by a test with one thread. Forked with `prepare`, which answers whether it could; then it waits to be killed,
// at the latest by the end of the test.
class OtherProcess {
 public:
  explicit OtherProcess(const std::function<bool()>& prepare);
  ~OtherProcess();
  OtherProcess(const OtherProcess&) = delete;
  OtherProcess& operator=(const OtherProcess&) = delete;

  // False: it could not prepare, most likely as this test is not root.
  bool ready() const { return ready_; }
  uint32_t pid() const { return static_cast<uint32_t>(pid_); }
  // Kills it and waits until it has gone.
  void End();

 private:
  pid_t pid_ = -1;
  bool ready_ = false;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_TESTS_AGENT_INSPECT_TESTING_OTHER_PROCESS_H_
