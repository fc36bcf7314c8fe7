"""An instance that fails is reported to Pacemaker at once where the description says so, and only then."""
from half_made import YAML, _clone
from harness import check

AT_ONCE = "/root/recover-at-once.yaml"
NODE = "node-02"


def _last(lab):
    return int(lab.jettyfleet("events").out.split("\n")[-2].split()[0])


def _kill(lab):
    """Returns the events from the kill until the node serves again."""
    before = _last(lab)
    pid = lab.must(NODE, "systemctl", "show", "-P", "MainPID", "jetty9").strip()
    lab.must(NODE, "kill", "-9", pid)
    lab.wait_until(f"{NODE} to serve again", lambda: NODE in lab.serving() and pid != lab.must(
        NODE, "systemctl", "show", "-P", "MainPID", "jetty9").strip(), 120)
    return lab.jettyfleet("events", "--after", str(before)).out


def _cleanup(lab):
    lab.must("node-01", "pcs", "resource", "cleanup", _clone(lab)[0])


def test_a_failure_is_told_at_once_where_the_description_says_so(lab):
    text = lab.must("ops-01", "cat", YAML)
    # Pacemaker's own monitor would take half a minute.
    lab.write("ops-01", AT_ONCE, text.replace("monitor_interval: 10s", "monitor_interval: 60s\n    recover: at-once"))
    try:
        check(lab.jettyfleet("apply", "-f", AT_ONCE, "--why", "lab test").code == 0, "the description was not taken")
        events = _kill(lab)
        told = [line for line in events.splitlines() if "has failed on node-02" in line]
        check(len(told) == 1, f"told {len(told)} times: {events}")
        check("recover: at-once: unit jetty9.service is failed" in told[0], f"nobody says why: {told}")
        _cleanup(lab)
    finally:
        check(lab.jettyfleet("apply", "-f", YAML, "--why", "lab test").code == 0, "the description was not taken back")
    check("has failed on" not in _kill(lab), "it was told although the description does not say so")
    _cleanup(lab)


def test_what_an_operator_stops_through_the_cluster_is_no_failure(lab):
    text = lab.must("ops-01", "cat", YAML)
    lab.write("ops-01", AT_ONCE, text.replace("monitor_interval: 10s", "monitor_interval: 10s\n    recover: at-once"))
    try:
        check(lab.jettyfleet("apply", "-f", AT_ONCE, "--why", "lab test").code == 0, "the description was not taken")
        before = _last(lab)
        lab.must("node-01", "pcs", "node", "standby", NODE, "--wait=60")
        lab.must("node-01", "pcs", "node", "unstandby", NODE, "--wait=60")
        drill = lab.jettyfleet("drill", "start", "--scenario", "evict", "--node", NODE, "--why", "lab test")
        events = lab.jettyfleet("events", "--after", str(before)).out
        check("has failed on" not in events, f"it was told of what was meant: {events}")
        check(drill.code == 0, str(drill))
    finally:
        check(lab.jettyfleet("apply", "-f", YAML, "--why", "lab test").code == 0, "the description was not taken back")
