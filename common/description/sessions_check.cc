#include "common/description/sessions_check.h"

#include <cstddef>

#include "common/description/address_check.h"

namespace jettyfleet {
namespace {

using Sessions = v1::SessionsDescription;

constexpr std::size_t kLongestCookie = 63;

MaybeProblem CheckStore(const std::string& path, const Sessions& sessions) {
  const bool memory = sessions.store() == Sessions::STORE_MEMORY;
  if (sessions.affinity() == Sessions::AFFINITY_NONE && memory) {
    return ProblemAt(Within(path, "store"),
                     "memory is each node's own, and with affinity none any node may be asked: sessions would be lost; "
                     "give affinity cookie or worker-name, or an external store");
  }
  if (sessions.affinity() == Sessions::AFFINITY_NONE && sessions.store() == Sessions::STORE_FILE) {
    return ProblemAt(
        Within(path, "store"),
        "Jetty reads a file store at its start only, so running nodes share nothing through it; give affinity "
        "cookie or worker-name, or store jdbc");
  }
  if (sessions.store() == Sessions::STORE_NONE) {
    if (!sessions.cache_null()) return std::nullopt;
    return ProblemAt(Within(path, "cache_null"), "with store none there are no sessions to cache; remove it");
  }
  if (sessions.affinity() == Sessions::AFFINITY_NONE && !sessions.cache_null()) {
    return ProblemAt(
        Within(path, "cache_null"),
        "must be true with affinity none: nodes answer from cached copies, updates are lost; enable Jetty's "
        "session-cache-null and say so, or give affinity cookie or worker-name");
  }
  if (memory && sessions.cache_null()) {
    return ProblemAt(Within(path, "cache_null"),
                     "with store memory no session would be kept at all; give false, or an external store");
  }
  return std::nullopt;
}

MaybeProblem CheckStoreAddress(const std::string& path, const Sessions& sessions) {
  if (sessions.store_address().empty()) return std::nullopt;
  if (sessions.store() != Sessions::STORE_JDBC && sessions.store() != Sessions::STORE_OTHER) {
    return ProblemAt(path, "only a store that is reached over the network has one (jdbc, other); remove it");
  }
  if (IsHostAndPort(sessions.store_address())) return std::nullopt;
  return ProblemAt(path, "must be HOST:PORT, an IPv6 address in brackets");
}

MaybeProblem CheckCookie(const std::string& path, const Sessions& sessions) {
  if (sessions.affinity() == Sessions::AFFINITY_NONE) {
    if (sessions.cookie().empty()) return std::nullopt;
    return ProblemAt(path, "affinity none follows no cookie; remove it");
  }
  const std::string& cookie = sessions.cookie();
  if (!cookie.empty() && cookie.size() <= kLongestCookie && OnlyAlnumAnd("_-.", cookie)) return std::nullopt;
  return ProblemAt(path, "must be 1 to 63 of letters, digits, '_', '-' and '.'");
}

}  // namespace

MaybeProblem CheckSessions(const std::string& path, const Sessions& sessions) {
  // Proto3 keeps numbers that this version has no name for.
  if (sessions.affinity() < Sessions::AFFINITY_COOKIE || sessions.affinity() > Sessions::AFFINITY_NONE) {
    return ProblemAt(Within(path, "affinity"), "is missing or unknown; give cookie, worker-name or none");
  }
  if (sessions.store() < Sessions::STORE_MEMORY || sessions.store() > Sessions::STORE_NONE) {
    return ProblemAt(Within(path, "store"), "is missing or unknown; give memory, jdbc, file, other or none");
  }
  if (MaybeProblem bad = CheckStore(path, sessions)) return bad;
  if (MaybeProblem bad = CheckStoreAddress(Within(path, "store_address"), sessions)) return bad;
  return CheckCookie(Within(path, "cookie"), sessions);
}

}  // namespace jettyfleet
