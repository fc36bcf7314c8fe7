// What was read on a host, made fit to be passed on.
#ifndef JETTYFLEET_AGENT_INSPECT_VALID_STRINGS_H_
#define JETTYFLEET_AGENT_INSPECT_VALID_STRINGS_H_

#include <google/protobuf/message.h>

namespace jettyfleet {

// Every string in `message`, at any depth: bytes that are no UTF-8, and control characters other than '\n' and '\t',
// become '?'. A peer refuses a whole message for one bad byte, and Jetty's files may hold any; a terminal must not be
// steered by them either. Fields of bytes stay as they are. Pure.
void MakeStringsValid(google::protobuf::Message* message);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_INSPECT_VALID_STRINGS_H_
