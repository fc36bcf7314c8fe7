// Where the client's words go.
#ifndef JETTYFLEET_CLIENT_CONSOLE_H_
#define JETTYFLEET_CLIENT_CONSOLE_H_

#include <ostream>

namespace jettyfleet {

// Borrowed streams. `terminal`: a view may be drawn over its last picture; `colour`: escape sequences may be used.
struct Console {
  std::ostream& out;
  std::ostream& err;
  bool terminal = false;
  bool colour = false;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_CLIENT_CONSOLE_H_
