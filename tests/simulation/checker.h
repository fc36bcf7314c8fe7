// Reads the history of one run and says what must not have happened. It knows nothing of how the engine decides.
#ifndef JETTYFLEET_TESTS_SIMULATION_CHECKER_H_
#define JETTYFLEET_TESTS_SIMULATION_CHECKER_H_

#include <string>
#include <vector>

#include "tests/simulation/history.h"

namespace jettyfleet {

// One line for each violation, beginning with the invariant's name:
//   one-down         more than one node down by our hand: held out, under a fault, or hit by one and not well again
//   record-first     an action left without a durable record of it (after a refused record: an undo without its act's)
//   stale-epoch      an agent began an action of an epoch below the highest it had seen
//   too-late         an agent began an act after its not_after, by its own clock
//   locked           a node was held out while the operation's lock did not stand in the CIB
//   armed-first      a fault was put in force on a host that had no record of its lease on its disk
//   lease-over       a fault was put in force after its lease's end, by that host's clock
//   outlived         a fault was in force more than 5 s after its lease's end
//   whole-first      a node was acted on before the one before it was seen whole again
//   replay           the journal does not rebuild the live operation
//   no-act-after-stop  a forward act was recorded after the operation was stopped
//   left-over        something of ours was in force when it must not be
//   at-rest          the engine did not come to rest
//   ends             an operation that somebody could finish did not end
//   true-success     an operation passed though a node of its plan was not taken out, or not whole again
std::vector<std::string> CheckHistory(const History& history, bool must_end);

}  // namespace jettyfleet

#endif  // JETTYFLEET_TESTS_SIMULATION_CHECKER_H_
