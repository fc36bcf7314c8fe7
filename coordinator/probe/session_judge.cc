#include "coordinator/probe/session_judge.h"

#include <cstddef>

namespace jettyfleet {
namespace {

struct SplitCookie {
  std::string session;
  std::string worker;
};

// As Jetty does: the last dot, unless it is the first character.
SplitCookie Split(const std::string& cookie) {
  const std::size_t dot = cookie.rfind('.');
  if (dot == std::string::npos || dot == 0) return {cookie, ""};
  return {cookie.substr(0, dot), cookie.substr(dot + 1)};
}

}  // namespace

SessionVerdict SessionJudge::Judge(const SessionEvidence& evidence) {
  const auto [session, worker] = Split(evidence.cookie);
  const std::string& node = evidence.node.empty() ? worker : evidence.node;
  // A page without the counter (an answer of another application, say) tells nothing where there are no cookies.
  if (session.empty() && session_.empty() && !evidence.counter.has_value()) return SessionVerdict::kUnknown;

  const bool can_compare = evidence.counter.has_value() && counter_.has_value();
  SessionVerdict verdict = SessionVerdict::kKept;
  if (!established_) {
    verdict = SessionVerdict::kEstablished;
  } else if (!session_.empty() && session != session_) {
    verdict = SessionVerdict::kLost;
  } else if (session_.empty() && can_compare && *evidence.counter == 1) {
    verdict = SessionVerdict::kLost;
  } else if (can_compare && *evidence.counter <= *counter_) {
    verdict = SessionVerdict::kRegressed;
  } else if (!node.empty() && !node_.empty() && node != node_) {
    verdict = SessionVerdict::kMoved;
  }

  established_ = !session.empty() || evidence.counter.has_value();
  session_ = session;
  // Kept over a page without it, so that the next one is compared with the last that was seen.
  if (evidence.counter.has_value() || verdict == SessionVerdict::kLost) counter_ = evidence.counter;
  if (!node.empty()) node_ = node;
  return verdict;
}

}  // namespace jettyfleet
