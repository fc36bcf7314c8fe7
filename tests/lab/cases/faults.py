"""Drills that something interrupts: our own processes, the DC, the network, an operator. Each ends with everything whole."""
import time

from harness import Failure, check
from killers import kill_everything_of_ours, start_everything_of_ours


def test_a_gate_refuses_with_one_node_down(lab):
    lab.must("node-02", "pcs", "node", "standby", "node-02", "--wait=60")
    try:
        drill = lab.jettyfleet("drill", "start", "--scenario", "evict", "--why", "must be refused")
        check(drill.code == 4, f"not refused: {drill}")
        check("node-02" in drill.out + drill.err, f"the refusal does not name the node: {drill}")
        check("standby" in lab.must("node-01", "cibadmin", "--query", "--xpath", "//nvpair[@name='standby']"),
              "the operator's standby was taken away")
    finally:
        lab.must("node-02", "pcs", "node", "unstandby", "node-02", "--wait=60")


def test_a_second_drill_is_refused_and_says_who_holds_the_lock(lab):
    first = lab.drill_in_background("--scenario", "evict", "--node", lab.other_than_dc())
    lab.wait_for_step(first, "LEAVE")
    second = lab.jettyfleet("drill", "start", "--scenario", "standby")
    check(second.code == 4, f"not refused: {second}")
    check(first in second.out + second.err, f"the refusal does not name {first}: {second}")
    report = lab.wait_for_end(first)
    check(report["state"] == "OPERATION_STATE_PASSED", str(report))


def test_an_operators_abort_restores(lab):
    drill = lab.drill_in_background("--scenario", "evict", "--node", lab.other_than_dc())
    lab.wait_for_step(drill, "LEAVE")
    abort = lab.jettyfleet("drill", "abort", drill, "--why", "lab test")
    check(abort.code == 0, str(abort))
    report = lab.wait_for_end(drill)
    check(report["state"] == "OPERATION_STATE_ABORTED", str(report))
    check("lab test" in report["reason"], f"the reason is lost: {report['reason']}")


def test_the_coordinator_killed_mid_drill_resumes(lab):
    drill = lab.drill_in_background("--scenario", "evict", "--node", lab.other_than_dc())
    lab.wait_for_step(drill, "LEAVE")
    lab.must("ops-01", "sh", "-c", "kill -9 $(systemctl show -P MainPID jettyfleet-coordinator)")
    lab.wait_until("the coordinator to be back", lambda: lab.jettyfleet("status").code in (0, 1), 30)
    report = lab.wait_for_end(drill)
    check(report["state"] in ("OPERATION_STATE_PASSED", "OPERATION_STATE_FAILED"), str(report))


def _killed_for_good(lab, scenario):
    drill = lab.drill_in_background("--scenario", scenario, "--lease", "40s", "--node", lab.other_than_dc())
    node = lab.wait_for_step(drill, "LEAVE")
    try:
        kill_everything_of_ours(lab)
        killed = time.monotonic()
        lab.wait_until(f"{node} to serve again with all of our processes dead", lambda: node in lab.serving(), 60)
        back = time.monotonic() - killed
        check(back < 40 + 5 + 15, f"{node} came back only {back:.0f} s after the kill")
        lab.wait_until("HAProxy to send traffic to it again",
                       lambda: not [left for left in lab.leftovers() if left.startswith("HAProxy")], 60)
    finally:
        start_everything_of_ours(lab)
    lab.wait_until("the coordinator to be back", lambda: lab.jettyfleet("status").code in (0, 1), 30)
    report = lab.wait_for_end(drill)
    check(report["state"] != "OPERATION_STATE_RUNNING", str(report))


def test_killed_for_good_in_evict_the_node_comes_back_by_itself(lab):
    _killed_for_good(lab, "evict")


def test_killed_for_good_in_standby_the_node_comes_back_by_itself(lab):
    _killed_for_good(lab, "standby")


def test_the_dc_can_be_drilled(lab):
    dc = lab.dc()
    drill = lab.jettyfleet("drill", "start", "--scenario", "standby", "--node", dc)
    check(drill.code == 0, str(drill))


def test_the_dc_crashed_mid_drill(lab):
    dc = lab.dc()
    other = next(node for node in lab.nodes if node != dc)
    drill = lab.drill_in_background("--scenario", "evict", "--node", other)
    lab.wait_for_step(drill, "LEAVE")
    lab.do("crash", dc)
    try:
        report = lab.wait_for_end(drill)
        check(report["state"] in ("OPERATION_STATE_FAILED", "OPERATION_STATE_PASSED"), str(report))
        check(report["state"] == "OPERATION_STATE_PASSED" or report.get("reason"), "failed without a reason")
    finally:
        # The switch may have fenced it, which boots it too.
        lab.command("boot", dc)
    lab.wait_until("the crashed node to be a member again",
                   lambda: all(f'name="{node}"' in lab.run(other, "crm_mon", "-1", "--output-as", "xml").out
                               for node in lab.nodes) and len(lab.serving()) == len(lab.nodes), 120)


def test_a_partition_mid_drill(lab):
    dc = lab.dc()
    away = next(node for node in lab.nodes if node != dc)
    visited = next(node for node in lab.nodes if node not in (dc, away))
    drill = lab.drill_in_background("--scenario", "evict", "--node", visited)
    lab.wait_for_step(drill, "LEAVE")
    lab.do("partition", away)
    try:
        report = lab.wait_for_end(drill)
        check(report["state"] != "OPERATION_STATE_PASSED", f"passed over a partition: {report}")
        check(report.get("reason"), f"no reason: {report}")
    finally:
        lab.do("heal", away)
    try:
        lab.wait_until("the node to be back", lambda: len(lab.serving()) == len(lab.nodes), 120)
    except Failure:
        lab.command("boot", away)
        raise
