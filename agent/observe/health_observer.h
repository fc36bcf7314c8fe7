// Whether Jetty on this host answers HTTP as described.
#ifndef JETTYFLEET_AGENT_OBSERVE_HEALTH_OBSERVER_H_
#define JETTYFLEET_AGENT_OBSERVE_HEALTH_OBSERVER_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "agent/loop.h"
#include "agent/observe/http_probe.h"
#include "proto/observation.pb.h"

namespace jettyfleet {

// Owned by HostObserver; loop thread only. It asks when it is asked; when what is known cannot be true any more
// (healthy, but its unit no longer runs or its port is gone) or is about to become so (its port was bound), then every
// 100 ms for a minute until it settles; and every `interval` where one is given.
class HealthObserver {
 public:
  struct Watched {
    HttpProbe::Request request;  // port 0: no HTTP is described, nothing is asked or reported
    absl::Duration interval;     // zero: none
    friend bool operator==(const Watched&, const Watched&) = default;
  };
  // What else is known of a resource on this host.
  struct Surroundings {
    v1::Answer unit_active = v1::ANSWER_UNSPECIFIED;
    v1::Answer port_bound = v1::ANSWER_UNSPECIFIED;  // by the unit
    friend bool operator==(const Surroundings&, const Surroundings&) = default;
  };

  HealthObserver(Loop& loop, std::function<Surroundings(const std::string& resource)> surroundings,
                 std::function<void(v1::HostChange)> on_change);

  // Facts of what is still watched in the same way are kept.
  void SetWatched(std::vector<Watched> watched);
  // A unit's or a port's fact changed.
  void OnSurroundingsChanged();
  // Asks all; `done` after every fact has been passed on, changed or not.
  void Read(std::function<void()> done);

  // By resource. One that was never asked has no observed_at.
  std::map<std::string, v1::HttpFact> facts() const;

 private:
  struct Health {
    Watched watched;
    uint64_t generation = 0;  // of the watch, so that an answer to an earlier one is told
    v1::HttpFact fact;
    Surroundings surroundings;
    bool under_way = false;
    int hurried = 0;
    std::vector<std::function<void()>> waiting;
    std::unique_ptr<Timer> next;
  };

  void Ask(const std::string& resource);
  void TakeAnswer(const std::string& resource, uint64_t generation, v1::HttpFact fact,
                  const std::vector<std::function<void()>>& served);
  void Publish(Health* health, v1::HttpFact fact, bool even_if_same);
  void Schedule(const std::string& resource, Health* health);
  bool Settled(const Health& health) const;

  Loop& loop_;
  const std::function<Surroundings(const std::string&)> surroundings_;
  const std::function<void(v1::HostChange)> on_change_;
  HttpProbe probe_;
  uint64_t next_generation_ = 1;
  std::map<std::string, Health> health_;  // by resource
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_OBSERVE_HEALTH_OBSERVER_H_
