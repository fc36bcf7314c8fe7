"""Drills that hit a node without warning: each passes, leaves nothing, and ends without us."""
import time

from harness import check
from killers import kill_everything_of_ours, start_everything_of_ours


def _report(lab, scenario, *options):
    drill = lab.jettyfleet("drill", "start", "--scenario", scenario, "--why", "lab test", *options)
    report = lab.json("drill", "report")
    return drill, report


def _leaves_nothing(lab):
    failures = lab.must(lab.nodes[0], "crm_mon", "-1", "--output-as=xml")
    check("<failure " not in failures, f"a failed action is left: {failures[-3000:]}")
    for host in lab.nodes:
        tables = lab.must(host, "nft", "list", "tables")
        check("jettyfleet" not in tables, f"{host}: {tables}")


def _every_scenario(lab, *options):
    series = lab.jettyfleet("drill", "start", "--scenario", "all", "--allow-fencing", "--why", "lab test", *options)
    check(series.code == 0, str(series))
    check("not run" not in series.out, str(series))
    _leaves_nothing(lab)
    return series


def test_every_scenario_on_one_node(lab):
    _every_scenario(lab, "--node", lab.other_than_dc())


def test_full_every_scenario_on_every_node(lab):
    _every_scenario(lab)


def test_each_tells_how_the_node_came_back(lab):
    drill, report = _report(lab, "unit-kill", "--node", lab.other_than_dc())
    check(drill.code == 0, str(drill))
    visit = report["nodes"][0]
    for milestone in ("leave", "noticed", "returnUnit", "returnHttp", "returnLb", "returnIdle"):
        check(milestone in visit, f"no {milestone} in {visit}")


def test_without_consent_nothing_is_fenced(lab):
    refused = lab.jettyfleet("drill", "start", "--scenario", "node-crash", "--why", "lab test")
    check(refused.code == 2 and "--allow-fencing" in refused.err, str(refused))


def test_a_node_that_would_not_come_back_is_not_fenced(lab):
    node = lab.other_than_dc()
    lab.must(node, "systemctl", "disable", "pacemaker.service")
    try:
        drill, report = _report(lab, "node-crash", "--allow-fencing", "--node", node)
        check(drill.code == 4, str(drill))
        check("its start at boot" in report["reason"] and "pacemaker" in report["reason"], str(report))
    finally:
        lab.must(node, "systemctl", "enable", "pacemaker.service")


def test_a_budget_too_tight_restores(lab):
    drill, report = _report(lab, "unit-freeze", "--node", lab.other_than_dc(), "--budget-lost", "0")
    check(drill.code == 1, str(drill))
    check(report["state"] == "OPERATION_STATE_FAILED" and "were lost" in report["reason"], str(report))


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
