// `-o json`: protobuf's own JSON mapping, with fields at their defaults printed, so that an unknown is visible.
#ifndef JETTYFLEET_CLIENT_JSON_H_
#define JETTYFLEET_CLIENT_JSON_H_

#include <google/protobuf/message.h>

#include <string>

namespace jettyfleet {

// Several lines, for one answer. Ends with a line break.
std::string ToJson(const google::protobuf::Message& message);
// One line, for streams.
std::string ToJsonLine(const google::protobuf::Message& message);

}  // namespace jettyfleet

#endif  // JETTYFLEET_CLIENT_JSON_H_
