"""Programs that run on the node itself and kill units there. Each prints one line of JSON for each kill, with
CLOCK_REALTIME read right before kill(2): all hosts of a lab are containers on one kernel and share that clock."""

STUB_UNIT = "jetty-bench-stub.service"

# As a packaged Jetty would look to the agent, and as quick to start as a unit can be. No start limit: it is started
# hundreds of times.
STUB_FILE = """\
[Unit]
Description=jettyfleet benchmark: a unit that nothing manages
StartLimitIntervalSec=0

[Service]
ExecStart=/usr/bin/sleep infinity
"""

COMMON = r'''
import json, os, random, re, subprocess, sys, time, urllib.request

def properties(unit):
    out = subprocess.run(["systemctl", "show", unit, "-p", "ActiveState", "-p", "MainPID"], capture_output=True,
                         text=True, check=True).stdout
    found = dict(line.split("=", 1) for line in out.splitlines())
    return found["ActiveState"], int(found["MainPID"])

def wait(what, look, seconds):
    end = time.monotonic() + seconds
    while not look():
        if time.monotonic() > end:
            sys.exit("waited %d s for %s" % (seconds, what))
        time.sleep(0.02)

def kill(unit):
    pid = properties(unit)[1]
    if pid <= 1:
        sys.exit("%s has no process to kill" % unit)
    at = time.clock_gettime_ns(time.CLOCK_REALTIME)
    os.kill(pid, 9)
    print(json.dumps({"killed_at_ns": at}), flush=True)
    # Nothing else runs here while the news travels.
    time.sleep(0.25)
'''

# Arguments: unit, number of kills.
STUB = COMMON + r'''
unit, kills = sys.argv[1], int(sys.argv[2])
for number in range(kills):
    subprocess.run(["systemctl", "reset-failed", unit], check=False, stderr=subprocess.DEVNULL)
    subprocess.run(["systemctl", "start", unit], check=True)
    wait("the stub to be active", lambda: properties(unit)[0] == "active", 10)
    # Any phase of whatever the agent does at regular times.
    time.sleep(random.uniform(0.2, 0.6))
    kill(unit)
    wait("the stub to fail", lambda: properties(unit)[0] == "failed", 10)
'''

# Arguments: unit, number of kills, seconds between two monitor operations, URL that answers 200 when it serves.
# When each failure was noticed by Pacemaker itself is in its log: the result of the monitor operation.
PACEMAKER = COMMON + r'''
unit, kills, interval, url = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), sys.argv[4]

def serves():
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False

began = time.time()
for number in range(kills):
    wait("%s to serve" % unit, lambda: properties(unit)[0] == "active" and serves(), 180)
    # Any phase between two monitor operations.
    time.sleep(1 + random.uniform(0, interval))
    kill(unit)
    wait("%s to be gone" % unit, lambda: properties(unit)[0] != "active", 10)
wait("%s to serve" % unit, lambda: properties(unit)[0] == "active" and serves(), 180)
log = subprocess.run(["journalctl", "-u", "pacemaker", "-o", "json", "--since", "@%d" % began, "--no-pager"],
                     capture_output=True, text=True, check=True).stdout
for line in log.splitlines():
    entry = json.loads(line)
    if re.search(r"Result of monitor operation for \S+ on \S+: (?!ok)", str(entry.get("MESSAGE"))):
        at = int(entry.get("_SOURCE_REALTIME_TIMESTAMP") or entry["__REALTIME_TIMESTAMP"])
        print(json.dumps({"noticed_at_ns": at * 1000, "message": entry["MESSAGE"]}), flush=True)
'''

# Arguments: unit, URL that answers 200 when it serves, seconds to wait before the kill. From SIGKILL until the URL answers
# 200 again, asked every 10 ms from when the process is gone.
UNTIL_SERVING = COMMON + r'''
import select
unit, url, phase = sys.argv[1], sys.argv[2], float(sys.argv[3])

def serves():
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False

wait("%s to serve" % unit, lambda: properties(unit)[0] == "active" and serves(), 180)
time.sleep(phase)
pid = properties(unit)[1]
if pid <= 1 or not serves():
    sys.exit("%s does not serve any more" % unit)
process = os.pidfd_open(pid)
at, began = time.clock_gettime_ns(time.CLOCK_REALTIME), time.monotonic()
os.kill(pid, 9)
if not select.select([process], [], [], 10)[0]:
    sys.exit("the process %d outlived SIGKILL for 10 s" % pid)
while not serves():
    if time.monotonic() > began + 180:
        sys.exit("%s does not serve 180 s after the kill" % unit)
    time.sleep(0.01)
print(json.dumps({"killed_at_ns": at, "s": time.monotonic() - began}), flush=True)
'''

# Argument: unit, which systemd restarts. SIGKILL to it, and when systemd started the next process.
RESTARTED = COMMON + r'''
import datetime
unit = sys.argv[1]

def started():
    words = subprocess.run(["systemctl", "show", "-P", "ExecMainStartTimestamp", "--timestamp=us+utc", unit],
                           capture_output=True, text=True, check=True).stdout.split()
    at = datetime.datetime.fromisoformat(words[1] + " " + words[2]).replace(tzinfo=datetime.timezone.utc)
    return (at - datetime.datetime.fromtimestamp(0, datetime.timezone.utc)) // datetime.timedelta(microseconds=1) * 1000

before = properties(unit)[1]
kill(unit)
wait("%s to be started again" % unit, lambda: properties(unit)[0] == "active" and properties(unit)[1] not in (0, before), 60)
print(json.dumps({"started_at_ns": started()}), flush=True)
'''

# ---- a listening socket that goes while its process lives on ---------------------------------------------------------
PORT_UNIT = "jetty-bench-port.service"
PORT = 18080
PORT_PROGRAM_PATH = "/run/jetty-bench-port.py"
PORT_CLOSED_PATH = "/run/jetty-bench-port.closed"

PORT_FILE = f"""\
[Unit]
Description=jettyfleet benchmark: closes its listening socket when told to

[Service]
ExecStart=/usr/bin/python3 {PORT_PROGRAM_PATH} {PORT} {PORT_CLOSED_PATH}
"""

# Arguments: port, file for the times at which the socket was closed.
PORT_PROGRAM = r'''
import json, signal, socket, sys, time
port, closed = int(sys.argv[1]), open(sys.argv[2], "a", buffering=1)
told = []
signal.signal(signal.SIGUSR1, lambda *unused: told.append(1))

def listen():
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("0.0.0.0", port))
    listener.listen(16)
    listener.settimeout(0.05)
    return listener

listener = listen()
while True:
    if told:
        told.clear()
        at = time.clock_gettime_ns(time.CLOCK_REALTIME)
        listener.close()
        closed.write(json.dumps({"closed_at_ns": at}) + "\n")
        time.sleep(0.5)
        listener = listen()
    try:
        peer, _ = listener.accept()
    except TimeoutError:
        continue
    with peer:
        peer.settimeout(1)
        try:
            peer.recv(4096)
            peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
        except OSError:
            pass
'''

# Arguments: unit, times, resource, file for the times at which the socket was closed. What Pacemaker noticed meanwhile is
# in its log.
PORT_CLOSER = COMMON + r'''
unit, times, resource, path = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
began = time.time()
open(path, "w").close()
pid = properties(unit)[1]
for number in range(times):
    os.kill(pid, 10)
    # Listening again half a second later, and any phase of whatever the agent does at regular times.
    time.sleep(1 + random.uniform(0, 0.5))
if properties(unit) != ("active", pid):
    sys.exit("%s did not live on" % unit)
print(open(path).read(), end="", flush=True)
log = subprocess.run(["journalctl", "-u", "pacemaker", "-o", "json", "--since", "@%d" % began, "--no-pager"],
                     capture_output=True, text=True, check=True).stdout
for line in log.splitlines():
    message = str(json.loads(line).get("MESSAGE"))
    if re.search(r"Result of monitor operation for %s on \S+: (?!ok)" % re.escape(resource), message):
        print(json.dumps({"noticed": message}), flush=True)
'''
