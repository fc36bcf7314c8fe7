#include "coordinator/recover/silence.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/str_cat.h"

namespace jettyfleet {
namespace {

// A closed port refuses at once; without this several refusals within milliseconds would be several probes.
constexpr absl::Duration kBetweenProbes = absl::Seconds(1);
// A question may be lost with the agent's stream, or be answered by one that had been asked before.
constexpr absl::Duration kAskAgain = absl::Milliseconds(500);
// What was counted longer ago says nothing about now: the DC could not be asked meanwhile.
constexpr absl::Duration kCountLasts = absl::Seconds(5);
// Maintenance mode, drills, and an application that answers with an error last longer than a probe.
constexpr absl::Duration kPostponed = absl::Seconds(10);

struct Seen {
  bool serves = false;
  bool answers = false;  // with whatever status
  std::string failed;
};

Seen LookAt(const HostView& host, const v1::ResourceDescription& resource) {
  Seen seen;
  std::size_t bound = 0;
  for (const uint32_t port : resource.ports()) {
    for (const v1::PortFact& fact : host.report.ports()) {
      if (fact.resource() != resource.name() || fact.port() != port) continue;
      if (fact.bound_by_unit() == v1::ANSWER_YES) ++bound;
      if (fact.bound() == v1::ANSWER_NO) seen.failed = absl::StrCat("nothing is bound to port ", port);
    }
  }
  for (const v1::HttpFact& fact : host.report.http()) {
    if (fact.resource() != resource.name()) continue;
    seen.serves = fact.healthy() == v1::ANSWER_YES && bound == static_cast<std::size_t>(resource.ports_size());
    seen.answers = fact.status() != 0;
    if (seen.failed.empty() && fact.healthy() == v1::ANSWER_NO && fact.status() == 0) {
      seen.failed = absl::StrCat("no HTTP answer on port ", resource.health().port(), " (", fact.error(), ")");
    }
  }
  return seen;
}

}  // namespace

Silence::Todo Silence::Step(const HostView& host, const v1::ResourceDescription& resource, uint32_t described,
                            absl::Time now) {
  Todo todo;
  const Seen seen = LookAt(host, resource);
  if (seen.serves) {
    *this = Silence();
    served_ = true;
    todo.serves = true;
    return todo;
  }
  if (!served_ || settled_) return todo;
  todo.waits = true;
  if (next_ == absl::InfinitePast() || (failed_ >= described && now - counted_at_ > kCountLasts)) BeginAt(now);
  if (failed_ < described && std::min(host.fresh.http, host.fresh.units) >= next_) {
    counted_at_ = now;
    if (!seen.failed.empty()) {
      ++failed_;
    } else if (seen.answers) {
      Postpone(now);
      return todo;
    }
    next_ = std::max(now, next_ + kBetweenProbes);
    asked_at_ = absl::InfinitePast();
  }
  if (failed_ >= described) {
    todo.failed = seen.failed;
    return todo;
  }
  todo.ask = now >= next_ && now - asked_at_ >= kAskAgain;
  if (todo.ask) asked_at_ = now;
  return todo;
}

void Silence::Interrupt() { BeginAt(absl::InfinitePast()); }

void Silence::Postpone(absl::Time now) { BeginAt(now + kPostponed); }

void Silence::BeginAt(absl::Time next) {
  failed_ = 0;
  next_ = next;
  asked_at_ = absl::InfinitePast();
}

}  // namespace jettyfleet
