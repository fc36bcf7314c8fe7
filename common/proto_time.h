// Between Abseil's times and protobuf's well-known ones. Nanoseconds are kept; times outside protobuf's range
// (years 1 to 9999) are clamped to it.
#ifndef JETTYFLEET_COMMON_PROTO_TIME_H_
#define JETTYFLEET_COMMON_PROTO_TIME_H_

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include "absl/time/time.h"

namespace jettyfleet {

google::protobuf::Timestamp ToProto(absl::Time time);
google::protobuf::Duration ToProto(absl::Duration duration);
absl::Time FromProto(const google::protobuf::Timestamp& time);
absl::Duration FromProto(const google::protobuf::Duration& duration);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COMMON_PROTO_TIME_H_
