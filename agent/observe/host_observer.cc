#include "agent/observe/host_observer.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

// Between two looks at an application that is starting: a quarter of a second late is late in a drill's report.
constexpr absl::Duration kAskAgain = absl::Milliseconds(100);
constexpr int kMostAsked = 600;

// Counts down to one call.
class Barrier {
 public:
  explicit Barrier(std::function<void()> done) : done_(std::move(done)) {}
  ~Barrier() { done_(); }
  Barrier(const Barrier&) = delete;
  Barrier& operator=(const Barrier&) = delete;

 private:
  std::function<void()> done_;
};

}  // namespace

HostObserver::HostObserver(Loop& loop, ProcessRunner& processes, Options options,
                           std::function<void(v1::HostChange)> on_change)
    : loop_(loop),
      options_(std::move(options)),
      on_change_(std::move(on_change)),
      units_(loop, processes, [this](v1::HostChange change) { OnUnits(std::move(change)); }),
      ports_(
          loop, [this](const std::string& unit) { return units_.Find(unit); },
          [this](v1::HostChange change) { OnPorts(std::move(change)); }),
      http_(loop),
      cluster_(loop, processes, on_change_) {
  if (options_.kind == v1::Hello::KIND_LOAD_BALANCER) {
    balancer_ = std::make_unique<LbObserver>(loop, options_.haproxy_socket, on_change_);
  }
}

void HostObserver::Start() {
  if (balancer_ == nullptr) units_.Start();
}

void HostObserver::SetWatch(const v1::Watch& watch) {
  if (balancer_ != nullptr) {
    return balancer_->SetWatched({watch.servers().begin(), watch.servers().end()});
  }
  cluster_.SetInterval(FromProto(watch.cluster_interval()));
  std::set<std::string> units;
  std::vector<PortObserver::WatchedPort> ports;
  std::map<std::string, Health> health;
  for (const v1::WatchedResource& resource : watch.resources()) {
    units.insert(resource.unit());
    for (const uint32_t port : resource.ports()) ports.push_back({resource.resource(), resource.unit(), port});
    Health& watched = health[resource.resource()];
    watched.unit = resource.unit();
    watched.request = {.resource = resource.resource(),
                       .port = resource.health_port(),
                       .path = resource.health_path(),
                       .expected_status = resource.health_status(),
                       .timeout = FromProto(resource.health_timeout())};
    watched.fact.set_resource(resource.resource());
  }
  // Whoever waits for a probe of the earlier watch is answered with what is known.
  for (auto& [name, earlier] : health_) {
    for (const std::function<void()>& done : earlier.waiting) done();
  }
  health_ = std::move(health);
  units_.SetWatched(std::move(units));
  ports_.SetWatched(std::move(ports));
  asked_again_ = 0;
  AskAgain();
}

void HostObserver::Observe(const v1::Observe& what, std::function<void()> done) {
  const auto barrier = std::make_shared<Barrier>(std::move(done));
  if (balancer_ != nullptr) {
    if (what.lb_servers()) balancer_->Read([barrier] {});
    return;
  }
  if (what.cluster()) cluster_.ReadCluster([barrier] {});
  if (what.cib()) cluster_.ReadCib([barrier] {});
  if (what.units()) {
    units_.Read([this, barrier] { ports_.Read(); });
  }
  if (what.http()) {
    for (const auto& [resource, unused] : health_) ProbeHealth(resource, [barrier] {});
  }
}

v1::HostReport HostObserver::Snapshot() const {
  v1::HostReport report;
  for (const auto& [name, unit] : units_.units()) *report.add_units() = unit;
  for (const auto& [key, port] : ports_.ports()) *report.add_ports() = port;
  for (const auto& [resource, health] : health_) *report.add_http() = health.fact;
  if (cluster_.cluster().has_observed_at()) *report.mutable_cluster() = cluster_.cluster();
  if (cluster_.cib().has_observed_at()) *report.mutable_cib() = cluster_.cib();
  if (balancer_ != nullptr) {
    for (const v1::LbServerFact& server : balancer_->servers()) *report.add_lb_servers() = server;
  }
  return report;
}

void HostObserver::OnUnits(v1::HostChange change) {
  // First the news, then what follows from it: another look at the ports may take a while on a busy host.
  on_change_(std::move(change));
  ports_.OnUnitChanged();
}

void HostObserver::OnPorts(v1::HostChange change) {
  on_change_(std::move(change));
  asked_again_ = 0;
  AskAgain();
}

void HostObserver::ProbeHealth(const std::string& resource, std::function<void()> done) {
  const auto found = health_.find(resource);
  if (found == health_.end()) {
    if (done != nullptr) done();
    return;
  }
  Health& health = found->second;
  const bool asked = done != nullptr;
  if (asked) health.waiting.push_back(std::move(done));
  // One that began before it was asked for does not answer what is true now: it is followed by another.
  if (health.under_way) return;
  health.under_way = true;
  std::vector<std::function<void()>> served;
  served.swap(health.waiting);
  http_.Get(health.request, [this, resource, served](v1::HttpFact fact) {
    const auto again = health_.find(resource);
    if (again != health_.end()) {
      again->second.under_way = false;
      TakeHealth(resource, std::move(fact), !served.empty());
    }
    for (const std::function<void()>& one : served) one();
    if (again != health_.end() && !again->second.waiting.empty() && !again->second.under_way) {
      ProbeHealth(resource, nullptr);
    }
    AskAgain();
  });
}

void HostObserver::TakeHealth(const std::string& resource, v1::HttpFact fact, bool pass_on_always) {
  Health& health = health_.at(resource);
  const bool same = health.fact.healthy() == fact.healthy() && health.fact.status() == fact.status() &&
                    health.fact.error() == fact.error();
  health.fact = fact;
  if (same && !pass_on_always) return;
  v1::HostChange change;
  *change.add_http() = std::move(fact);
  on_change_(std::move(change));
}

bool HostObserver::WorthAskingAgain(const Health& health) const {
  if (health.fact.healthy() == v1::ANSWER_YES) {
    // Healthy as long as its unit runs; a unit that does not run is asked once more, for the record.
    const v1::UnitFact* const unit = units_.Find(health.unit);
    return unit != nullptr && unit->active_state() != "active" && !unit->active_state().empty();
  }
  const auto port = ports_.ports().find({health.request.resource, health.request.port});
  return port != ports_.ports().end() && port->second.bound_by_unit() == v1::ANSWER_YES && asked_again_ < kMostAsked;
}

void HostObserver::AskAgain() {
  bool any = false;
  for (const auto& [resource, health] : health_) any |= !health.under_way && WorthAskingAgain(health);
  if (!any || ask_again_ != nullptr) return;
  // At once the first time, since a port has just been bound.
  ask_again_ = loop_.After(asked_again_ == 0 ? absl::ZeroDuration() : kAskAgain, [this] {
    ask_again_.reset();
    ++asked_again_;
    for (auto& [resource, health] : health_) {
      if (!health.under_way && WorthAskingAgain(health)) ProbeHealth(resource, nullptr);
    }
  });
}

}  // namespace jettyfleet
