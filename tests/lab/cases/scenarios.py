"""Drills, those that hit a node without warning above all: each passes and leaves nothing. That each ends without us
is shown in kills_faults.py."""
import time

from harness import check


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
    series = lab.jettyfleet("drill", "start", "--scenario", "all", "--allow-fencing", "--why", "lab test", *options,
                            timeout=2400)
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


def _goes_on_after_the_coordinators_death(lab, scenario, step):
    drill = lab.drill_in_background("--scenario", scenario, "--node", lab.other_than_dc(), "--allow-fencing", "--why",
                                    "lab test")
    lab.wait_for_step(drill, step)
    lab.must("ops-01", "sh", "-c", "kill -9 $(systemctl show -P MainPID jettyfleet-coordinator)")
    lab.wait_until("the coordinator to be back", lambda: lab.jettyfleet("status").code in (0, 1), 30)
    report = lab.wait_for_end(drill)
    check(report["state"] == "OPERATION_STATE_PASSED", str(report))
    check(any("was restarted" in remark for remark in report["remarks"]), str(report))
    _leaves_nothing(lab)


def test_a_coordinator_that_dies_goes_on_with_a_frozen_unit(lab):
    _goes_on_after_the_coordinators_death(lab, "unit-freeze", "LEAVE")


def test_a_coordinator_that_dies_goes_on_with_a_killed_unit(lab):
    _goes_on_after_the_coordinators_death(lab, "unit-kill", "CLUSTER_START")


def test_a_coordinator_that_dies_goes_on_with_a_fenced_node(lab):
    _goes_on_after_the_coordinators_death(lab, "node-crash", "LEAVE")


def test_an_abort_restores_at_once(lab):
    drill = lab.drill_in_background("--scenario", "port-blackhole", "--node", lab.other_than_dc(), "--why", "lab test")
    lab.wait_for_step(drill, "LEAVE")
    began = time.monotonic()
    abort = lab.jettyfleet("drill", "abort", drill, "--why", "enough")
    check(abort.code == 0, str(abort))
    report = lab.wait_for_end(drill)
    took = time.monotonic() - began
    check(report["state"] == "OPERATION_STATE_ABORTED", str(report))
    check(took < 10, f"it took {took:.1f} s until everything was restored")
    _leaves_nothing(lab)


def test_a_coordinator_whose_journal_is_lost_is_taken_over_from(lab):
    node = lab.other_than_dc()
    drill = lab.drill_in_background("--scenario", "unit-freeze", "--node", node, "--why", "lab test")
    lab.wait_for_step(drill, "LEAVE")
    lab.must("ops-01", "sh", "-c", "systemctl stop jettyfleet-coordinator && cd /var/lib/jettyfleet-coordinator && "
                                   "mkdir lost && mv journal.* lost/ && systemctl start jettyfleet-coordinator")
    try:
        lab.wait_until("the new coordinator to know the nodes", lambda: lab.jettyfleet("status").code in (0, 1), 30)
        lab.wait_until("the takeover", lambda: lab.jettyfleet("takeover", "--why", "journal lost").code == 0, 60)
        lab.wait_until("nothing of ours to be left", lambda: not lab.leftovers(), 30)
    finally:
        lab.must("ops-01", "sh", "-c", "systemctl stop jettyfleet-coordinator && cd /var/lib/jettyfleet-coordinator && "
                                       "rm -f journal.* && mv lost/* . && rmdir lost && "
                                       "systemctl start jettyfleet-coordinator")
    lab.wait_for_end(drill)
