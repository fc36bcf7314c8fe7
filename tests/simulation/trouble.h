// A seed's share of trouble: which cluster, which drill, and what goes wrong when.
#ifndef JETTYFLEET_TESTS_SIMULATION_TROUBLE_H_
#define JETTYFLEET_TESTS_SIMULATION_TROUBLE_H_

#include <cstdint>

#include "tests/simulation/sim_world.h"

namespace jettyfleet {

// The cluster, the drill and the everyday trouble of one seed.
SimSetup SetupOf(uint64_t seed);

// Plans up to four disasters in the world's time; returns how many.
int PlanFaults(SimWorld* world);

// Nothing goes wrong in it but what is planned.
bool IsCalm(const Trouble& trouble);

}  // namespace jettyfleet

#endif  // JETTYFLEET_TESTS_SIMULATION_TROUBLE_H_
