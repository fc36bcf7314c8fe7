// Text from outside, made fit to be passed on.
#ifndef JETTYFLEET_AGENT_OBSERVE_VALID_TEXT_H_
#define JETTYFLEET_AGENT_OBSERVE_VALID_TEXT_H_

#include <google/protobuf/message.h>

#include <string>

namespace jettyfleet {

// Every string in `message`, at any depth: bytes that are no UTF-8 and control characters become '?', and what is
// longer than 4 KiB is cut. A peer refuses a whole message for one bad byte, and any local user may choose the name of
// a process that we report; a terminal must not be steered by it either. Pure.
void MakeTextValid(google::protobuf::Message* message);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_OBSERVE_VALID_TEXT_H_
