"""The lab that is measured: reached through tests/lab/lab alone, and checked before anything is touched."""
import json
import pathlib
import subprocess

LAB_COMMAND = pathlib.Path(__file__).resolve().parents[2] / "lab" / "lab"


class BenchError(Exception):
    """One line: what is wrong and what to do."""


class Target:
    def __init__(self, name, node):
        self.name = name
        self.node = node

    def argv(self, host, *command):
        return [str(LAB_COMMAND), "--name", self.name, "exec", host, *command]

    def run(self, host, *command, text=None, seconds=120, check=True):
        """A command on a host; its output. `text` goes to its standard input."""
        try:
            done = subprocess.run(self.argv(host, *command), input=text or "", capture_output=True, text=True,
                                  timeout=seconds)
        except subprocess.TimeoutExpired:
            raise BenchError(f"{host}: {' '.join(command[:3])} did not end within {seconds} s") from None
        if check and done.returncode != 0:
            last = (done.stderr.strip() or done.stdout.strip() or "no output").splitlines()[-1]
            raise BenchError(f"{host}: {' '.join(command[:3])} failed: {last}")
        return done.stdout

    def start(self, host, *command):
        return subprocess.Popen(self.argv(host, *command), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True)

    def python(self, host, program, *arguments, seconds):
        """Runs `program` on the host itself, so that no time of `lab exec` is measured; its lines of JSON."""
        out = self.run(host, "python3", "-", *map(str, arguments), text=program, seconds=seconds)
        return [json.loads(line) for line in out.splitlines() if line.startswith("{")]

    def events_after(self, sequence):
        """The coordinator's journal after this sequence, as `jettyfleet events` prints it."""
        out = self.run("ops-01", "jettyfleet", "-o", "json", "events", "--after", str(sequence))
        return [json.loads(line) for line in out.splitlines() if line.strip()]

    def last_sequence(self):
        return max((int(event["sequence"]) for event in self.events_after(0)), default=0)

    def nodes(self):
        """Cluster nodes whose agents are connected."""
        status = json.loads(self.run("ops-01", "jettyfleet", "-o", "json", "status", check=False) or "{}")
        return sorted(host["host"] for cluster in status.get("clusters", []) for host in cluster.get("nodes", [])
                      if host.get("connected"))

    def node_status(self):
        """What the coordinator knows of the node; an error unless its agent is connected."""
        status = json.loads(self.run("ops-01", "jettyfleet", "-o", "json", "status", check=False) or "{}")
        for cluster in status.get("clusters", []):
            for host in cluster.get("nodes", []):
                if host["host"] == self.node and host.get("connected"):
                    return host
        raise BenchError(f"the coordinator has no connected agent on {self.node}: bring the lab up and install "
                         f"jettyfleet (tests/lab/lab --name {self.name} up, then install)")

    def unit_state(self, unit):
        for fact in self.node_status().get("report", {}).get("units", []):
            if fact["unit"] == unit:
                return fact.get("activeState", "")
        return ""
