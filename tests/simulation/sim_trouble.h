// How often things go wrong for the agents of one run.
#ifndef JETTYFLEET_TESTS_SIMULATION_SIM_TROUBLE_H_
#define JETTYFLEET_TESTS_SIMULATION_SIM_TROUBLE_H_

namespace jettyfleet {

// In percent.
struct Trouble {
  int message_lost = 0;
  int message_doubled = 0;
  int message_late = 0;
  int act_hangs = 0;
  int act_fails = 0;   // half of them after its effect
  int agent_dies = 0;  // between two steps of an act
  int undo_fails = 0;  // of a fault; its timer tries again
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_TESTS_SIMULATION_SIM_TROUBLE_H_
