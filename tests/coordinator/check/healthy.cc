#include "tests/coordinator/check/healthy.h"

#include <google/protobuf/text_format.h>

#include <cstdlib>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

constexpr char kDescription[] = R"(
  cluster: "blue"
  resources {
    name: "jetty" unit: "jetty9" monitor_interval { seconds: 10 } clone_node_max: 1 ports: 8080
    health { port: 8080 path: "/" status: 200 }
    sessions { affinity: AFFINITY_COOKIE store: STORE_MEMORY cookie: "JF" }
    parallel_safe { by: "ada" date: "2026-09-01" }
  }
  load_balancers {
    host: "lb-01" resource: "jetty" backend: "web"
    servers { key: "node-01" value: "s1" } servers { key: "node-02" value: "s2" } servers { key: "node-03" value: "s3" }
  }
  addresses { key: "node-01" value: "192.0.2.1" } addresses { key: "node-02" value: "192.0.2.2" }
  addresses { key: "node-03" value: "192.0.2.3" }
  traffic { url: "http://lb-01/" }
)";

constexpr char kCluster[] = R"(
  connected: ANSWER_YES dc_present: ANSWER_YES dc: "node-01" dc_with_quorum: ANSWER_YES idle: ANSWER_YES
  stonith_enabled: true
  quorum { quorate: ANSWER_YES expected_votes: 3 total_votes: 3 quorum: 2 flags: "Quorate" }
  nodes { name: "node-01" online: true is_dc: true } nodes { name: "node-02" online: true }
  nodes { name: "node-03" online: true }
  instances { resource: "fence" agent: "stonith:fence_x" role: "Started" managed: true nodes: "node-01" }
  instances { resource: "jetty" clone: "jetty-clone" agent: "systemd:jetty9" role: "Started" managed: true
    nodes: "node-01" }
  instances { resource: "jetty" clone: "jetty-clone" agent: "systemd:jetty9" role: "Started" managed: true
    nodes: "node-02" }
  instances { resource: "jetty" clone: "jetty-clone" agent: "systemd:jetty9" role: "Started" managed: true
    nodes: "node-03" }
)";

constexpr char kCib[] = R"(
  fence_devices: "fence"
  primitives {
    id: "jetty" resource_class: "systemd" type: "jetty9" clone: "jetty-clone" monitor_interval: "10s"
    operations { name: "monitor" interval: "10s" timeout: "100s" } operations { name: "stop" timeout: "100s" }
    clone_meta { name: "clone-max" value: "3" } clone_meta { name: "clone-node-max" value: "1" }
  }
)";

constexpr char kOwn[] = R"(
  units { unit: "jetty9.service" load_state: "loaded" active_state: "active" }
  ports { resource: "jetty" port: 8080 bound: ANSWER_YES bound_by_unit: ANSWER_YES
    listeners { address: "::" port: 8080 owned_by_unit: ANSWER_YES } }
  http { resource: "jetty" healthy: ANSWER_YES status: 200 latency_us: 2000 }
)";

constexpr char kInspection[] = R"(
  host {
    kernel: "6.1" release: "Debian 12" clock_synchronized: ANSWER_YES
    packages { name: "pacemaker" version: "2.1.5" } packages { name: "pcs" version: "0.11.5" }
    enabled { unit: "corosync.service" unit_file_state: "enabled" }
    enabled { unit: "pacemaker.service" unit_file_state: "enabled" }
  }
  ring { links { link: 0 address: "NODE" } }
  resources {
    resource: "jetty"
    unit {
      settings { name: "LoadState" value: "loaded" } settings { name: "UnitFileState" value: "disabled" }
      settings { name: "Restart" value: "no" } settings { name: "TimeoutStopUSec" value: "90000000" }
      settings { name: "NeedDaemonReload" value: "no" } settings { name: "LimitNOFILE" value: "524288" }
      fragment { path: "/lib/systemd/system/jetty9.service" sha256: "ffff" }
      drop_ins { path: "/run/systemd/system/jetty9.service.d/50-pacemaker.conf" sha256: "NODE" }
    }
    paths { path: "/srv/data" source: SOURCE_DESCRIPTION exists: ANSWER_YES mount_point: "/srv" fs_type: "ext4"
      writable: ANSWER_YES marked: true free_bytes: 5000000 total_bytes: 10000000 free_inodes: 50 total_inodes: 100
      fs_uuid: "uuid-NODE" disk_serial: "disk-NODE" }
    archives { root: "/srv/webapps" sha256: "all" file_count: 1 newest { seconds: 1780000000 }
      files { path: "app.war" sha256: "warwar" } }
    configuration { root: "/etc/jetty9" sha256: "etc" file_count: 2
      files { path: "start.ini" sha256: "ini" } files { path: "start.d/worker.ini" sha256: "of-NODE" } }
    texts { path: "/etc/jetty9/start.d/worker.ini" text: "jetty.sessionIdManager.workerName=NODE\n" }
    runtime { java_version: "17.0.1" java_vendor: "Debian" jetty_version: "9.4.57" running: ANSWER_YES }
    sessions { store: "memory" cache: "default" worker_name: "NODE" }
  }
)";

constexpr char kServer[] = R"(
  backend: "web" server: "sNUMBER" node: "NODE" admin_state: ADMIN_STATE_READY status: "UP" check_status: "L7OK"
  address: "192.0.2.NUMBER" port: 8080 weight: 1 initial_weight: 1
)";

template <typename Message>
Message Parsed(const std::string& text) {
  Message message;
  if (!google::protobuf::TextFormat::ParseFromString(text, &message)) {
    std::cerr << "cannot parse " << text << "\n";
    std::abort();
  }
  return message;
}

}  // namespace

HealthyCluster::HealthyCluster() {
  view.cluster = "blue";
  view.description = Parsed<v1::ClusterDescription>(kDescription);
  TrafficLook look;
  look.question.traffic = view.description.traffic();
  look.reach.url = "http://lb-01/";
  look.reach.requests = 3;
  for (int number = 1; number <= 3; ++number) {
    const std::string name = absl::StrCat("node-0", number);
    const auto of_node = [&](const char* text) {
      return absl::StrReplaceAll(text, {{"NODE", name}, {"NUMBER", absl::StrCat(number)}});
    };
    HostView& host = view.nodes[name];
    host.host = name;
    host.connected = true;
    host.version = "0.1.0";
    host.fresh.cluster = host.fresh.cib = host.fresh.units = host.fresh.http = kCheckedAt;
    host.report = Parsed<v1::HostReport>(of_node(kOwn));
    *host.report.mutable_cluster() = Parsed<v1::ClusterFact>(kCluster);
    *host.report.mutable_cib() = Parsed<v1::CibFact>(kCib);
    HostLook& closely = hosts[name];
    closely.inspection = Parsed<v1::Inspection>(of_node(kInspection));
    closely.clock_least = absl::Milliseconds(-5);
    closely.clock_most = absl::Milliseconds(5);
    std::vector<v1::MarkerSighting> sightings;
    for (int other = 1; other <= 3; ++other) {
      if (other == number) continue;
      v1::MarkerSighting sighting;
      sighting.set_resource("jetty");
      sighting.set_path("/srv/data");
      sighting.set_marker(absl::StrCat("jettyfleet-marker-0123456789abcd0", other - 1, "-node-0", other));
      sighting.set_seen(v1::ANSWER_NO);
      sightings.push_back(std::move(sighting));
    }
    closely.sightings = std::move(sightings);
    HostView& balancer = view.load_balancers["lb-01"];
    balancer.host = "lb-01";
    balancer.connected = true;
    balancer.fresh.lb_servers = kCheckedAt;
    *balancer.report.add_lb_servers() = Parsed<v1::LbServerFact>(of_node(kServer));
    look.question.nodes.insert(name);
    look.reach.by_node[name] = 1;
    WalkAnswer walk;
    walk.requests = 4;
    walk.kept = 3;
    look.sessions.push_back(walk);
  }
  traffic.push_back(std::move(look));
}

void HealthyCluster::Setting(const std::string& name, const std::string& setting, const std::string& value) {
  for (v1::SettingFact& known : *inspected(name).mutable_unit()->mutable_settings()) {
    if (known.name() == setting) known.set_value(value);
  }
}

void HealthyCluster::Store(const std::string& store, const std::string& cache) {
  for (auto& [name, host] : hosts) {
    inspected(name).mutable_sessions()->set_store(store);
    inspected(name).mutable_sessions()->set_cache(cache);
  }
}

}  // namespace jettyfleet
