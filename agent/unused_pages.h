// Keeping an idle agent small.
#ifndef JETTYFLEET_AGENT_UNUSED_PAGES_H_
#define JETTYFLEET_AGENT_UNUSED_PAGES_H_

#include <memory>

#include "agent/loop.h"

namespace jettyfleet {

// Every 20 s takes the program's own code and read-only data out of this process's memory, and gives free heap back.
// The former are clean copies of a file: what is needed again is mapped again from the page cache (some hundred minor
// faults), and what only a start or a drill needed stays out. Owned by main; loop thread only.
class UnusedPages {
 public:
  explicit UnusedPages(Loop& loop);

 private:
  void Schedule();

  Loop& loop_;
  std::unique_ptr<Timer> next_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_UNUSED_PAGES_H_
