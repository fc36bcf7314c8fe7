"""SIGKILL for the coordinator and every agent, on all hosts at once, and no restart by systemd."""
from follow import Follower
from harness import Failure, check

AGENT, COORDINATOR = "jettyfleet-agent", "jettyfleet-coordinator"

# Everything slow is done beforehand: between the word on standard input and the signal nothing is left to do.
KILLER = """
import os, signal, subprocess, sys, time
unit = sys.argv[1]
folder = f"/run/systemd/system/{unit}.service.d"
os.makedirs(folder, exist_ok=True)
with open(folder + "/stay-dead.conf", "w") as drop_in:
    drop_in.write("[Service]\\nRestart=no\\n")
subprocess.check_call(["systemctl", "daemon-reload"])
def show(name):
    return subprocess.check_output(["systemctl", "show", "-P", name, unit], text=True).strip()
process = os.pidfd_open(int(show("MainPID")))
print("armed", flush=True)
word = sys.stdin.readline().strip()
signal.pidfd_send_signal(process, signal.SIGKILL)
at = time.time()
while show("ActiveState") not in ("failed", "inactive"):
    time.sleep(0.02)
if word == "kill-and-reload":
    subprocess.check_call(["systemctl", "daemon-reload"])
print("killed", at, flush=True)
"""


def _units(lab):
    return [("ops-01", COORDINATOR), *((host, AGENT) for host in (*lab.nodes, *lab.load_balancers))]


class Killers:
    """Armed on every host when made; `fire` kills. To be closed. `may_boot`: a node that may be fenced before or after
    that; its agent is not to come back with its boot."""

    def __init__(self, lab, may_boot=None):
        if may_boot:
            lab.must(may_boot, "systemctl", "disable", "-q", AGENT)
        self._killers = [Follower(lab, host, "python3", "-c", KILLER, unit) for host, unit in _units(lab)]
        self._may_boot = [killer for killer, (host, _) in zip(self._killers, _units(lab)) if host == may_boot]
        for killer in self._killers:
            killer.wait_for("'armed'", lambda line: line == "armed" or None, 30)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        for killer in self._killers:
            killer.close()

    def fire(self, reload=False):
        """Returns the time of the last kill, when what the killed had started is dead, too. `reload`: each host's
        systemd reads its units anew afterwards, as it does whenever a package is installed."""
        killers = []
        for killer in self._killers:
            try:
                killer.say("kill-and-reload" if reload else "kill")
                killers.append(killer)
            except BrokenPipeError:
                # Fenced: everything there is dead already.
                check(killer in self._may_boot, "a killer has died, and nothing was to be fenced")

        def killed_at(line):
            return float(line.split()[1]) if line.startswith("killed") else None
        times = []
        for killer in killers:
            try:
                times.append(killer.wait_for("the kill", killed_at, 120))
            except Failure:
                if killer not in self._may_boot:
                    raise
        return max(times)


def kill_everything_of_ours(lab):
    with Killers(lab) as killers:
        return killers.fire()


def check_all_dead(lab):
    for host, unit in _units(lab):
        state = lab.must(host, "systemctl", "show", "-P", "ActiveState", unit).strip()
        check(state == "failed", f"{unit} on {host} is {state}; nothing measured without it counts")


# A container's systemd was seen to fail a start right after an end with 219/CGROUP: the group was just going. Restart=
# then starts the unit a second later, by itself, as after any failure. Any other failure of a start counts.
START = """
rm -f /run/systemd/system/{unit}.service.d/stay-dead.conf
systemctl daemon-reload
systemctl enable -q {unit}
systemctl reset-failed {unit}
since=$(date +%s)
systemctl start {unit} && exit 0
if journalctl -q -u {unit} --since "@$since" | grep -q 219/CGROUP; then
    for i in $(seq 50); do
        systemctl is-active -q {unit} && exit 0
        sleep 0.2
    done
fi
journalctl -q -u {unit} --since "@$since" >&2
exit 1
"""


def start_everything_of_ours(lab):
    starting = [(host, lab.start(host, "sh", "-c", START.format(unit=unit))) for host, unit in _units(lab)]
    for host, start in starting:
        _, err = start.communicate(timeout=120)
        check(start.returncode == 0, f"{host}: nothing of ours was started: {err[-2000:]}")
