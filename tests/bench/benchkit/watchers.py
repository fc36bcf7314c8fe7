"""Programs that look on at a host itself for as long as their standard input is open, and print what changes, one line of
JSON each with the time (CLOCK_REALTIME, which all hosts of a lab share)."""
import json
import subprocess

from benchkit.target import BenchError

UNTIL_TOLD = r'''
import json, subprocess, sys, threading, time
told = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), told.set()), daemon=True).start()
last = None

def tell(at, now):
    global last
    if now != last:
        print(json.dumps({"at": at, "now": now}), flush=True)
        last = now
'''

# Arguments: port, path, seconds between two requests. Whether the node's own port answers 200; a change is dated to when
# the answer was there.
SERVES = UNTIL_TOLD + r'''
import http.client
port, path, pause = int(sys.argv[1]), sys.argv[2], float(sys.argv[3])

def serves():
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()

while not told.is_set():
    began = time.monotonic()
    now = serves()
    tell(time.time(), now)
    time.sleep(max(0, pause - (time.monotonic() - began)))
'''

# Argument: seconds between two queries. The nodes that the CIB holds in standby by an attribute without a rule, as
# `pcs node standby` writes it.
STANDBY = UNTIL_TOLD + r'''
import xml.etree.ElementTree as tree
pause = float(sys.argv[1])
while not told.is_set():
    began = time.monotonic()
    done = subprocess.run(["cibadmin", "--query", "--xpath", "//nodes"], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL)
    if done.returncode == 0:
        nodes = tree.fromstring(done.stdout[done.stdout.index("<nodes"):])
        tell(time.time(), sorted(
            node.get("uname") for node in nodes.iter("node")
            if any(pair.get("name") == "standby" and pair.get("value") in ("on", "true")
                   for pair in node.iterfind("instance_attributes/nvpair"))))
    time.sleep(max(0, pause - (time.monotonic() - began)))
'''


class Watcher:
    """One of them on a host, from `with` to its end; `changes` is known after that."""

    def __init__(self, target, host, program, *arguments):
        self._what = f"{host}: a program that looks on"
        self._argv = target.argv(host, "python3", "-c", program, *map(str, arguments))
        self._process = None
        self.changes = []  # [(seconds since the epoch, state)]

    def __enter__(self):
        self._process = subprocess.Popen(self._argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                         stderr=subprocess.PIPE, text=True)
        # The first line says that it looks.
        self._take(self._process.stdout.readline())
        if not self.changes:
            self._process.kill()
            _, err = self._process.communicate(timeout=30)
            raise BenchError(f"{self._what} did not begin: {(err.strip().splitlines() or ['no output'])[-1]}")
        return self

    def __exit__(self, kind, *unused):
        # communicate() closes the standard input, which ends the program.
        try:
            out, err = self._process.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            out, err = self._process.communicate()
        for line in out.splitlines():
            self._take(line)
        if kind is None and self._process.returncode != 0:
            raise BenchError(f"{self._what} failed: {(err.strip().splitlines() or ['no output'])[-1]}")

    def _take(self, line):
        if line.startswith("{"):
            change = json.loads(line)
            self.changes.append((change["at"], change["now"]))
