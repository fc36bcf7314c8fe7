"""Rollouts: the same archive on every node, one node at a time, and what comes of archives that are not well. In every
case clients feel nothing, and in the end every node serves the same."""
import time

from harness import check
from labkit import wars

TARGET = "/var/lib/jetty9/webapps/counter.war"
STORE = "/var/lib/jettyfleet-coordinator/archives"
PASSED, FAILED, REFUSED = (f"OPERATION_STATE_{word}" for word in ("PASSED", "FAILED", "REFUSED"))


def _push(lab, war, version=None):
    """Under a version that no run before has used; the archive as `rollout start` wants it."""
    version = version or f"1.{time.time_ns() // 1_000_000}"
    lab.put("ops-01", "/root/pushed.war", war)
    pushed = lab.jettyfleet("archive", "push", "/root/pushed.war", "--name", "counter", "--version", version)
    check(pushed.code == 0, str(pushed))
    return f"counter:{version}"


def _new(lab, slow_ms=0):
    """A counter that is well."""
    version = f"1.{time.time_ns() // 1_000_000}"
    return _push(lab, wars.counter(version, slow_ms), version)


def _digests(lab):
    return {node: lab.must(node, "sha256sum", TARGET).split()[0] for node in lab.nodes}


def _same_everywhere(lab):
    digests = _digests(lab)
    check(len(set(digests.values())) == 1, f"not the same everywhere: {digests}")
    return next(iter(digests.values()))


def _versions(lab):
    return {lab.must(node, "curl", "-s", "-m", "5", "http://127.0.0.1:8080/counter/").split("version=")[-1].strip()
            for node in lab.nodes}


def _nobody_felt_it(report):
    felt = report.get("traffic", {})
    check(int(felt.get("requests", 0)) > 100, f"no traffic to judge by: {felt}")
    check(int(felt.get("failures", 0)) == 0, f"clients felt it: {felt}")


def _roll_out(lab, archive, *options, state=PASSED, seconds=400):
    rollout = lab.rollout_in_background("--archive", archive, "--bake", "5s", "--why", "lab test", *options)
    report = lab.wait_for_end(rollout, seconds)
    check(report["state"] == state, str(report))
    return rollout, report


def _back_of(lab, rollout):
    """The rollback of that rollout, by itself or asked for; None: there is none."""
    listed = lab.json("rollout", "list").get("operations", [])
    return next((operation["id"] for operation in listed
                 if operation["spec"].get("rollout", {}).get("rollsBack") == rollout), None)


def _taken_back(lab, rollout, before):
    """The rollback that follows a failed rollout by itself."""
    back = lab.wait_until("the rollback to begin", lambda: _back_of(lab, rollout), 30)
    report = lab.wait_for_end(back, 300)
    check(report["state"] == PASSED, str(report))
    check(_same_everywhere(lab) == before, "the rollback left something else than was there before")
    return report


def test_every_node_serves_the_new_version_and_then_the_old_one(lab):
    before = _same_everywhere(lab)
    old = _versions(lab)
    archive = _new(lab)
    rollout, report = _roll_out(lab, archive, "--canary", lab.nodes[1])
    _nobody_felt_it(report)
    check(report["nodes"][0]["node"] == lab.nodes[1], f"the canary was not the first: {report['nodes']}")
    check(_same_everywhere(lab) != before, "nothing was changed")
    check(_versions(lab) == {archive.split(":")[1]}, f"served: {_versions(lab)}")
    back = lab.jettyfleet("rollout", "rollback", rollout, "--why", "lab test", timeout=400)
    check(back.code == 0, str(back))
    _nobody_felt_it(lab.report(_back_of(lab, rollout)))
    check(_same_everywhere(lab) == before and _versions(lab) == old, f"served: {_versions(lab)}")
    again = lab.jettyfleet("rollout", "rollback", rollout, "--why", "lab test")
    check(again.code in (2, 4) and "nothing to go back to" in again.err, str(again))


def test_full_a_restart_changes_nothing(lab):
    before = _digests(lab)
    restarted = lab.jettyfleet("rollout", "start", "--restart", "--bake", "0s", "--why", "lab test", timeout=400)
    check(restarted.code == 0, str(restarted))
    check(_digests(lab) == before, "a restart changed an archive")


def _is_taken_back(lab, war):
    before = _same_everywhere(lab)
    rollout, report = _roll_out(lab, _push(lab, war), "--step-deadline", "30s", state=FAILED)
    _nobody_felt_it(report)
    _nobody_felt_it(_taken_back(lab, rollout, before))
    return report


def test_a_war_that_does_not_deploy_is_taken_back(lab):
    report = _is_taken_back(lab, wars.does_not_deploy())
    check("HTTP as described (answered " in report["reason"], report["reason"])


def test_full_a_war_that_fails_its_health_check_is_taken_back(lab):
    report = _is_taken_back(lab, wars.fails_its_health_check())
    check("HTTP as described (answered 500" in report["reason"], report["reason"])


def test_full_a_war_that_is_twice_as_slow_is_taken_back(lab):
    first = _same_everywhere(lab)
    slow, _ = _roll_out(lab, _new(lab, slow_ms=60), "--budget-slower", "0")
    before = _same_everywhere(lab)
    rollout, report = _roll_out(lab, _new(lab, slow_ms=120), "--bake", "10s", state=FAILED)
    check("take longer than" in report["reason"], report["reason"])
    _nobody_felt_it(report)
    _taken_back(lab, rollout, before)
    back = lab.jettyfleet("rollout", "rollback", slow, "--why", "lab test", timeout=400)
    check(back.code == 0 and _same_everywhere(lab) == first, str(back))


def test_an_archive_that_is_damaged_in_the_store_goes_nowhere(lab):
    before = _digests(lab)
    archive = _new(lab)
    digest = lab.must("ops-01", "sha256sum", "/root/pushed.war").split()[0]
    lab.must("ops-01", "sh", "-c", f"printf X | dd of={STORE}/content/{digest} bs=1 seek=100 conv=notrunc status=none")
    rollout = lab.jettyfleet("rollout", "start", "--archive", archive, "--why", "lab test", timeout=200)
    check(rollout.code != 0 and _digests(lab) == before, str(rollout))
    lab.jettyfleet("archive", "remove", *archive.split(":"))


def test_a_full_disk_stops_it_before_anything_is_touched(lab):
    before = _digests(lab)
    node = lab.nodes[2]
    lab.must(node, "sh", "-c", "fallocate -l $(($(df --output=avail -B1 /var/lib/jetty9 | tail -n 1) - 20000000)) "
                               "/var/lib/jetty9/filler")
    try:
        refused = lab.jettyfleet("rollout", "start", "--archive", _new(lab), "--why", "lab test", timeout=200)
        check(refused.code == 4 and "free space there" in refused.out + refused.err, str(refused))
        check(_digests(lab) == before, "something was changed")
    finally:
        lab.must(node, "rm", "-f", "/var/lib/jetty9/filler")


def test_full_a_node_that_crashes_after_the_switch_is_taken_back(lab):
    before = _same_everywhere(lab)
    node = lab.other_than_dc()
    rollout = lab.rollout_in_background("--archive", _new(lab), "--bake", "5s", "--canary", node, "--why", "lab test")
    lab.wait_for_step(rollout, "RESTORE", node)
    lab.do("crash", node)
    report = lab.wait_for_end(rollout, 400)
    check(report["state"] == FAILED, str(report))
    _nobody_felt_it(report)
    lab.wait_until("the node to be back", lambda: lab.run(node, "true").code == 0, 90)
    lab.assert_whole(120)
    if _digests(lab)[node] != before:
        if _back_of(lab, rollout) is None:
            back = lab.jettyfleet("rollout", "rollback", rollout, "--why", "lab test", timeout=400)
            check(back.code == 0, str(back))
        lab.wait_for_end(_back_of(lab, rollout), 300)
    check(_same_everywhere(lab) == before, "the crash left two versions")


def _goes_on_after_the_coordinators_death(lab, step):
    archive = _new(lab)
    rollout = lab.rollout_in_background("--archive", archive, "--bake", "5s", "--why", "lab test")
    lab.wait_for_step(rollout, step)
    lab.must("ops-01", "sh", "-c", "kill -9 $(systemctl show -P MainPID jettyfleet-coordinator)")
    lab.wait_until("the coordinator to be back", lambda: lab.jettyfleet("status").code in (0, 1), 30)
    report = lab.wait_for_end(rollout, 400)
    check(report["state"] == PASSED, str(report))
    check(_versions(lab) == {archive.split(":")[1]}, f"served: {_versions(lab)}")
    _same_everywhere(lab)


def test_a_coordinator_that_dies_during_the_switch_goes_on(lab):
    _goes_on_after_the_coordinators_death(lab, "LEAVE")


def test_full_a_coordinator_that_dies_at_any_step_goes_on(lab):
    for step in ("GATE", "BASELINE", "DRAIN", "ACT", "RESTORE", "HTTP_READY", "LB_READY", "AUDIT"):
        _goes_on_after_the_coordinators_death(lab, step)


def test_bad_input_changes_nothing(lab):
    before = _digests(lab)
    lab.put("ops-01", "/root/pushed.war", b"no zip at all")
    no_zip = lab.jettyfleet("archive", "push", "/root/pushed.war", "--name", "counter", "--version", "9")
    check(no_zip.code == 2 and "is no zip" in no_zip.err, str(no_zip))
    archive = _new(lab)
    lab.put("ops-01", "/root/pushed.war", wars.counter("other"))
    taken = lab.jettyfleet("archive", "push", "/root/pushed.war", "--name", "counter", "--version",
                           archive.split(":")[1])
    check(taken.code == 2 and "is another content already" in taken.err, str(taken))
    missing = lab.jettyfleet("rollout", "start", "--archive", "counter:none", "--why", "lab test")
    check(missing.code == 2 and "there is no archive" in missing.err, str(missing))
    nowhere = lab.jettyfleet("rollout", "start", "--archive", archive, "--node", "node-99", "--why", "lab test")
    check(nowhere.code == 2 and "node-99" in nowhere.err, str(nowhere))
    first = lab.rollout_in_background("--archive", archive, "--node", lab.nodes[0], "--why", "lab test")
    second = lab.jettyfleet("rollout", "start", "--archive", archive, "--why", "lab test")
    check(second.code == 4 and first in second.err, str(second))
    lab.jettyfleet("rollout", "abort", first, "--why", "lab test")
    lab.wait_for_end(first)
    lab.assert_whole()
    if _digests(lab) != before:
        back = lab.jettyfleet("rollout", "rollback", first, "--why", "lab test", timeout=400)
        check(back.code == 0 and _digests(lab) == before, str(back))
