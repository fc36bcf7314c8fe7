// How far the configuration is from what an action asks for. Pure.
#ifndef JETTYFLEET_AGENT_ACT_CIB_CHANGE_H_
#define JETTYFLEET_AGENT_ACT_CIB_CHANGE_H_

#include <string>

#include "agent/act/cib_document.h"
#include "proto/action.pb.h"

namespace jettyfleet {

struct CibChange {
  enum class State {
    kThere,       // the CIB already says so
    kNeeded,      // pcs has to change it; `what` says what differs
    kImpossible,  // what exists does not allow it; `what` says why
  };
  State state = State::kNeeded;
  std::string what;  // one phrase
};

// For the actions that PcsCommand knows, but for CleanupResource, which is never "there". Asked before and after the
// command: pcs' exit code is not what is believed.
CibChange ChangeFor(const v1::Action& action, const CibDocument& cib);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_CIB_CHANGE_H_
