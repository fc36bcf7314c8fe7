"""What every lab test stands on: the lab's hosts, the product's client on ops-01, and the check that all is whole.

A test is a function `test_...(lab)` in a module of this folder. It may break what it likes; when it returns, the
cluster must be whole again, and the runner checks that it is.
"""
import json
import pathlib
import subprocess
import sys
import time

LAB_COMMAND = pathlib.Path(__file__).resolve().parent.parent / "lab"
sys.path.insert(0, str(LAB_COMMAND.parent))
REPOSITORY = LAB_COMMAND.parent.parent.parent


class Failure(Exception):
    """A test's claim did not hold."""


def check(condition, message):
    if not condition:
        raise Failure(message)


class Result:
    def __init__(self, argv, code, out, err):
        self.argv, self.code, self.out, self.err = argv, code, out, err

    def __str__(self):
        return f"{' '.join(self.argv)}: exit {self.code}\n{self.out[-3000:]}{self.err[-3000:]}"


class Lab:
    def __init__(self, name, nodes=3, seed=None, rounds=None):
        self.name = name
        # For tests that draw at random; None: their own.
        self.seed, self.rounds = seed, rounds
        self.nodes = [f"node-{i:02d}" for i in range(1, nodes + 1)]
        # Every host of the lab is in each host's /etc/hosts.
        known = [line.split()[-1] for line in self.run("ops-01", "cat", "/etc/hosts").out.splitlines() if line.strip()]
        self.load_balancers = [host for host in known if host.startswith("lb-")]

    # ---- the lab itself ------------------------------------------------------------------------------------------
    def command(self, *argv, timeout=300):
        full = [str(LAB_COMMAND), "--name", self.name, *argv]
        done = subprocess.run(full, capture_output=True, text=True, timeout=timeout, stdin=subprocess.DEVNULL)
        return Result(full, done.returncode, done.stdout, done.stderr)

    def do(self, *argv, timeout=300):
        result = self.command(*argv, timeout=timeout)
        check(result.code == 0, f"the lab could not {argv[0]}: {result}")
        return result

    def run(self, host, *argv, timeout=120):
        """A command on a host; its exit code is the caller's to judge."""
        return self.command("exec", host, *argv, timeout=timeout)

    def must(self, host, *argv, timeout=120):
        result = self.run(host, *argv, timeout=timeout)
        check(result.code == 0, f"on {host}: {result}")
        return result.out

    def start(self, host, *argv):
        """A command on a host in the background: a Popen whose output is read by communicate()."""
        return subprocess.Popen([str(LAB_COMMAND), "--name", self.name, "exec", host, *argv], text=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def write(self, host, path, text):
        done = subprocess.run([str(LAB_COMMAND), "--name", self.name, "exec", host, "tee", path], input=text, text=True,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=60)
        check(done.returncode == 0, f"cannot write {path} on {host}: {done.stderr}")

    def put(self, host, path, content):
        """The same of bytes."""
        done = subprocess.run([str(LAB_COMMAND), "--name", self.name, "exec", host, "tee", path], input=content,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=60)
        check(done.returncode == 0, f"cannot write {path} on {host}: {done.stderr}")

    def copy(self, program, host, path):
        """A program of the build (its path below bazel-bin) to a host."""
        built = REPOSITORY / "bazel-bin" / program
        check(built.is_file(), f"{built} is not there; scripts/build //{pathlib.PurePath(program).parent}")
        self.put(host, path, built.read_bytes())
        self.must(host, "chmod", "0755", path)

    # ---- the product ---------------------------------------------------------------------------------------------
    def jettyfleet(self, *argv, timeout=300):
        return self.run("ops-01", "jettyfleet", *argv, timeout=timeout)

    def json(self, *argv):
        result = self.jettyfleet("-o", "json", *argv)
        check(result.out.strip(), f"no JSON: {result}")
        return json.loads(result.out)

    def drill_in_background(self, *argv):
        """Starts a drill and returns its id as soon as the coordinator has taken it."""
        result = self.jettyfleet("drill", "start", "--detach", *argv)
        check(result.code == 0, f"the drill was not taken: {result}")
        return result.out.split()[0] if result.out.split()[0].startswith("d-") else next(
            word for word in result.out.replace(",", " ").split() if word.startswith("d-"))

    def rollout_in_background(self, *argv):
        """The same with a rollout."""
        result = self.jettyfleet("rollout", "start", "--detach", *argv)
        check(result.code == 0, f"the rollout was not taken: {result}")
        return next(word for word in result.out.split() if word.startswith("ro-"))

    def report(self, operation):
        return self.json("drill", "report", operation)

    def wait_for_end(self, operation, seconds=240):
        ended = ("OPERATION_STATE_PASSED", "OPERATION_STATE_FAILED", "OPERATION_STATE_ABORTED",
                 "OPERATION_STATE_REFUSED")
        return self.wait_until(
            f"operation {operation} to end",
            lambda: (lambda report: report if report.get("state") in ended else None)(self.report(operation)), seconds)

    def wait_for_step(self, operation, step, node=None, seconds=120):
        """Waits until a node of the operation is at `step` (e.g. LEAVE); returns the node."""
        def look():
            report = self.report(operation)
            for visit in report.get("nodes", []):
                if visit.get("step") == f"NODE_STEP_{step}" and node in (None, visit["node"]):
                    return visit["node"]
            check(report.get("state") in ("OPERATION_STATE_RUNNING", "OPERATION_STATE_RESTORING"),
                  f"{operation} ended before it came to {step}: {report.get('reason')}")
            return None
        return self.wait_until(f"{operation} to come to {step}", look, seconds, pause=0.05)

    # ---- looking -------------------------------------------------------------------------------------------------
    @staticmethod
    def wait_until(what, look, seconds, pause=0.5):
        end = time.monotonic() + seconds
        while True:
            seen = look()
            if seen:
                return seen
            check(time.monotonic() < end, f"waited {seconds} s for {what}")
            time.sleep(pause)

    def dc(self, ask="node-01"):
        for line in self.must(ask, "crmadmin", "-D").splitlines():
            if ":" in line:
                return line.rsplit(":", 1)[1].strip().split()[0]
        raise Failure("crmadmin names no DC")

    def other_than_dc(self):
        dc = self.dc()
        return next(node for node in self.nodes if node != dc)

    def cib(self, ask=None):
        return self.must(ask or self.nodes[0], "cibadmin", "--query")

    def serving(self):
        """Nodes whose Jetty answers 200 when asked directly."""
        return [node for node in self.nodes
                if self.run(node, "curl", "-s", "-o", "/dev/null", "-m", "2", "-f",
                            "http://127.0.0.1:8080/counter/").code == 0]

    def leftovers(self):
        """Everything of ours that is in force or lying about, one line each."""
        found = []
        cib = self.cib()
        found += [f"CIB: {line.strip()}" for line in cib.splitlines() if "jettyfleet-" in line]
        for balancer in self.load_balancers:
            servers = self.must(balancer, "sh", "-c", "echo 'show stat' | socat - /run/haproxy/admin.sock")
            for line in servers.splitlines():
                cells = line.split(",")
                if len(cells) > 17 and cells[1].startswith("node-") and not cells[17].startswith("UP"):
                    found.append(f"HAProxy on {balancer}: {cells[0]}/{cells[1]} is {cells[17]}")
        for host in [*self.nodes, *self.load_balancers]:
            timers = self.run(host, "systemctl", "list-timers", "--all", "--no-legend", "jettyfleet-*").out
            found += [f"{host}: timer {line.split()[-2]}" for line in timers.splitlines() if line.strip()]
            undoing = self.run(host, "systemctl", "list-units", "--all", "--no-legend", "--plain",
                               "jettyfleet-undo-*.service").out
            found += [f"{host}: unit {line.split()[0]}" for line in undoing.splitlines() if line.strip()]
            tables = self.run(host, "nft", "list", "tables").out
            found += [f"{host}: nft {line.strip()}" for line in tables.splitlines() if "jettyfleet" in line]
            frozen = self.run(host, "sh", "-c", "grep -ls 'frozen 1' /sys/fs/cgroup/system.slice/jetty*/cgroup.events "
                                                "/sys/fs/cgroup/unified/system.slice/jetty*/cgroup.events").out
            found += [f"{host}: frozen {name}" for name in frozen.split()]
            records = self.run(host, "sh", "-c", "ls /var/lib/jettyfleet-agent/leases 2>/dev/null").out
            found += [f"{host}: lease record {name}" for name in records.split()]
        return found

    def assert_whole(self, seconds=90):
        """Every node online and serving, the cluster idle and quorate, nothing of ours left."""
        def look():
            verify = self.jettyfleet("verify")
            return verify.code == 0 and len(self.serving()) == len(self.nodes) and not self.leftovers()
        try:
            self.wait_until("the cluster to be whole", look, seconds, pause=1)
        except Failure:
            raise Failure(f"the cluster is not whole: serving {self.serving()}; left {self.leftovers()}; "
                          f"{self.jettyfleet('verify')}") from None
