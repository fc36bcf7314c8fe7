// Ids under which the coordinator recognises a mutation that it has been sent twice.
#ifndef JETTYFLEET_CLIENT_REQUEST_ID_H_
#define JETTYFLEET_CLIENT_REQUEST_ID_H_

#include <string>

namespace jettyfleet {

// A random UUID (version 4).
std::string NewRequestId();

}  // namespace jettyfleet

#endif  // JETTYFLEET_CLIENT_REQUEST_ID_H_
