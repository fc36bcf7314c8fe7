"""What may happen to a cluster, or to the coordinator, between two steps of an apply."""
import contextlib
import json
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


@contextlib.contextmanager
def _in_a_minority(lab, node):
    """The node is cut off from its peers, not from the coordinator, and sees it; fencing is off, or the majority would
    end the node within seconds."""
    addresses = [lab.must("ops-01", "getent", "hosts", peer).split()[0] for peer in lab.nodes if peer != node]
    peer = next(other for other in lab.nodes if other != node)
    _pcs(lab, "property", "set", "stonith-enabled=false")
    try:
        lab.must(node, "nft", "add", "table", "inet", "cut")
        for hook in ("input", "output"):
            side = "saddr" if hook == "input" else "daddr"
            lab.must(node, "nft", "add", "chain", "inet", "cut", hook, f"{{ type filter hook {hook} priority 0; }}")
            lab.must(node, "nft", "add", "rule", "inet", "cut", hook, "ip", side, f"{{ {', '.join(addresses)} }}", "drop")
        lab.wait_until(f"{node} to be without quorum", lambda: lab.run(node, "corosync-quorumtool", "-s").code == 2, 60)
        lab.wait_until(f"{node} to name itself the DC",
                       lambda: f'name="{node}"' in lab.run(node, "crm_mon", "-1", "--output-as=xml").out
                       .split("<current_dc")[1].split(">")[0], 60)
        yield
    finally:
        lab.run(node, "nft", "delete", "table", "inet", "cut")
        lab.wait_until("the cluster to be one again", lambda: lab.run(node, "corosync-quorumtool", "-s").code == 0, 90)
        lab.wait_until("stonith to be enabled again",
                       lambda: lab.run(peer, "pcs", "property", "set", "stonith-enabled=true").code == 0, 60)
        lab.wait_until("Jetty to run everywhere", lambda: lab.serving() == lab.nodes, 120)
        lab.run(peer, "pcs", "resource", "cleanup")


def test_a_coordinator_that_reaches_only_a_minority_refuses(lab):
    others = ("node-01", "node-02")
    with _in_a_minority(lab, "node-03"):
        both = lab.jettyfleet("verify")
        check(both.code == 1 and "node-03 names node-03 WITHOUT quorum" in both.out, f"both claims: {both}")
        try:
            for node in others:
                lab.must(node, "systemctl", "stop", "jettyfleet-agent")
            lab.wait_until("their agents to be gone",
                           lambda: "node-03 names node-03 WITHOUT quorum" in lab.jettyfleet("plan", "-f", YAML).err, 60)
            before = lab.must("node-03", "cibadmin", "--query", "--scope", "resources")
            refused = lab.jettyfleet("apply", "-f", YAML)
            check(refused.code == 4 and "no DC with quorum" in refused.err, str(refused))
            check(before == lab.must("node-03", "cibadmin", "--query", "--scope", "resources"),
                  "the minority's CIB changed")
        finally:
            for node in others:
                lab.run(node, "systemctl", "start", "jettyfleet-agent")


# What a coordinator would tell an agent, by what it needs quorum for.
ACTIONS = {
    "a lock": "acquire_lock { holder: 'lab' duration { seconds: 60 } }",
    "a rule": "evict_node { lease_id: 'jettyfleet-lab-test' node: 'node-03' clone: 'CLONE' duration { seconds: 60 } }",
    "a standby": "standby_node { lease_id: 'jettyfleet-lab-test' node: 'node-03' duration { seconds: 60 } }",
    "a change": "set_meta { target: 'CLONE' meta { name: 'clone-max' value: '2' } }",
}


def test_an_agent_in_the_minority_refuses_even_when_told(lab):
    """Told by a program that holds the coordinator's certificate, and none of its judgement."""
    primitive, clone = _clone(lab)
    lab.copy("tests/lab/tell_agent/tell_agent", "ops-01", "/usr/bin/tell_agent")
    with _in_a_minority(lab, "node-03"):
        state = json.loads(lab.must("node-03", "cat", "/var/lib/jettyfleet-agent/actions.json"))
        before = lab.must("node-03", "cibadmin", "--query", "--scope", "configuration")
        lab.must("ops-01", "systemctl", "stop", "jettyfleet-coordinator")
        try:
            for number, (what, action) in enumerate(ACTIONS.items()):
                text = (f"id: 'lab-{state['highestEpoch']}-{number}' epoch: {state['highestEpoch']} "
                        f"operation_id: 'lab' timeout {{ seconds: 30 }} {action.replace('CLONE', clone or primitive)}")
                lab.write("ops-01", "/run/action", text)
                told = lab.run("ops-01", "sh", "-c", "tell_agent node-03 < /run/action")
                check(told.code == 0 and "OUTCOME_REFUSED" in told.out and "quorum" in told.out, f"{what}: {told}")
            check(before == lab.must("node-03", "cibadmin", "--query", "--scope", "configuration"),
                  "the minority's CIB changed")
        finally:
            lab.must("ops-01", "systemctl", "start", "jettyfleet-coordinator")
