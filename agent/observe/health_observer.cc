#include "agent/observe/health_observer.h"

#include <algorithm>
#include <utility>

#include "agent/observe/join.h"

namespace jettyfleet {
namespace {

constexpr absl::Duration kHurry = absl::Milliseconds(100);
constexpr int kMostHurried = 600;
constexpr absl::Duration kShortestInterval = absl::Seconds(1);

}  // namespace

HealthObserver::HealthObserver(Loop& loop, std::function<Surroundings(const std::string&)> surroundings,
                               std::function<void(v1::HostChange)> on_change)
    : loop_(loop), surroundings_(std::move(surroundings)), on_change_(std::move(on_change)), probe_(loop) {}

void HealthObserver::SetWatched(std::vector<Watched> watched) {
  std::map<std::string, Health> earlier = std::exchange(health_, {});
  for (Watched& one : watched) {
    if (one.request.port == 0) continue;
    const std::string resource = one.request.resource;
    const auto same = earlier.find(resource);
    if (same != earlier.end() && same->second.watched == one) {
      health_.insert(earlier.extract(same));
      continue;
    }
    Health& health = health_[resource];
    health.watched = std::move(one);
    health.generation = next_generation_++;
    health.fact.set_resource(resource);
  }
  // Whoever waits for what is no longer watched waits for nothing.
  for (const auto& [resource, health] : earlier) {
    for (const std::function<void()>& done : health.waiting) done();
  }
  for (auto& [resource, health] : health_) {
    if (health.fact.has_observed_at() || health.under_way) continue;
    health.surroundings = surroundings_(resource);
    Schedule(resource, &health);
  }
}

void HealthObserver::OnSurroundingsChanged() {
  for (auto& [resource, health] : health_) {
    const Surroundings now = surroundings_(resource);
    if (now == health.surroundings) continue;
    health.surroundings = now;
    health.hurried = 0;
    if (!health.under_way) Schedule(resource, &health);
  }
}

void HealthObserver::Read(std::function<void()> done) {
  const auto join = std::make_shared<Join>(std::move(done));
  for (auto& [resource, health] : health_) {
    health.waiting.push_back(join->Part());
    // One that began before it was asked for does not tell what is true now: it is followed by another.
    if (!health.under_way) Ask(resource);
  }
  join->Ready();
}

std::map<std::string, v1::HttpFact> HealthObserver::facts() const {
  std::map<std::string, v1::HttpFact> facts;
  for (const auto& [resource, health] : health_) facts[resource] = health.fact;
  return facts;
}

void HealthObserver::Ask(const std::string& resource) {
  Health& health = health_.at(resource);
  health.under_way = true;
  health.next.reset();
  probe_.Get(health.watched.request,
             [this, resource, generation = health.generation, served = std::exchange(health.waiting, {})](
                 v1::HttpFact fact) { TakeAnswer(resource, generation, std::move(fact), served); });
}

void HealthObserver::TakeAnswer(const std::string& resource, uint64_t generation, v1::HttpFact fact,
                                const std::vector<std::function<void()>>& served) {
  const auto found = health_.find(resource);
  const bool current = found != health_.end() && found->second.generation == generation;
  if (current) {
    found->second.under_way = false;
    Publish(&found->second, std::move(fact), !served.empty());
  }
  for (const std::function<void()>& done : served) done();
  // Any of the calls above may have changed what is watched, or asked again.
  const auto after = health_.find(resource);
  if (!current || after == health_.end() || after->second.generation != generation || after->second.under_way) return;
  if (!after->second.waiting.empty()) return Ask(resource);
  Schedule(resource, &after->second);
}

void HealthObserver::Publish(Health* health, v1::HttpFact fact, bool even_if_same) {
  const bool same = health->fact.has_observed_at() && health->fact.healthy() == fact.healthy() &&
                    health->fact.status() == fact.status() && health->fact.error() == fact.error() &&
                    health->fact.body_matches() == fact.body_matches() && health->fact.version() == fact.version();
  health->fact = fact;
  if (same && !even_if_same) return;
  v1::HostChange change;
  *change.add_http() = std::move(fact);
  on_change_(std::move(change));
}

bool HealthObserver::Settled(const Health& health) const {
  const Surroundings& around = health.surroundings;
  if (health.fact.healthy() == v1::ANSWER_YES) {
    return around.unit_active != v1::ANSWER_NO && around.port_bound != v1::ANSWER_NO;
  }
  return around.port_bound != v1::ANSWER_YES;
}

void HealthObserver::Schedule(const std::string& resource, Health* health) {
  health->next.reset();
  absl::Duration wait = health->watched.interval;
  if (wait > absl::ZeroDuration()) wait = std::max(wait, kShortestInterval);
  absl::Duration accuracy = wait / 10;
  if (!Settled(*health) && health->hurried < kMostHurried) {
    // At once the first time, since something has just happened.
    wait = health->hurried == 0 ? absl::ZeroDuration() : kHurry;
    accuracy = absl::Milliseconds(1);
    ++health->hurried;
  } else if (wait <= absl::ZeroDuration()) {
    return;
  }
  health->next = loop_.After(
      wait, [this, resource] { Ask(resource); }, accuracy);
}

}  // namespace jettyfleet
