// Every check, broken in a cluster that is whole otherwise.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/proto_time.h"
#include "coordinator/check/judge.h"
#include "tests/coordinator/check/healthy.h"

namespace jettyfleet {
namespace {

using testing::HasSubstr;

constexpr v1::Answer kYes = v1::ANSWER_YES;
constexpr v1::Answer kNo = v1::ANSWER_NO;
constexpr v1::Answer kUnknown = v1::ANSWER_UNSPECIFIED;
constexpr char kTwo[] = "node-02";

std::string TextOf(const v1::Finding& finding) {
  std::string text = finding.summary();
  for (const v1::Evidence& evidence : finding.evidence()) absl::StrAppend(&text, "\n", evidence.host(), ": ", evidence.value());
  return text;
}

struct Row {
  const char* id;
  v1::Answer passed;
  const char* words;  // in the summary or the evidence
  std::function<void(HealthyCluster&)> broken;
  std::vector<std::string> nodes = {};  // that it is about; empty: whatever it says
};

void EachCluster(HealthyCluster& cluster, const std::function<void(v1::ClusterFact&)>& change) {
  for (auto& [name, host] : cluster.view.nodes) change(*host.report.mutable_cluster());
}
void NotInspected(HealthyCluster& cluster) { cluster.hosts.at(kTwo).inspection = absl::UnavailableError("gone"); }
void NoDc(HealthyCluster& cluster) {
  EachCluster(cluster, [](v1::ClusterFact& fact) { fact.set_dc_with_quorum(kNo); });
}
void Listen(HealthyCluster& cluster, const std::string& node, const std::string& address, v1::Answer own = kYes) {
  v1::PortFact* const port = cluster.node(node).report.mutable_ports(0);
  port->clear_listeners();
  v1::ListenerFact* const listener = port->add_listeners();
  listener->set_address(address);
  listener->set_port(8080);
  listener->set_owned_by_unit(own);
  listener->set_owner("7 python3");
}
void See(HealthyCluster& cluster, const std::string& node, int index, v1::Answer seen, const std::string& error = "") {
  (*cluster.hosts.at(node).sightings)[index].set_seen(seen);
  (*cluster.hosts.at(node).sightings)[index].set_error(error);
}
void Describe(HealthyCluster& cluster, v1::SessionsDescription::Affinity affinity, v1::SessionsDescription::Store store) {
  cluster.described().mutable_sessions()->set_affinity(affinity);
  cluster.described().mutable_sessions()->set_store(store);
}
v1::FileFact& File(HealthyCluster& cluster, const std::string& node, int index) {
  return *cluster.inspected(node).mutable_configuration(0)->mutable_files(index);
}
void Texts(HealthyCluster& cluster, const std::string& of_two) {
  for (auto& [name, host] : cluster.hosts) {
    v1::TextFact* const text = cluster.inspected(name).add_texts();
    text->set_path("/etc/jetty9/start.ini");
    text->set_text(name == kTwo ? of_two : "port=80\nhost=192.0.2." + name.substr(6) + "\n");
    File(cluster, name, 0).set_sha256("of-" + name);
  }
}
void Store(HealthyCluster& cluster, const std::string& node, v1::Answer reachable) {
  v1::StoreFact* const store = cluster.inspected(node).add_stores();
  store->set_address("db:5432");
  store->set_kind("jdbc");
  store->set_reachable(reachable);
  store->set_error(reachable == kYes ? "" : "refused");
}

std::vector<Row> ClusterRows() {
  return {
      {"cluster.quorum", kNo, "WITHOUT quorum", NoDc},
      {"cluster.quorum", kNo, "WITHOUT quorum",
       [](HealthyCluster& c) {
         EachCluster(c, [](v1::ClusterFact& fact) { fact.mutable_quorum()->set_quorate(kNo); });
       }},
      {"cluster.quorum", kUnknown, "not connected",
       [](HealthyCluster& c) {
         for (auto& [name, host] : c.view.nodes) host.connected = false;
       }},
      {"cluster.one-dc", kNo, "names node-02", [](HealthyCluster& c) {
         v1::ClusterFact* const fact = c.node(kTwo).report.mutable_cluster();
         fact->set_dc(kTwo);
         fact->set_dc_with_quorum(kNo);
       }, {kTwo}},
      {"cluster.one-dc", kUnknown, "no DC with quorum", NoDc},
      {"cluster.one-dc", kUnknown, "did not say",
       [](HealthyCluster& c) { c.node(kTwo).fresh.cluster = absl::InfinitePast(); }, {kTwo}},
      {"cluster.agents", kNo, "no agent", [](HealthyCluster& c) { c.node(kTwo).connected = false; }, {kTwo}},
      {"cluster.nodes", kNo, "in standby", [](HealthyCluster& c) { c.dc().mutable_nodes(1)->set_standby(true); }, {kTwo}},
      {"cluster.nodes", kNo, "offline, unclean", [](HealthyCluster& c) {
         c.dc().mutable_nodes(1)->set_online(false);
         c.dc().mutable_nodes(1)->set_unclean(true);
       }, {kTwo}},
      {"cluster.nodes", kUnknown, "did not say", NoDc},
      {"cluster.maintenance", kNo, "manages nothing", [](HealthyCluster& c) { c.dc().set_maintenance_mode(true); }},
      {"cluster.quorum-margin", kNo, "the next loss ends it",
       [](HealthyCluster& c) { c.dc().mutable_quorum()->set_total_votes(2); }},
      {"cluster.quorum-margin", kYes, "two_node",
       [](HealthyCluster& c) {
         c.dc().mutable_quorum()->set_total_votes(2);
         c.dc().mutable_quorum()->set_expected_votes(2);
         c.dc().mutable_quorum()->set_quorum(1);
         c.dc().mutable_quorum()->add_flags("2Node");
       }},
      {"cluster.fencing", kNo, "stonith-enabled is false", [](HealthyCluster& c) { c.dc().set_stonith_enabled(false); }},
      {"cluster.fencing", kNo, "no fence device", [](HealthyCluster& c) { c.cib().clear_fence_devices(); }},
      {"cluster.fencing", kNo, "none is started", [](HealthyCluster& c) { c.dc().mutable_instances(0)->set_role("Stopped"); }},
      {"cluster.clocks", kNo, "3.1s", [](HealthyCluster& c) {
         c.hosts.at(kTwo).clock_least = absl::Milliseconds(3100);
         c.hosts.at(kTwo).clock_most = absl::Milliseconds(3200);
       }, {kTwo}},
      {"cluster.clocks", kNo, "-2.5s", [](HealthyCluster& c) {
         c.hosts.at(kTwo).clock_least = absl::Milliseconds(-2500);
         c.hosts.at(kTwo).clock_most = absl::Milliseconds(-2001);
       }, {kTwo}},
      {"cluster.clocks", kUnknown, "took too long", [](HealthyCluster& c) {
         c.hosts.at(kTwo).clock_least = absl::Seconds(-3);
         c.hosts.at(kTwo).clock_most = absl::Seconds(3);
       }, {kTwo}},
      {"cluster.time-service", kNo, "runs free",
       [](HealthyCluster& c) { c.inspection(kTwo).mutable_host()->set_clock_synchronized(kNo); }, {kTwo}},
      {"cluster.time-service", kUnknown, "gone", NotInspected, {kTwo}},
      {"cluster.ring", kNo, "does not reach node id 3",
       [](HealthyCluster& c) { c.inspection(kTwo).mutable_ring()->mutable_links(0)->add_disconnected("3"); }, {kTwo}},
      {"cluster.ring", kUnknown, "no such program",
       [](HealthyCluster& c) { c.inspection(kTwo).mutable_ring()->set_error("no such program"); }, {kTwo}},
      {"cluster.failures", kNo, "monitor", [](HealthyCluster& c) {
         v1::FailureFact* const failure = c.dc().add_failures();
         failure->set_node(kTwo);
         failure->set_operation("monitor");
       }, {kTwo}},
      {"cluster.failures", kNo, "fail count 1", [](HealthyCluster& c) {
         v1::FailCountFact* const count = c.inspection("node-01").add_fail_counts();
         count->set_node(kTwo);
         count->set_count("1");
       }, {kTwo}},
      {"cluster.failures", kUnknown, "fail counts: gone",
       [](HealthyCluster& c) { c.hosts.at("node-01").inspection = absl::UnavailableError("gone"); }},
      {"cluster.leftovers", kNo, "cli-ban", [](HealthyCluster& c) { c.cib().add_locations()->set_id("cli-ban-x"); }},
      {"cluster.leftovers", kNo, "over since", [](HealthyCluster& c) {
         v1::CibEntryFact* const entry = c.cib().add_ours();
         entry->set_id("jettyfleet-x");
         *entry->mutable_ends_at() = ToProto(kCheckedAt - absl::Seconds(1));
       }},
      {"cluster.leftovers", kYes, "", [](HealthyCluster& c) {
         *c.cib().add_ours()->mutable_ends_at() = ToProto(kCheckedAt + absl::Seconds(1));
       }},
      {"cluster.daemons-at-boot", kNo, "corosync.service is disabled",
       [](HealthyCluster& c) {
         c.inspection(kTwo).mutable_host()->mutable_enabled(0)->set_unit_file_state("disabled");
       }, {kTwo}},
  };
}

std::vector<Row> UnitAndResourceRows() {
  return {
      {"unit.found", kNo, "LoadState=not-found", [](HealthyCluster& c) { c.Setting(kTwo, "LoadState", "not-found"); }, {kTwo}},
      {"unit.found", kUnknown, "gone", NotInspected, {kTwo}},
      {"unit.masked", kNo, "LoadState=masked", [](HealthyCluster& c) { c.Setting(kTwo, "LoadState", "masked"); }, {kTwo}},
      {"unit.identical", kNo, "LimitNOFILE", [](HealthyCluster& c) { c.Setting(kTwo, "LimitNOFILE", "1024"); }},
      {"unit.identical", kNo, "jetty9.service",
       [](HealthyCluster& c) { c.inspected(kTwo).mutable_unit()->mutable_fragment()->set_sha256("other"); }},
      {"unit.identical", kNo, "drop-in", [](HealthyCluster& c) {
         v1::FileFact* const drop_in = c.inspected(kTwo).mutable_unit()->add_drop_ins();
         drop_in->set_path("/etc/systemd/system/jetty9.service.d/more.conf");
         drop_in->set_sha256("x");
       }},
      {"unit.identical", kUnknown, "not known", NotInspected, {kTwo}},
      {"unit.reloaded", kNo, "NeedDaemonReload=yes", [](HealthyCluster& c) { c.Setting(kTwo, "NeedDaemonReload", "yes"); },
       {kTwo}},
      {"unit.enabled-at-boot", kNo, "enabled", [](HealthyCluster& c) { c.Setting(kTwo, "UnitFileState", "enabled"); }, {kTwo}},
      {"unit.started-by", kNo, "x.timer",
       [](HealthyCluster& c) { c.inspected(kTwo).mutable_unit()->add_started_by("x.timer"); }, {kTwo}},
      {"unit.restart", kNo, "Restart=always", [](HealthyCluster& c) { c.Setting(kTwo, "Restart", "always"); }, {kTwo}},
      {"unit.restart", kYes, "", [](HealthyCluster& c) {
         // Where no instance runs Pacemaker's drop-in is not there.
         c.Setting(kTwo, "Restart", "on-failure");
         c.dc().mutable_instances(2)->set_role("Stopped");
       }},
      {"unit.stop-timeout", kNo, "TimeoutStopSec=100s", [](HealthyCluster& c) { c.Setting(kTwo, "TimeoutStopUSec", "100000000"); },
       {kTwo}},
      {"unit.stop-timeout", kNo, "infinity", [](HealthyCluster& c) { c.Setting(kTwo, "TimeoutStopUSec", "infinity"); }, {kTwo}},
      {"unit.stop-timeout", kUnknown, "not known", [](HealthyCluster& c) { c.cib().clear_primitives(); }},
      {"resource.exists", kNo, "no resource runs systemd:jetty9", [](HealthyCluster& c) { c.cib().clear_primitives(); }},
      {"resource.exists", kNo, "more than one", [](HealthyCluster& c) { *c.cib().add_primitives() = c.primitive(); }},
      {"resource.exists", kUnknown, "did not say", NoDc},
      {"resource.monitor", kNo, "every 30s", [](HealthyCluster& c) { c.primitive().mutable_operations(0)->set_interval("30s"); }},
      {"resource.monitor", kYes, "10000ms",
       [](HealthyCluster& c) { c.primitive().mutable_operations(0)->set_interval("10000ms"); }},
      {"resource.cloned", kNo, "not cloned", [](HealthyCluster& c) { c.primitive().clear_clone(); }},
      {"resource.clone-settings", kNo, "clone-max is 2", [](HealthyCluster& c) { c.primitive().mutable_clone_meta(0)->set_value("2"); }},
      {"resource.clone-settings", kYes, "", [](HealthyCluster& c) { c.primitive().clear_clone_meta(); }},
      {"resource.clone-settings", kNo, "clone-node-max is 2",
       [](HealthyCluster& c) { c.primitive().mutable_clone_meta(1)->set_value("2"); }},
      {"resource.clone-settings-on-clone", kNo, "clone-max=3 stands on the primitive", [](HealthyCluster& c) {
         v1::MetaAttribute* const meta = c.primitive().add_meta();
         meta->set_name("clone-max");
         meta->set_value("3");
       }},
      {"resource.instances", kNo, "2 of 3", [](HealthyCluster& c) { c.dc().mutable_instances(2)->set_role("Stopped"); }, {kTwo}},
      {"resource.instances", kNo, "too many on node-01",
       [](HealthyCluster& c) { c.dc().mutable_instances(2)->set_nodes(0, "node-01"); }, {"node-01"}},
      {"resource.healthy", kNo, "blocked", [](HealthyCluster& c) { c.dc().mutable_instances(2)->set_blocked(true); }, {kTwo}},
      {"resource.healthy", kNo, "unmanaged", [](HealthyCluster& c) { c.dc().mutable_instances(2)->set_managed(false); }, {kTwo}},
      {"resource.not-pinned", kNo, "score 50", [](HealthyCluster& c) {
         v1::LocationFact* const location = c.cib().add_locations();
         location->set_id("location-x");
         location->set_resource("jetty-clone");
         location->set_score("50");
       }},
      {"resource.not-pinned", kYes, "", [](HealthyCluster& c) {
         v1::LocationFact* const location = c.cib().add_locations();
         location->set_id("jettyfleet-avoid-x");
         location->set_resource("jetty-clone");
       }},
      {"resource.not-pinned", kNo, "after db", [](HealthyCluster& c) {
         v1::ConstraintFact* const constraint = c.inspection("node-01").add_constraints();
         constraint->add_resources("jetty-clone");
         constraint->set_text("after db");
       }},
  };
}

std::vector<Row> PortRows() {
  return {
      {"ports.bound", kNo, "NOT bound", [](HealthyCluster& c) {
         c.node(kTwo).report.mutable_ports(0)->set_bound(kNo);
         c.node(kTwo).report.mutable_ports(0)->clear_listeners();
       }, {kTwo}},
      {"ports.bound", kUnknown, "not observed", [](HealthyCluster& c) { c.node(kTwo).report.clear_ports(); }, {kTwo}},
      {"ports.bound", kUnknown, "no instance", [](HealthyCluster& c) {
         for (int i = 1; i <= 3; ++i) c.dc().mutable_instances(i)->set_role("Stopped");
       }},
      {"ports.stranger", kNo, "7 python3", [](HealthyCluster& c) { Listen(c, kTwo, "0.0.0.0", kNo); }, {kTwo}},
      {"ports.stranger", kUnknown, "7 python3", [](HealthyCluster& c) { Listen(c, kTwo, "0.0.0.0", kUnknown); }, {kTwo}},
      {"ports.loopback", kNo, "127.0.0.1", [](HealthyCluster& c) { Listen(c, kTwo, "127.0.0.1"); }, {kTwo}},
      {"ports.loopback", kNo, "127.0.0.1", [](HealthyCluster& c) { Listen(c, kTwo, "::ffff:127.0.0.1"); }, {kTwo}},
      {"ports.loopback", kNo, "::1", [](HealthyCluster& c) { Listen(c, kTwo, "::1"); }, {kTwo}},
      {"ports.own-address", kNo, "192.0.2.9, as node-01 and node-02 do", [](HealthyCluster& c) {
         Listen(c, "node-01", "192.0.2.9");
         Listen(c, kTwo, "::ffff:192.0.2.9");
       }, {"node-01", kTwo}},
      {"ports.own-address", kNo, "which is node-03's", [](HealthyCluster& c) { Listen(c, kTwo, "192.0.2.3"); }, {kTwo}},
      {"ports.own-address", kYes, "", [](HealthyCluster& c) { Listen(c, kTwo, "192.0.2.2"); }},
      {"ports.same-everywhere", kNo, "different", [](HealthyCluster& c) { Listen(c, kTwo, "192.0.2.2"); }},
      {"http.answers", kNo, "HTTP 503", [](HealthyCluster& c) {
         c.node(kTwo).report.mutable_http(0)->set_healthy(kNo);
         c.node(kTwo).report.mutable_http(0)->set_status(503);
       }, {kTwo}},
      {"http.answers", kUnknown, "has not asked", [](HealthyCluster& c) { c.node(kTwo).fresh.http = absl::InfinitePast(); }, {kTwo}},
  };
}

std::vector<Row> PathRows() {
  return {
      {"paths.writable", kNo, "cannot write", [](HealthyCluster& c) { c.path(kTwo).set_writable(kNo); }, {kTwo}},
      {"paths.writable", kUnknown, "stopped", [](HealthyCluster& c) {
         c.path(kTwo).set_writable(kUnknown);
         c.path(kTwo).set_writable_error("the unit is stopped");
       }, {kTwo}},
      {"paths.writable", kNo, "does not exist", [](HealthyCluster& c) { c.path(kTwo).set_exists(kNo); }, {kTwo}},
      {"paths.writable", kYes, "", [](HealthyCluster& c) {
         c.path(kTwo).set_exists(kNo);
         c.path(kTwo).set_source(v1::PathFact::SOURCE_UNIT);
       }},
      {"paths.node-local", kNo, "nfs4 of filer:/x", [](HealthyCluster& c) {
         c.path(kTwo).set_fs_type("nfs4");
         c.path(kTwo).set_mount_source("filer:/x");
       }, {kTwo}},
      {"paths.node-local", kYes, "", [](HealthyCluster& c) {
         c.path(kTwo).set_fs_type("nfs4");
         c.described().mutable_paths()->add_shared("/srv/data");
       }},
      {"paths.proven", kNo, "shows the marker of node-01", [](HealthyCluster& c) { See(c, kTwo, 0, kYes); }, {kTwo}},
      {"paths.proven", kNo, "shows the marker of node-03", [](HealthyCluster& c) { See(c, kTwo, 1, kYes); }, {kTwo}},
      {"paths.proven", kYes, "", [](HealthyCluster& c) {
         See(c, kTwo, 0, kYes);
         c.described().mutable_paths()->add_shared("/srv");
       }},
      {"paths.proven", kUnknown, "stale", [](HealthyCluster& c) { See(c, kTwo, 0, kUnknown, "stale handle"); }, {kTwo}},
      {"paths.proven", kUnknown, "no marker could be left", [](HealthyCluster& c) { c.path(kTwo).set_marked(false); }, {kTwo}},
      {"paths.proven", kUnknown, "gone", [](HealthyCluster& c) { c.hosts.at(kTwo).sightings = absl::UnavailableError("gone"); }, {kTwo}},
      {"paths.shared", kNo, "shows the markers of 0 of the 2",
       [](HealthyCluster& c) { c.described().mutable_paths()->add_shared("/srv/data"); }},
      {"paths.shared", kYes, "", [](HealthyCluster& c) {
         c.described().mutable_paths()->add_shared("/srv/data");
         for (const auto& [node, look] : c.hosts) {
           for (int i : {0, 1}) See(c, node, i, kYes);
         }
       }},
      {"paths.own-disk", kNo, "which node-02 has", [](HealthyCluster& c) {
         c.path(kTwo).set_fs_uuid("uuid-node-01");
         c.path(kTwo).set_disk_serial("disk-node-01");
       }, {"node-01", kTwo}},
      {"paths.own-disk", kYes, "", [](HealthyCluster& c) { c.path(kTwo).set_fs_uuid("uuid-node-01"); }},
      {"paths.own-disk", kUnknown, "has no serial", [](HealthyCluster& c) {
         c.path(kTwo).set_fs_uuid("uuid-node-01");
         c.path(kTwo).clear_disk_serial();
       }, {kTwo}},
      {"paths.space", kNo, "4.0 % free", [](HealthyCluster& c) { c.path(kTwo).set_free_bytes(400000); }, {kTwo}},
      {"paths.space", kNo, "inodes free", [](HealthyCluster& c) { c.path(kTwo).set_free_inodes(4); }, {kTwo}},
      {"paths.space", kNo, "less than 60 %", [](HealthyCluster& c) { c.described().mutable_paths()->set_min_free_percent(60); }},
      {"paths.lasting", kNo, "on tmpfs", [](HealthyCluster& c) { c.path(kTwo).set_fs_type("tmpfs"); }, {kTwo}},
      {"paths.lasting", kYes, "", [](HealthyCluster& c) {
         c.path(kTwo).set_fs_type("tmpfs");
         c.described().mutable_paths()->add_volatile_("/srv/data");
       }},
  };
}

std::vector<Row> IdentityRows() {
  return {
      {"identity.archives", kNo, "/srv/webapps/app.war", [](HealthyCluster& c) {
         c.inspected(kTwo).mutable_archives(0)->mutable_files(0)->set_sha256("old");
       }},
      {"identity.archives", kNo, "none", [](HealthyCluster& c) { c.inspected(kTwo).mutable_archives(0)->clear_files(); }},
      {"identity.archives", kNo, "(all)", [](HealthyCluster& c) {
         for (const auto& [node, look] : c.hosts) {
           c.inspected(node).mutable_archives(0)->set_files_cut_short(true);
           c.inspected(node).mutable_archives(0)->set_sha256(node);
         }
       }},
      {"identity.archives", kUnknown, "more than", [](HealthyCluster& c) {
         c.inspected(kTwo).mutable_archives(0)->set_error("more than 200000 files");
       }},
      {"identity.archives", kUnknown, "gone", NotInspected},
      {"identity.configuration", kNo, "start.ini", [](HealthyCluster& c) { File(c, kTwo, 0).set_sha256("other"); }},
      {"identity.configuration", kYes, "that may differ", [](HealthyCluster& c) {
         File(c, kTwo, 0).set_sha256("other");
         c.described().mutable_identity()->add_may_differ("start\\.ini$");
       }},
      // A node's own address, and nothing else.
      {"identity.configuration", kYes, "2 files that may differ", [](HealthyCluster& c) { Texts(c, "port=80\nhost=192.0.2.2\n"); }},
      // One that its own address is a beginning of is another's.
      {"identity.configuration", kNo, "start.ini", [](HealthyCluster& c) { Texts(c, "port=80\nhost=192.0.2.22\n"); }},
      {"identity.configuration", kNo, "start.ini", [](HealthyCluster& c) { Texts(c, "port=81\nhost=192.0.2.2\n"); }},
      {"identity.configuration", kNo, "+port=81", [](HealthyCluster& c) {
         Texts(c, "port=81\nhost=192.0.2.2\n");
         c.with_texts = true;
       }},
      // The same text with other bytes: it is a secret that differs.
      {"identity.configuration", kNo, "start.ini", [](HealthyCluster& c) {
         Texts(c, "");
         for (const auto& [node, look] : c.hosts) {
           c.inspected(node).mutable_texts(1)->set_text("password=***1234\n");
         }
       }},
      {"identity.java", kNo, "different", [](HealthyCluster& c) { c.inspected(kTwo).mutable_runtime()->set_java_version("11"); }},
      {"identity.java", kUnknown, "not known", [](HealthyCluster& c) { c.inspected(kTwo).clear_runtime(); }, {kTwo}},
      {"identity.jetty", kNo, "different", [](HealthyCluster& c) { c.inspected(kTwo).mutable_runtime()->set_jetty_version("9.4.11"); }},
      {"identity.packages", kNo, "pcs", [](HealthyCluster& c) {
         c.inspection(kTwo).mutable_host()->mutable_packages(1)->set_version("0.11.6");
       }},
      {"identity.packages", kNo, "pcs none", [](HealthyCluster& c) {
         c.inspection(kTwo).mutable_host()->mutable_packages()->RemoveLast();
       }},
      {"identity.packages", kUnknown, "gone", NotInspected, {kTwo}},
      {"identity.kernel", kNo, "different", [](HealthyCluster& c) { c.inspection(kTwo).mutable_host()->set_kernel("6.2"); }},
      {"identity.parallel-safe", kNo, "nobody has said", [](HealthyCluster& c) { c.described().clear_parallel_safe(); }},
      {"identity.parallel-safe", kNo, "archives are newer", [](HealthyCluster& c) {
         c.inspected(kTwo).mutable_archives(0)->mutable_newest()->set_seconds(1'789'000'000);
       }},
      {"identity.parallel-safe", kUnknown, "gone", NotInspected},
  };
}

std::vector<Row> SessionRows() {
  using S = v1::SessionsDescription;
  return {
      {"sessions.declared", kNo, "does not say", [](HealthyCluster& c) { c.described().clear_sessions(); }},
      {"sessions.mode", kNo, "store jdbc", [](HealthyCluster& c) { c.inspected(kTwo).mutable_sessions()->set_store("jdbc"); }, {kTwo}},
      {"sessions.mode", kNo, "cache null", [](HealthyCluster& c) { c.inspected(kTwo).mutable_sessions()->set_cache("null"); }, {kTwo}},
      {"sessions.mode", kUnknown, "two stores", [](HealthyCluster& c) {
         c.inspected(kTwo).mutable_sessions()->set_store("unknown");
         c.inspected(kTwo).mutable_sessions()->set_error("two stores");
       }, {kTwo}},
      {"sessions.mode", kYes, "keeps no sessions", [](HealthyCluster& c) { Describe(c, S::AFFINITY_NONE, S::STORE_NONE); }},
      {"sessions.worker-names", kNo, "as on", [](HealthyCluster& c) { c.inspected(kTwo).mutable_sessions()->set_worker_name("node-01"); },
       {"node-01", kTwo}},
      {"sessions.worker-names", kYes, "not needed", [](HealthyCluster& c) { c.inspected(kTwo).mutable_sessions()->clear_worker_name(); }},
      {"sessions.worker-names", kNo, "node0", [](HealthyCluster& c) {
         c.inspected(kTwo).mutable_sessions()->clear_worker_name();
         Describe(c, S::AFFINITY_WORKER_NAME, S::STORE_MEMORY);
       }, {kTwo}},
      {"sessions.login-loop", kNo, "login loops", [](HealthyCluster& c) { Describe(c, S::AFFINITY_NONE, S::STORE_MEMORY); }},
      {"sessions.login-loop", kNo, "login loops", [](HealthyCluster& c) { c.described().clear_sessions(); }},
      {"sessions.login-loop", kYes, "", [](HealthyCluster& c) { Describe(c, S::AFFINITY_WORKER_NAME, S::STORE_MEMORY); }},
      {"sessions.stale-copies", kNo, "stale copies", [](HealthyCluster& c) {
         Describe(c, S::AFFINITY_NONE, S::STORE_JDBC);
         c.Store("jdbc", "default");
       }},
      {"sessions.stale-copies", kYes, "", [](HealthyCluster& c) {
         Describe(c, S::AFFINITY_NONE, S::STORE_JDBC);
         c.Store("jdbc", "null");
       }},
      {"sessions.stale-copies", kYes, "", [](HealthyCluster& c) {
         Describe(c, S::AFFINITY_COOKIE, S::STORE_JDBC);
         c.Store("jdbc", "default");
       }},
      {"sessions.flushed", kNo, "not set", [](HealthyCluster& c) {
         Describe(c, S::AFFINITY_NONE, S::STORE_JDBC);
         c.Store("jdbc", "null");
       }},
      {"sessions.file-store", kNo, "no affinity", [](HealthyCluster& c) {
         Describe(c, S::AFFINITY_NONE, S::STORE_FILE);
         c.Store("file", "default");
       }},
      {"sessions.second-level", kNo, "memcached", [](HealthyCluster& c) { c.Store("memcached", "default"); }},
      {"sessions.store-reachable", kNo, "refused", [](HealthyCluster& c) {
         for (const auto& [node, look] : c.hosts) Store(c, node, node == kTwo ? kNo : kYes);
       }, {kTwo}},
      {"sessions.store-reachable", kUnknown, "store_address", [](HealthyCluster& c) { c.Store("redis", "default"); }},
      {"sessions.affinity", kNo, "1 lost", [](HealthyCluster& c) { c.traffic[0].sessions[1].lost = 1; }},
      {"sessions.affinity", kNo, "1 on another node", [](HealthyCluster& c) { c.traffic[0].sessions[1].moved = 1; }},
      {"sessions.affinity", kYes, "whichever node", [](HealthyCluster& c) {
         c.traffic[0].sessions[1].moved = 1;
         Describe(c, S::AFFINITY_NONE, S::STORE_JDBC);
       }},
      {"sessions.affinity", kUnknown, "no traffic.url", [](HealthyCluster& c) { c.traffic.clear(); }},
      {"sessions.affinity", kUnknown, "1 failed", [](HealthyCluster& c) { c.traffic[0].sessions[1].failures = 1; }},
  };
}

std::vector<Row> RoutingRows() {
  return {
      {"routing.described", kNo, "no load balancer", [](HealthyCluster& c) { c.view.description.clear_load_balancers(); }},
      {"routing.servers", kNo, "belongs to no described node", [](HealthyCluster& c) {
         *c.balancer().report.add_lb_servers() = c.server(0);
         c.server(3).set_server("stranger");
       }},
      {"routing.servers", kNo, "node-02 has no server",
       [](HealthyCluster& c) { c.view.description.mutable_load_balancers(0)->mutable_servers()->erase(kTwo); }},
      {"routing.servers", kUnknown, "did not say", [](HealthyCluster& c) { c.balancer().connected = false; }},
      {"routing.addresses", kNo, "is node-03's address", [](HealthyCluster& c) { c.server(1).set_address("192.0.2.3"); }},
      {"routing.up", kNo, "s2 is DOWN", [](HealthyCluster& c) { c.server(1).set_status("DOWN"); }},
      {"routing.up", kUnknown, "no socket", [](HealthyCluster& c) { c.server(1).set_error("no socket"); }},
      {"routing.left-out", kNo, "s2 is in drain",
       [](HealthyCluster& c) { c.server(1).set_admin_state(v1::LbServerFact::ADMIN_STATE_DRAIN); }},
      {"routing.left-out", kNo, "on a lease of ours (d-1)", [](HealthyCluster& c) {
         c.server(1).set_admin_state(v1::LbServerFact::ADMIN_STATE_MAINT);
         v1::LeaseFact* const lease = c.balancer().report.add_leases();
         lease->set_target("web/s2");
         lease->set_operation_id("d-1");
       }},
      {"routing.left-out", kNo, "weight 0 of 1", [](HealthyCluster& c) { c.server(1).set_weight(0); }},
      {"routing.own-checks", kNo, "by a connection only", [](HealthyCluster& c) { c.server(1).set_check_status("L4OK"); }},
      {"routing.own-checks", kNo, "not checked", [](HealthyCluster& c) { c.server(1).set_status("no check"); }},
      {"routing.reach", kNo, "never answered by node-02", [](HealthyCluster& c) { c.traffic[0].reach.by_node.erase(kTwo); }},
      {"routing.reach", kUnknown, "no traffic.url", [](HealthyCluster& c) { c.traffic.clear(); }},
      {"description.checks", kNo, "there is no such check", [](HealthyCluster& c) {
         c.view.description.add_checks()->set_id("no.such");
         c.view.description.mutable_checks(0)->set_until("2099-01-01");
       }},
  };
}

std::vector<Row> Rows() {
  std::vector<Row> rows;
  for (const auto& part :
       {ClusterRows(), UnitAndResourceRows(), PortRows(), PathRows(), IdentityRows(), SessionRows(), RoutingRows()}) {
    rows.insert(rows.end(), part.begin(), part.end());
  }
  return rows;
}

TEST(Checks, AHealthyClusterPassesEveryOne) {
  for (const v1::Finding& finding : JudgeChecks(HealthyCluster().Input())) {
    EXPECT_EQ(finding.passed(), kYes) << finding.id() << ": " << TextOf(finding);
  }
}

TEST(Checks, EachRowIsJudgedAsItSays) {
  for (const Row& row : Rows()) {
    HealthyCluster cluster;
    row.broken(cluster);
    for (const v1::Finding& finding : JudgeChecks(cluster.Input())) {
      if (finding.id() != row.id) continue;
      const std::string text = TextOf(finding);
      EXPECT_EQ(finding.passed(), row.passed) << row.id << ", " << row.words << ": " << text;
      EXPECT_THAT(text, HasSubstr(row.words)) << row.id;
      EXPECT_EQ(finding.remedy().empty(), row.passed == kYes) << row.id;
      if (!row.nodes.empty()) {
        EXPECT_EQ(std::vector<std::string>(finding.nodes().begin(), finding.nodes().end()), row.nodes) << row.id << text;
      }
    }
  }
}

TEST(Checks, EachIsSeenToFail) {
  std::set<std::string> failing;
  for (const Row& row : Rows()) {
    if (row.passed == kNo) failing.insert(row.id);
  }
  const v1::ListChecksResponse list = ListOfChecks();
  for (const v1::CheckText& check : list.checks()) EXPECT_TRUE(failing.contains(check.id())) << check.id();
}

// Whatever is missing, nothing that was not observed is called fine, and nothing crashes.
TEST(Checks, WhatIsNotObservedIsNotFine) {
  HealthyCluster cluster;
  for (auto& [name, host] : cluster.view.nodes) {
    host.connected = false;
    cluster.hosts.at(name).inspection = absl::UnavailableError("gone");
    cluster.hosts.at(name).sightings = absl::UnavailableError("gone");
    cluster.hosts.at(name).clock_least.reset();
    cluster.hosts.at(name).clock_most.reset();
  }
  cluster.balancer().connected = false;
  cluster.traffic.clear();
  // What the description alone tells.
  const std::set<std::string> known = {"sessions.declared",  "sessions.login-loop", "sessions.stale-copies", "sessions.flushed",
                                       "routing.described", "description.checks",  "paths.shared"};
  for (const v1::Finding& finding : JudgeChecks(cluster.Input())) {
    if (known.contains(finding.id())) continue;
    EXPECT_NE(finding.passed(), kYes) << finding.id() << ": " << TextOf(finding);
  }
}

}  // namespace
}  // namespace jettyfleet
