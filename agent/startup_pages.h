// Keeping an idle agent small.
#ifndef JETTYFLEET_AGENT_STARTUP_PAGES_H_
#define JETTYFLEET_AGENT_STARTUP_PAGES_H_

namespace jettyfleet {

// Takes the program's own code and read-only data out of this process's memory. They are clean copies of a file, so
// whatever is needed again is mapped again from the page cache; what only the start needed (registering 15 MB of
// statically linked libraries, the first TLS handshake) stays out. Never fails; costs a few hundred minor faults.
void GiveBackStartupPages();

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_STARTUP_PAGES_H_
