#include "agent/observe/host_observer.h"

#include <utility>

#include "agent/observe/join.h"
#include "agent/observe/valid_text.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

constexpr absl::Duration kHealthTimeout = absl::Seconds(2);  // where the description gives none

HealthObserver::Watched HealthOf(const v1::WatchedResource& resource) {
  const absl::Duration timeout = FromProto(resource.health_timeout());
  return {.request = {.resource = resource.resource(),
                      .port = resource.health_port(),
                      .path = resource.health_path().empty() ? "/" : resource.health_path(),
                      .expected_status = resource.health_status() == 0 ? 200 : resource.health_status(),
                      .timeout = timeout > absl::ZeroDuration() ? timeout : kHealthTimeout,
                      .body_pattern = resource.health_body(),
                      .version_pattern = resource.health_version()},
          .interval = FromProto(resource.health_interval())};
}

}  // namespace

HostObserver::HostObserver(Loop& loop, ProcessRunner& processes, Options options,
                           std::function<void(v1::HostChange)> on_change)
    : options_(std::move(options)),
      on_change_(std::move(on_change)),
      units_(loop, processes, options_.open_bus,
             [this](v1::HostChange change) {
               // First the news, then what follows from it: another look at the ports may take a while on a busy host.
               PassOn(std::move(change));
               ports_.OnUnitChanged();
               health_.OnSurroundingsChanged();
             }),
      ports_(
          loop, [this](const std::string& unit) { return units_.Find(unit); },
          [this](v1::HostChange change) {
            PassOn(std::move(change));
            health_.OnSurroundingsChanged();
          }),
      health_(
          loop, [this](const std::string& resource) { return SurroundingsOf(resource); },
          [this](v1::HostChange change) { PassOn(std::move(change)); }),
      cluster_(loop, processes, [this](v1::HostChange change) { PassOn(std::move(change)); }) {
  if (options_.kind == v1::Hello::KIND_LOAD_BALANCER) {
    balancer_ = std::make_unique<LbObserver>(loop, options_.haproxy_socket,
                                             [this](v1::HostChange change) { PassOn(std::move(change)); });
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
  resources_.clear();
  std::set<std::string> units;
  std::vector<PortObserver::WatchedPort> ports;
  std::vector<HealthObserver::Watched> health;
  for (const v1::WatchedResource& resource : watch.resources()) {
    resources_[resource.resource()] = resource;
    units.insert(resource.unit());
    for (const uint32_t port : resource.ports()) ports.push_back({resource.resource(), resource.unit(), port});
    health.push_back(HealthOf(resource));
  }
  units_.SetWatched(std::move(units));
  ports_.SetWatched(std::move(ports));
  health_.SetWatched(std::move(health));
}

void HostObserver::Observe(const v1::Observe& what, std::function<void()> done) {
  const auto join = std::make_shared<Join>(std::move(done));
  if (balancer_ != nullptr) {
    if (what.lb_servers()) balancer_->Read(join->Part());
    return join->Ready();
  }
  if (what.cluster()) cluster_.ReadCluster(join->Part());
  if (what.cib()) cluster_.ReadCib(join->Part());
  if (what.units()) {
    units_.Read([this, read = join->Part()] {
      ports_.Read();
      read();
    });
  }
  if (what.http()) health_.Read(join->Part());
  join->Ready();
}

v1::HostReport HostObserver::Snapshot() const {
  v1::HostReport report;
  for (const auto& [name, unit] : units_.units()) *report.add_units() = unit;
  for (const auto& [key, port] : ports_.ports()) *report.add_ports() = port;
  for (auto& [resource, fact] : health_.facts()) *report.add_http() = fact;
  if (cluster_.cluster().has_observed_at()) *report.mutable_cluster() = cluster_.cluster();
  if (cluster_.cib().has_observed_at()) *report.mutable_cib() = cluster_.cib();
  if (balancer_ != nullptr) {
    for (const v1::LbServerFact& server : balancer_->servers()) *report.add_lb_servers() = server;
  }
  MakeTextValid(&report);
  return report;
}

void HostObserver::PassOn(v1::HostChange change) {
  MakeTextValid(&change);
  on_change_(std::move(change));
}

HealthObserver::Surroundings HostObserver::SurroundingsOf(const std::string& name) const {
  HealthObserver::Surroundings around;
  const auto found = resources_.find(name);
  if (found == resources_.end()) return around;
  const v1::WatchedResource& resource = found->second;
  if (const v1::UnitFact* const unit = units_.Find(resource.unit()); unit != nullptr && !unit->active_state().empty()) {
    around.unit_active = unit->active_state() == "active" ? v1::ANSWER_YES : v1::ANSWER_NO;
  }
  const auto port = ports_.ports().find({name, resource.health_port()});
  if (port != ports_.ports().end()) around.port_bound = port->second.bound_by_unit();
  return around;
}

}  // namespace jettyfleet
