"""An instance that fails is reported to Pacemaker at once where the description says so, and only then."""
import contextlib
import time

from half_made import YAML, _clone
from harness import check

AT_ONCE = "/root/recover-at-once.yaml"
NODE = "node-02"


def _last(lab):
    return int(lab.jettyfleet("events").out.split("\n")[-2].split()[0])


def _pid(lab, unit="jetty9"):
    return lab.must(NODE, "systemctl", "show", "-P", "MainPID", unit).strip()


def _kill(lab):
    """Returns the events from the kill until the node serves again."""
    return _until_another_serves(lab, lambda pid: lab.must(NODE, "kill", "-9", pid), 120)


def _until_another_serves(lab, break_it, seconds):
    """Breaks NODE's instance, whose process it is told. Returns the events until another process serves there."""
    before = _last(lab)
    pid = _pid(lab)
    break_it(pid)
    lab.wait_until(f"{NODE} to serve again", lambda: NODE in lab.serving() and pid != _pid(lab), seconds)
    return lab.jettyfleet("events", "--after", str(before)).out


@contextlib.contextmanager
def _described(lab, text):
    lab.write("ops-01", AT_ONCE, text)
    try:
        check(lab.jettyfleet("apply", "-f", AT_ONCE, "--why", "lab test").code == 0, "the description was not taken")
        yield
    finally:
        check(lab.jettyfleet("apply", "-f", YAML, "--why", "lab test").code == 0, "the description was not taken back")


def _after_failed_probes(lab, number):
    """The description with a monitor that nobody waits for."""
    return lab.must("ops-01", "cat", YAML).replace(
        "monitor_interval: 10s",
        f"monitor_interval: 60s\n    recover: {{mode: at-once, after_failed_probes: {number}}}")


def _check_told_once(events, why):
    told = [line for line in events.splitlines() if "has failed on node-02" in line]
    check(len(told) == 1, f"told {len(told)} times: {events}")
    check("is active and does not serve" in told[0] and why in told[0], f"not why: {told}")


def _cleanup(lab):
    lab.must("node-01", "pcs", "resource", "cleanup", _clone(lab)[0])


def test_a_failure_is_told_at_once_where_the_description_says_so(lab):
    text = lab.must("ops-01", "cat", YAML)
    # Pacemaker's own monitor would take half a minute.
    with _described(lab, text.replace("monitor_interval: 10s", "monitor_interval: 60s\n    recover: at-once")):
        events = _kill(lab)
        told = [line for line in events.splitlines() if "has failed on node-02" in line]
        check(len(told) == 1, f"told {len(told)} times: {events}")
        check("recover: at-once: unit jetty9.service is failed" in told[0], f"nobody says why: {told}")
        _cleanup(lab)
    check("has failed on" not in _kill(lab), "it was told although the description does not say so")
    _cleanup(lab)


def test_what_an_operator_stops_through_the_cluster_is_no_failure(lab):
    text = lab.must("ops-01", "cat", YAML)
    with _described(lab, text.replace("monitor_interval: 10s", "monitor_interval: 10s\n    recover: at-once")):
        before = _last(lab)
        lab.must("node-01", "pcs", "node", "standby", NODE, "--wait=60")
        lab.must("node-01", "pcs", "node", "unstandby", NODE, "--wait=60")
        drill = lab.jettyfleet("drill", "start", "--scenario", "evict", "--node", NODE, "--why", "lab test")
        events = lab.jettyfleet("events", "--after", str(before)).out
        check("has failed on" not in events, f"it was told of what was meant: {events}")
        check(drill.code == 0, str(drill))


def test_a_frozen_unit_is_told_of_after_its_failed_probes(lab):
    with _described(lab, _after_failed_probes(lab, 3)):
        # systemd sends SIGCONT after the SIGTERM of its stop.
        events = _until_another_serves(lab, lambda pid: lab.must(NODE, "systemctl", "kill", "--signal=STOP", "jetty9"), 90)
        _check_told_once(events, "no HTTP answer on port 8080")
        _cleanup(lab)


_FREEZE = """
group=$(systemctl show -P ControlGroup jetty9)
for root in /sys/fs/cgroup /sys/fs/cgroup/unified; do
    if [ -e "$root$group/cgroup.freeze" ]; then
        echo "$1" > "$root$group/cgroup.freeze"
        exit 0
    fi
done
exit 1
"""


def test_full_a_frozen_control_group_is_told_of_and_started_again(lab):
    frozen = time.monotonic()
    with _described(lab, _after_failed_probes(lab, 3)):
        try:
            # Its stop may take as long as the unit's TimeoutStopSec.
            events = _until_another_serves(lab, lambda pid: lab.must(NODE, "sh", "-c", _FREEZE, "sh", "1"), 180)
        finally:
            lab.run(NODE, "sh", "-c", _FREEZE, "sh", "0")
        print(f"    served again {time.monotonic() - frozen:.1f} s after its description was applied", flush=True)
        _check_told_once(events, "no HTTP answer on port 8080")
        _cleanup(lab)


def test_a_drills_frozen_unit_is_not_told_of(lab):
    with _described(lab, _after_failed_probes(lab, 1)):
        before, pid = _last(lab), _pid(lab)
        drill = lab.jettyfleet("drill", "start", "--scenario", "unit-freeze", "--node", NODE, "--why", "lab test")
        events = lab.jettyfleet("events", "--after", str(before)).out
        check("has failed on" not in events, f"it was told of a drill's fault: {events}")
        check(drill.code == 0, str(drill))
        check(pid == _pid(lab), "the frozen instance was started again")


def test_silence_in_maintenance_mode_is_not_told_of(lab):
    with _described(lab, _after_failed_probes(lab, 1)):
        before, pid = _last(lab), _pid(lab)
        lab.must("node-01", "pcs", "property", "set", "maintenance-mode=true")
        try:
            lab.must(NODE, "kill", "-STOP", pid)
            # Several times what it takes where nothing explains it; there is nothing to be seen that could be waited for.
            time.sleep(20)
            events = lab.jettyfleet("events", "--after", str(before)).out
            check("has failed on" not in events, f"it was told of in maintenance mode: {events}")
        finally:
            lab.must(NODE, "kill", "-CONT", pid)
            lab.wait_until(f"{NODE} to serve again", lambda: NODE in lab.serving(), 30)
            lab.must("node-01", "pcs", "property", "unset", "maintenance-mode")
        check(pid == _pid(lab), "the instance was started again")


# ---- a port that goes while its process lives on ---------------------------------------------------------------------
PORT, PORT_UNIT, PORT_PROGRAM = 18081, "jetty-lab-port", "/run/jetty-lab-port.py"
_PORT_PROGRAM = """
import http.server, signal, sys, threading, time
class Ok(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()
    def log_message(self, *unused):
        pass
server = http.server.ThreadingHTTPServer(("0.0.0.0", int(sys.argv[1])), Ok)
told = threading.Event()
signal.signal(signal.SIGUSR1, lambda *unused: told.set())
threading.Thread(target=server.serve_forever, daemon=True).start()
while not told.wait(0.05):
    pass
server.shutdown()
server.server_close()
while True:
    time.sleep(60)
"""
_PORT_UNIT = f"[Service]\nExecStart=/usr/bin/python3 {PORT_PROGRAM} {PORT}\n"
_PORT_RESOURCE = f"""\
  - name: lab-port
    unit: {PORT_UNIT}
    monitor_interval: 60s
    ports: [{PORT}]
    health: {{port: {PORT}, path: /, status: 200, timeout: 2s}}
    recover: {{mode: at-once, after_failed_probes: 2}}
"""


def test_a_lost_port_is_told_of_after_its_failed_probes(lab):
    text = lab.must("ops-01", "cat", YAML)
    check("load_balancers:\n" in text, f"where does the resource go? {text}")
    for node in lab.nodes:
        lab.write(node, PORT_PROGRAM, _PORT_PROGRAM)
        lab.write(node, f"/run/systemd/system/{PORT_UNIT}.service", _PORT_UNIT)
        lab.must(node, "systemctl", "daemon-reload")

    def serves():
        return lab.run(NODE, "curl", "-s", "-f", "-m", "2", f"http://127.0.0.1:{PORT}/").code == 0
    try:
        with _described(lab, text.replace("load_balancers:\n", _PORT_RESOURCE + "load_balancers:\n", 1)):
            before, pid = _last(lab), _pid(lab, PORT_UNIT)
            check(serves(), "the test's own unit does not serve")
            lab.must(NODE, "kill", "-USR1", pid)
            lab.wait_until("the port to go", lambda: not serves(), 10, pause=0.05)
            lab.wait_until("the port to be bound again", lambda: serves() and _pid(lab, PORT_UNIT) != pid, 60)
            _check_told_once(lab.jettyfleet("events", "--after", str(before)).out, f"nothing is bound to port {PORT}")
            lab.must("node-01", "pcs", "resource", "cleanup", "lab-port")
            lab.must("node-01", "pcs", "resource", "delete", "lab-port")
    finally:
        lab.run("node-01", "pcs", "resource", "delete", "lab-port")
        for node in lab.nodes:
            lab.run(node, "systemctl", "stop", PORT_UNIT)
            lab.run(node, "rm", "-f", PORT_PROGRAM, f"/run/systemd/system/{PORT_UNIT}.service")
            lab.run(node, "systemctl", "daemon-reload")
