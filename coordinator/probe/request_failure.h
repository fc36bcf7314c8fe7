// The ways in which one request can fail.
#ifndef JETTYFLEET_COORDINATOR_PROBE_REQUEST_FAILURE_H_
#define JETTYFLEET_COORDINATOR_PROBE_REQUEST_FAILURE_H_

namespace jettyfleet {

enum class RequestFailure {
  kConnect,  // no connection: refused, unreachable, or no address for the name
  kTimeout,  // no whole answer in the described time, connecting included
  kReset,    // the connection ended before the whole answer
  kStatus4xx,
  kStatus5xx,
  kMalformed,  // not HTTP/1, or a status outside 200 to 599
  kTooLarge,   // a header or body beyond the probe's limits
};

// The key in TrafficSummary.failures_by_kind.
inline const char* FailureName(RequestFailure failure) {
  switch (failure) {
    case RequestFailure::kConnect:
      return "connect";
    case RequestFailure::kTimeout:
      return "timeout";
    case RequestFailure::kReset:
      return "reset";
    case RequestFailure::kStatus4xx:
      return "status_4xx";
    case RequestFailure::kStatus5xx:
      return "status_5xx";
    case RequestFailure::kMalformed:
      return "malformed";
    case RequestFailure::kTooLarge:
      return "too_large";
  }
  return "unknown";
}

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_PROBE_REQUEST_FAILURE_H_
