// What became of a virtual user's session, judged by the contents of successive answers.
#ifndef JETTYFLEET_COORDINATOR_PROBE_SESSION_JUDGE_H_
#define JETTYFLEET_COORDINATOR_PROBE_SESSION_JUDGE_H_

#include <cstdint>
#include <optional>
#include <string>

namespace jettyfleet {

// What one successful answer shows.
struct SessionEvidence {
  // The session cookie's value in the jar after the answer's Set-Cookie headers; empty: none. A suffix after the last
  // dot is the worker that Jetty adds ("node0abc1.node0") and is not part of the session's identity.
  std::string cookie;
  // The counter pattern's group; nullopt: not described, or not found in the body.
  std::optional<uint64_t> counter;
  // The node pattern's group; empty: not described, or not found. Then the cookie's worker suffix stands for it.
  std::string node;
};

enum class SessionVerdict {
  kUnknown,      // nothing to judge by
  kEstablished,  // this user's first session
  kKept,         // the same session; its counter, if there is one, is above the last
  kMoved,        // kept, and answered by another node than the last answer that named one
  kRegressed,    // the same session, and its counter is not above the last one seen
  kLost,         // another session, or none, although the user had one; what it brings is the user's session now
};

// A plain value, one for each virtual user; answers in the order of the user's requests, of which only one is ever
// under way. Without any session cookie the counter alone is the session: then a restart at 1 is a loss.
class SessionJudge {
 public:
  SessionVerdict Judge(const SessionEvidence& evidence);

 private:
  bool established_ = false;
  std::string session_;  // the cookie's value without the worker
  std::optional<uint64_t> counter_;
  std::string node_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_PROBE_SESSION_JUDGE_H_
