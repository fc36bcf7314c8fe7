"""Drills that hit a node without warning: each passes, leaves nothing, and ends without us."""
import time

from harness import check
from killers import kill_everything_of_ours, start_everything_of_ours


def _report(lab, scenario, *options):
    drill = lab.jettyfleet("drill", "start", "--scenario", scenario, "--why", "lab test", *options)
    report = lab.json("drill", "report")
    return drill, report


def _passes_on_one(lab, scenario):
    node = lab.other_than_dc()
    drill, report = _report(lab, scenario, "--node", node)
    check(drill.code == 0, str(drill))
    check(report["state"] == "OPERATION_STATE_PASSED", str(report))
    visit = report["nodes"][0]
    for milestone in ("leave", "returnUnit", "returnHttp", "returnLb", "returnIdle"):
        check(milestone in visit, f"{scenario}: no {milestone} in {visit}")
    failures = lab.must(node, "crm_mon", "-1", "--output-as=xml")
    check("<failure " not in failures, f"{scenario} left a failed action: {failures[-3000:]}")
    for host in lab.nodes:
        tables = lab.must(host, "nft", "list", "tables")
        check("jettyfleet" not in tables, f"{host}: {tables}")


def test_a_unit_that_is_stopped_behind_the_clusters_back(lab):
    _passes_on_one(lab, "unit-stop")


def test_a_unit_that_is_killed(lab):
    _passes_on_one(lab, "unit-kill")


def test_a_unit_that_is_frozen(lab):
    _passes_on_one(lab, "unit-freeze")


def test_a_port_that_is_a_black_hole(lab):
    _passes_on_one(lab, "port-blackhole")


def test_a_budget_too_tight_restores(lab):
    drill, report = _report(lab, "unit-freeze", "--node", lab.other_than_dc(), "--budget-gap", "500ms")
    check(drill.code == 1, str(drill))
    check(report["state"] == "OPERATION_STATE_FAILED" and "gap" in report["reason"], str(report))


def _ends_without_us(lab, scenario):
    lease = 40
    drill = lab.drill_in_background("--scenario", scenario, "--lease", f"{lease}s", "--node", lab.other_than_dc())
    node = lab.wait_for_step(drill, "LEAVE")
    armed = time.monotonic()
    try:
        kill_everything_of_ours(lab)
        check(node not in lab.serving(), f"{node} serves in spite of {scenario}")
        lab.wait_until(f"{node} to serve again with all of our processes dead", lambda: node in lab.serving(), lease + 20)
        back = time.monotonic() - armed
        check(back < lease + 5, f"{node} came back only {back:.0f} s after the fault was armed")
    finally:
        start_everything_of_ours(lab)
    lab.wait_until("the coordinator to be back", lambda: lab.jettyfleet("status").code in (0, 1), 30)
    report = lab.wait_for_end(drill)
    check(report["state"] != "OPERATION_STATE_RUNNING", str(report))


def test_a_frozen_unit_thaws_with_all_of_ours_dead(lab):
    _ends_without_us(lab, "unit-freeze")


def test_a_black_hole_closes_with_all_of_ours_dead(lab):
    _ends_without_us(lab, "port-blackhole")
