"""Programs that run on the lab's hosts for as long as a test looks on, and say in lines what they see.

Entering a host from outside takes longer than what is to be measured, so the looking is done there; all hosts share the
machine's clock, so their times can be compared.
"""
import os
import signal
import subprocess
import threading
import time

from harness import LAB_COMMAND, Failure

# Both print "TIME STATE" at their start and at every change.
HTTP_STATES = """
import http.client, sys, time, urllib.request
def state():
    try:
        status = urllib.request.urlopen("http://127.0.0.1:8080/counter/", timeout=2).status
    except (OSError, http.client.HTTPException):
        return "silent"
    return "serves" if status == 200 else "silent"
last = None
while True:
    now = state()
    if now != last:
        print(time.time(), now, flush=True)
        last = now
    time.sleep(0.1)
"""
# "ready" or "held" by its administrative state (0x01 maintenance, 0x08 drain), then HAProxy's own word for the server.
SERVER_STATES = """
import socket, sys, time
def ask():
    with socket.socket(socket.AF_UNIX) as s:
        s.connect("/run/haproxy/admin.sock")
        s.sendall(b"show servers state;show stat\\n")
        return b"".join(iter(lambda: s.recv(65536), b"")).decode()
def state():
    admin = status = "?"
    for row in ask().splitlines():
        words, cells = row.split(), row.split(",")
        if len(words) > 6 and words[3] == sys.argv[1]:
            admin = "held" if int(words[6]) & 0x09 else "ready"
        if len(cells) > 17 and cells[1] == sys.argv[1]:
            status = cells[17].split()[0]
    return admin + " " + status
last = None
while True:
    now = state()
    if now != last:
        print(time.time(), now, flush=True)
        last = now
    time.sleep(0.05)
"""


class Follower:
    """A command on a host whose lines are kept as they come. To be closed; safe to ask from the test's thread only."""

    def __init__(self, lab, host, *argv):
        self._what = f"{argv[0]} on {host}"
        # A group of its own: what it started inside the host ends with it.
        self._process = subprocess.Popen([str(LAB_COMMAND), "--name", lab.name, "exec", host, *argv], text=True,
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                         start_new_session=True)
        self._lines = []
        self._came = threading.Condition()
        threading.Thread(target=self._read, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def _read(self):
        for line in self._process.stdout:
            with self._came:
                self._lines.append(line.strip())
                self._came.notify_all()

    def say(self, line):
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def lines(self):
        with self._came:
            return list(self._lines)

    def wait_for(self, what, choose, seconds):
        """The first line, of those seen and those to come, of which `choose(line)` is not None: what it is."""
        end = time.monotonic() + seconds
        seen = 0
        while True:
            with self._came:
                if len(self._lines) == seen:
                    self._came.wait(max(0.0, min(1.0, end - time.monotonic())))
                new, seen = self._lines[seen:], len(self._lines)
            for line in new:
                chosen = choose(line)
                if chosen is not None:
                    return chosen
            if time.monotonic() >= end or (not new and self._process.poll() is not None):
                raise Failure(f"{self._what}: no sign of {what} in {seconds} s; it ended with {self._process.poll()}; "
                              f"its last lines: {self.lines()[-3:]}")

    def first_line(self, seconds=20):
        return self.wait_for("a line", lambda line: line, seconds)

    def check_alive(self):
        if self._process.poll() is not None:
            raise Failure(f"{self._what} ended: {self._process.stderr.read()[-1000:]}")

    def close(self):
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self._process.wait()


class States(Follower):
    """Follows one of the scripts above: a host's state over time, known from the constructor's return on."""

    def __init__(self, lab, host, script, *argv):
        super().__init__(lab, host, "python3", "-c", script, *argv)
        self.first_line()

    def timeline(self):
        """[(time, state)], oldest first; a state lasts until the next one's time."""
        return [(float(line.split(" ", 1)[0]), line.split(" ", 1)[1]) for line in self.lines()]

    def good_since(self, good):
        """Since when every state was one of which `good(state)` is true; None when the present one is not."""
        self.check_alive()
        began = None
        for at, state in self.timeline():
            began = (began or at) if good(state) else None
        return began
