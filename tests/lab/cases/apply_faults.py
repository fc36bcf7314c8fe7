"""What may happen to a cluster, or to the coordinator, between two steps of an apply."""
import threading

from half_made import YAML, _clone, _idle, _pcs
from harness import check


def _bare(lab):
    """No resource at all, as before the first apply."""
    primitive, clone = _clone(lab)
    _pcs(lab, "resource", "delete", clone or primitive)
    _idle(lab)


def _apply_until(lab, words):
    """Starts an apply and returns it, with what it has printed, once a line holds `words`."""
    process = lab.start("ops-01", "stdbuf", "-oL", "jettyfleet", "apply", "-f", YAML, "--why", "lab test")
    timer = threading.Timer(90, process.terminate)
    timer.start()
    seen = []
    for line in process.stdout:
        seen.append(line)
        if words in line:
            timer.cancel()
            return process, seen
    timer.cancel()
    check(False, f"apply never said {words!r}: {''.join(seen)}{process.stderr.read()}")


def _completes(lab, seconds=240):
    """What was ordered is there, each step done once."""
    lab.wait_until("the apply to be complete",
                   lambda: lab.jettyfleet("plan", "-f", YAML).code == 0 and lab.serving() == lab.nodes, seconds, pause=2)
    cib = lab.must("node-01", "cibadmin", "--query", "--scope", "resources")
    check(cib.count('type="jetty9"') == 1 and cib.count("<clone ") == 1, f"not created and cloned once: {cib}")


def test_the_dc_crashes_between_two_steps_of_an_apply(lab):
    _bare(lab)
    dc = lab.dc()
    process, _ = _apply_until(lab, "create jetty as systemd:jetty9: done")
    lab.do("crash", dc)
    out, err = process.communicate(timeout=300)
    check(process.returncode == 0, f"apply did not complete on the new DC: {out}{err}")
    _completes(lab)


def _killed_at(lab, words):
    _bare(lab)
    process, _ = _apply_until(lab, words)
    lab.must("ops-01", "systemctl", "kill", "--signal=KILL", "--kill-whom=main", "jettyfleet-coordinator")
    process.communicate(timeout=120)
    lab.run("ops-01", "systemctl", "start", "jettyfleet-coordinator")
    _completes(lab)
    # Every instance serves, and nothing is left to plan, before the load balancer's check has passed everywhere.
    lab.wait_until("the resumed apply to end, once", lambda: _ends_of_the_last_apply(lab) == 1, 60)


def _ends_of_the_last_apply(lab):
    return lab.jettyfleet("events").out.rsplit("apply began", 1)[1].count("apply ended")


def test_the_coordinator_is_killed_after_the_gate(lab):
    _killed_at(lab, "gate: done")


def test_the_coordinator_is_killed_while_it_creates(lab):
    _killed_at(lab, "create jetty as systemd:jetty9: ...")


def test_the_coordinator_is_killed_after_it_created(lab):
    _killed_at(lab, "create jetty as systemd:jetty9: done")


def test_the_coordinator_is_killed_while_it_clones(lab):
    _killed_at(lab, "clone jetty with clone-max=3 clone-node-max=1: ...")


def test_the_coordinator_is_killed_after_it_cloned(lab):
    _killed_at(lab, "clone jetty with clone-max=3 clone-node-max=1: done")


def test_two_applies_at_once(lab):
    _bare(lab)
    process, _ = _apply_until(lab, "create jetty as systemd:jetty9: ...")
    second = lab.jettyfleet("apply", "-f", YAML)
    check(second.code == 4 and "an apply by" in second.err and "(a-" in second.err, f"who holds it: {second}")
    out, err = process.communicate(timeout=240)
    check(process.returncode == 0, f"{out}{err}")


def test_a_coordinator_that_reaches_only_a_minority_refuses(lab):
    """node-03 is cut off from its peers, not from the coordinator, and theirs are the agents that are down."""
    addresses = [lab.must("ops-01", "getent", "hosts", node).split()[0] for node in ("node-01", "node-02")]
    _pcs(lab, "property", "set", "stonith-enabled=false")  # or the majority would end node-03 within seconds
    try:
        lab.must("node-03", "nft", "add", "table", "inet", "cut")
        for hook in ("input", "output"):
            side = "saddr" if hook == "input" else "daddr"
            lab.must("node-03", "nft", "add", "chain", "inet", "cut", hook,
                     f"{{ type filter hook {hook} priority 0; }}")
            lab.must("node-03", "nft", "add", "rule", "inet", "cut", hook, "ip", side, f"{{ {', '.join(addresses)} }}",
                     "drop")
        lab.wait_until("node-03 to be without quorum",
                       lambda: lab.run("node-03", "corosync-quorumtool", "-s").code == 2, 60)
        lab.wait_until("node-03 to name itself the DC",
                       lambda: 'name="node-03"' in lab.run("node-03", "crm_mon", "-1", "--output-as=xml").out
                       .split("<current_dc")[1].split(">")[0], 60)
        both = lab.jettyfleet("verify")
        check(both.code == 1 and "node-03 names node-03 WITHOUT quorum" in both.out, f"both claims: {both}")
        for node in ("node-01", "node-02"):
            lab.must(node, "systemctl", "stop", "jettyfleet-agent")
        lab.wait_until("their agents to be gone",
                       lambda: "node-03 names node-03 WITHOUT quorum" in lab.jettyfleet("plan", "-f", YAML).err, 60)
        before = lab.must("node-03", "cibadmin", "--query", "--scope", "resources")
        refused = lab.jettyfleet("apply", "-f", YAML)
        check(refused.code == 4 and "no DC with quorum" in refused.err, str(refused))
        check(before == lab.must("node-03", "cibadmin", "--query", "--scope", "resources"), "the minority's CIB changed")
    finally:
        lab.run("node-03", "nft", "delete", "table", "inet", "cut")
        for node in ("node-01", "node-02"):
            lab.run(node, "systemctl", "start", "jettyfleet-agent")
        lab.wait_until("the cluster to be one again",
                       lambda: lab.run("node-03", "corosync-quorumtool", "-s").code == 0, 90)
        lab.wait_until("stonith to be enabled again",
                       lambda: lab.run("node-01", "pcs", "property", "set", "stonith-enabled=true").code == 0, 60)
        lab.wait_until("Jetty to run everywhere", lambda: lab.serving() == lab.nodes, 120)
        lab.run("node-01", "pcs", "resource", "cleanup")
