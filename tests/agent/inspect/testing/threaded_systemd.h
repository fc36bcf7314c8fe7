// systemd's side of the system bus on a thread of its own, for what asks and waits: real D-Bus messages over a socket
// pair, without a broker.
#ifndef JETTYFLEET_TESTS_AGENT_INSPECT_TESTING_THREADED_SYSTEMD_H_
#define JETTYFLEET_TESTS_AGENT_INSPECT_TESTING_THREADED_SYSTEMD_H_

#include <systemd/sd-bus.h>

#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "agent/inspect/unit/system_bus.h"

namespace jettyfleet {

// Owned by the test. `answer` is called on the threads, for one connection after the other or side by side.
class ThreadedSystemd {
 public:
  // Appends to the reply; a negative errno makes it an error of systemd's.
  using Answer = std::function<int(const std::string& unit, sd_bus_message* call, sd_bus_message* reply)>;

  explicit ThreadedSystemd(Answer answer);
  // Every connection has to be closed by then.
  ~ThreadedSystemd();
  ThreadedSystemd(const ThreadedSystemd&) = delete;
  ThreadedSystemd& operator=(const ThreadedSystemd&) = delete;

  OpenBus Opener();

  // "MEMBER OBJECT" of each call so far; the object is a unit's name where it is a unit.
  std::vector<std::string> Calls();

 private:
  static int OnMessage(sd_bus_message* message, void* systemd, sd_bus_error* error);
  int Open(sd_bus** client);
  void Serve(sd_bus* bus);

  const Answer answer_;
  std::mutex mutex_;
  std::vector<std::string> calls_;    // guarded by mutex_
  std::vector<std::thread> threads_;  // guarded by mutex_
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_TESTS_AGENT_INSPECT_TESTING_THREADED_SYSTEMD_H_
