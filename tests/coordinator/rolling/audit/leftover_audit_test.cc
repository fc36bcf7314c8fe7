// What is left in the CIB, on the nodes and at the load balancers, and what it has cost them.
#include <gtest/gtest.h>

#include "tests/coordinator/rolling/audit/audit_case.h"

namespace jettyfleet {
namespace {

v1::CibFact* Cib(AuditWorld* world, const std::string& node) { return world->node(node)->report.mutable_cib(); }

v1::Leftovers* Left(AuditWorld* world, const std::string& node) { return &world->leftovers.at(node); }

v1::Leftovers* LeftBefore(AuditWorld* world, const std::string& node) {
  return &world->baseline.mutable_leftovers()->at(node);
}

void Hold(v1::LeaseFact* lease, const std::string& kind, const std::string& operation) {
  lease->set_id("jettyfleet-" + operation + "-node-01");
  lease->set_operation_id(operation);
  lease->set_kind(kind);
  lease->set_target("app/node-01");
}

std::vector<AuditTestCase> Cases() {
  using W = AuditWorld*;
  const uint64_t mebibyte = uint64_t{1} << 20;
  return {
      {"a_cib_is_another",
       [](W w) {
         Cib(w, "node-01")->set_configuration_digest("ffff");
         Cib(w, "node-01")->set_version("0.7.1");
         Cib(w, "node-02")->set_version("0.9.1");
       },
       "failed cib-identical node-01: its CIB (0.7.1) is another than the DC's (0.9.1)\n"},
      {"a_cib_was_not_read", [](W w) { w->node("node-01")->fresh.cib = Noon() - absl::Seconds(1); },
       "unknown cib-identical node-01: its CIB has not been read yet\n"
       "unknown cib-leftovers node-01: its CIB has not been read yet\n"},
      {"a_cib_cannot_be_read", [](W w) { Cib(w, "node-01")->set_error("cibadmin: exit 102"); },
       "unknown cib-identical node-01: cibadmin: exit 102\n"
       "unknown cib-leftovers node-01: cibadmin: exit 102\n"},
      {"a_cib_without_a_digest", [](W w) { Cib(w, "node-01")->clear_configuration_digest(); },
       "unknown cib-identical node-01: its agent tells no digest of the configuration; is it older than the "
       "coordinator?\n"
       "unknown cib-leftovers node-01: its agent tells no digest of the configuration; is it older than the "
       "coordinator?\n"},
      {"the_configuration_has_changed",
       [](W w) {
         for (const char* node : {"node-01", "node-02", "node-03"}) Cib(w, node)->set_configuration_digest("ffff");
       },
       "failed cib-unchanged the configuration is another than before\n"},
      {"the_configuration_before_is_not_known", [](W w) { w->baseline.clear_configuration_digest(); },
       "unknown cib-unchanged there is no digest of the configuration to compare\n"},
      {"a_rule_is_left_in_one_cib", [](W w) { Cib(w, "node-03")->add_ours()->set_id("jettyfleet-d-1-node-01"); },
       "failed cib-leftovers node-03: its CIB still holds jettyfleet-d-1-node-01\n"},
      {"the_lock_is_another_operations", [](W w) { Cib(w, "node-03")->mutable_ours(0)->set_operation_id("d-2"); },
       "failed cib-leftovers node-03: its CIB still holds jettyfleet-lock\n"},
      {"the_lock_is_another_coordinators", [](W w) { Cib(w, "node-03")->mutable_ours(0)->set_holder("uuid-2"); },
       "failed cib-leftovers node-03: its CIB still holds jettyfleet-lock\n"},
      {"an_operators_preference", [](W w) { Cib(w, "node-02")->add_locations()->set_id("cli-prefer-web"); },
       "remark constraints an operator has made cli-prefer-web meanwhile; it is left alone\n"},
      {"an_operators_ban_that_went", [](W w) { w->baseline.add_locations("cli-ban-web"); },
       "remark constraints somebody has removed cli-ban-web meanwhile, or it has ended\n"},
      {"other_constraints_count_in_the_digest",
       [](W w) {
         Cib(w, "node-02")->add_locations()->set_id("web-prefers-node-01");
         w->baseline.add_locations("web-avoids-node-01");
       },
       ""},
      {"a_node_has_not_told", [](W w) { w->leftovers.erase("node-01"); },
       "unknown packet-filter node-01: it has not told yet what is left on it\n"
       "unknown lease-timers node-01: it has not told yet what is left on it\n"
       "unknown standstill node-01: it has not told yet what is left on it\n"
       "unknown core-dumps node-01: it has not told yet what is left on it\n"
       "unknown disk-space node-01: it has not told yet what is left on it\n"},
      {"a_table", [](W w) { Left(w, "node-01")->mutable_packet_filter_tables()->add_names("jettyfleet-d-1-fault"); },
       "failed packet-filter node-01: its packet filter has our table jettyfleet-d-1-fault\n"},
      {"a_table_that_was_there",
       [](W w) {
         Left(w, "node-01")->mutable_packet_filter_tables()->add_names("jettyfleet-d-0-fault");
         LeftBefore(w, "node-01")->mutable_packet_filter_tables()->add_names("jettyfleet-d-0-fault");
       },
       "remark packet-filter node-01: its packet filter has our table jettyfleet-d-0-fault, as it had before\n"},
      {"tables_unknown", [](W w) { Left(w, "node-01")->mutable_packet_filter_tables()->set_error("nft: exit 1"); },
       "unknown packet-filter node-01: nft: exit 1\n"},
      {"more_tables_than_told", [](W w) { Left(w, "node-01")->mutable_packet_filter_tables()->set_cut_short(true); },
       "unknown packet-filter node-01: it has more of them than can be told\n"},
      {"a_timer",
       [](W w) { Left(w, "node-01")->mutable_lease_units()->add_names("jettyfleet-undo-d-1-node-01-9.timer"); },
       "failed lease-timers node-01: systemd still has jettyfleet-undo-d-1-node-01-9.timer\n"},
      {"another_operations_timer",
       [](W w) { Left(w, "node-01")->mutable_lease_units()->add_names("jettyfleet-undo-d-12-node-01-9.timer"); },
       "remark lease-timers node-01: systemd has jettyfleet-undo-d-12-node-01-9.timer, which is another operation's\n"},
      {"timers_unknown", [](W w) { Left(w, "node-01")->mutable_lease_units()->set_error("systemctl: exit 1"); },
       "unknown lease-timers node-01: systemctl: exit 1\n"},
      {"a_fault_lease", [](W w) { Hold(w->node("node-01")->report.add_leases(), "unit-freeze", "d-1"); },
       "failed leases node-01: it still holds lease jettyfleet-d-1-node-01 (unit-freeze)\n"},
      {"leases_that_are_no_faults_or_not_ours",
       [](W w) {
         Hold(w->node("node-01")->report.add_leases(), "evict", "d-1");
         Hold(w->node("node-01")->report.add_leases(), "unit-freeze", "d-2");
       },
       ""},
      {"a_frozen_group",
       [](W w) {
         Left(w, "node-01")->mutable_standstills(0)->set_stands_still(v1::ANSWER_YES);
         Left(w, "node-01")->mutable_standstills(0)->set_how("process 4711 is stopped");
       },
       "failed standstill node-01: jetty9 stands still: process 4711 is stopped\n"},
      {"one_that_was_frozen_before",
       [](W w) {
         for (v1::Leftovers* left : {Left(w, "node-01"), LeftBefore(w, "node-01")}) {
           left->mutable_standstills(0)->set_stands_still(v1::ANSWER_YES);
           left->mutable_standstills(0)->set_how("control group /x is frozen");
         }
       },
       "remark standstill node-01: jetty9 stands still: control group /x is frozen, as it did before\n"},
      {"standstill_unknown",
       [](W w) {
         Left(w, "node-01")->mutable_standstills(0)->clear_stands_still();
         Left(w, "node-01")->mutable_standstills(0)->set_error("no such group");
         Left(w, "node-03")->clear_standstills();
       },
       "unknown standstill node-01: whether jetty9 stands still: no such group\n"
       "unknown standstill node-03: whether jetty9 stands still: not told\n"},
      {"core_dumps",
       [](W w) {
         Left(w, "node-01")->mutable_core_dumps(0)->set_count(2);
         Left(w, "node-01")->mutable_core_dumps(0)->set_newest("core.java.1");
       },
       "failed core-dumps node-01: 2 core dumps in /var/lib/systemd/coredump since the beginning, the newest "
       "core.java.1\n"},
      {"core_dumps_unknown",
       [](W w) {
         Left(w, "node-01")->mutable_core_dumps(0)->set_error("cannot list it");
         Left(w, "node-03")->clear_core_dumps();
       },
       "unknown core-dumps node-01: cannot list it\n"
       "unknown core-dumps node-03: whether there are core dumps: not told\n"},
      {"a_disk_is_nearly_full",
       [mebibyte](W w) { Left(w, "node-01")->mutable_disks(0)->set_free_bytes(63 * mebibyte); },
       "failed disk-space node-01: /var has 63 MiB free of 16384\n"},
      {"a_large_disk_is_nearly_full",
       [mebibyte](W w) {
         Left(w, "node-01")->mutable_disks(0)->set_free_bytes(1000 * mebibyte);
         Left(w, "node-01")->mutable_disks(0)->set_total_bytes(200000 * mebibyte);
       },
       "failed disk-space node-01: /var has 1000 MiB free of 200000\n"},
      {"a_disk_has_shrunk",
       [mebibyte](W w) { Left(w, "node-01")->mutable_disks(0)->set_free_bytes((8192 - 1025) * mebibyte); },
       "failed disk-space node-01: /var has 7167 MiB free of 16384, 1025 MiB less than before\n"},
      {"a_disk_has_shrunk_as_much_as_it_may",
       [mebibyte](W w) { Left(w, "node-01")->mutable_disks(0)->set_free_bytes((8192 - 1024) * mebibyte); }, ""},
      {"a_disk_has_more_room",
       [mebibyte](W w) { Left(w, "node-01")->mutable_disks(0)->set_free_bytes(9000 * mebibyte); }, ""},
      {"disks_unknown",
       [](W w) {
         Left(w, "node-01")->mutable_disks(0)->set_error("cannot see it");
         Left(w, "node-02")->mutable_disks(0)->set_total_bytes(0);
         Left(w, "node-03")->clear_disks();
       },
       "unknown disk-space node-01: cannot see it\n"
       "unknown disk-space node-02: the file system at /var has no size\n"
       "unknown disk-space node-03: how much room its disks have: not told\n"},
      {"a_drained_server_of_ours",
       [](W w) {
         Server(&w->view, "node-01")->set_admin_state(v1::LbServerFact::ADMIN_STATE_DRAIN);
         Hold(w->balancer()->report.add_leases(), "lb-server", "d-1");
       },
       "failed load-balancers lb-01: it still holds app/node-01 by lease jettyfleet-d-1-node-01\n"
       "remark load-balancers lb-01: server app/node-01 was ready and is draining now, not by our hand\n"},
      {"an_operators_drained_server",
       [](W w) {
         Server(&w->view, "node-01")->set_admin_state(v1::LbServerFact::ADMIN_STATE_MAINT);
         Hold(w->balancer()->report.add_leases(), "lb-server", "r-7");
       },
       "remark load-balancers lb-01: server app/node-01 was ready and is in maintenance now, not by our hand\n"},
      {"a_server_is_not_reported", [](W w) { w->balancer()->report.mutable_lb_servers()->DeleteSubrange(0, 1); },
       "unknown load-balancers lb-01: the state of server app/node-01 is not told\n"},
      {"a_balancer_is_gone", [](W w) { w->balancer()->connected = false; },
       "unknown load-balancers lb-01: its agent is not connected\n"},
      {"a_balancer_has_not_told", [](W w) { w->balancer()->fresh.lb_servers = Noon() - absl::Seconds(1); },
       "unknown load-balancers lb-01: it has not told its servers' states yet\n"},
  };
}

class LeftoverAudit : public testing::TestWithParam<AuditTestCase> {};

TEST_P(LeftoverAudit, Finds) { ExpectFindings(GetParam()); }

INSTANTIATE_TEST_SUITE_P(Each, LeftoverAudit, testing::ValuesIn(Cases()),
                         [](const testing::TestParamInfo<AuditTestCase>& info) {
                           return std::string(info.param.name);
                         });

TEST(WorstFindingTest, AFailureIsWorseThanNotKnowing) {
  std::vector<v1::AuditFinding> findings(3);
  for (v1::AuditFinding& finding : findings) finding.set_verdict(v1::AuditFinding::VERDICT_PASSED);
  EXPECT_EQ(WorstFinding(findings), nullptr);
  findings[0].clear_verdict();
  EXPECT_EQ(WorstFinding(findings), &findings[0]);
  findings[2].set_verdict(v1::AuditFinding::VERDICT_FAILED);
  EXPECT_EQ(WorstFinding(findings), &findings[2]);
}

}  // namespace
}  // namespace jettyfleet
