// Where HAProxy reaches one server.
#ifndef JETTYFLEET_AGENT_ACT_LB_ADDRESS_H_
#define JETTYFLEET_AGENT_ACT_LB_ADDRESS_H_

#include "agent/act/task.h"
#include "agent/act/tools.h"
#include "proto/action.pb.h"

namespace jettyfleet {

// Fields are checked. DONE: HAProxy has the address and the port, read back. When it is reloaded it forgets the address
// and, with a state file, keeps the port (seen on 2.6): the configuration has to say the same.
Task<v1::ActionResult> SetLbAddress(Tools& tools, v1::SetLbAddress act);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_LB_ADDRESS_H_
