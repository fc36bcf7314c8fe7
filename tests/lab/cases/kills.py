"""Coordinator and agents killed for good at random points of drills: what the promise of the leases rests on.

Only with --full: each round waits for a lease's end. Prints what it measured, one line a round.
"""
import datetime
import random
import re
import time

import faults
from harness import check

ROUNDS = 20
LEASE_S = 40
# The promise: cause gone within this after the lease's end.
GONE_S = 5.0


def _ends_in_cib(cib):
    """Ends of our rules and standby sets, as times of day of the machine (all hosts share its clock)."""
    ends = []
    for match in re.finditer(r'<date_expression id="jettyfleet-[^"]*"[^>]* end="([^"]+)"', cib):
        text = match.group(1).replace("T", " ").replace("Z", "").strip()
        ends.append(datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.timezone.utc).timestamp())
    return ends


# Watchers run on the hosts themselves and look ten times a second: entering a host from outside takes longer than what is
# to be measured. Each prints "free" when nothing was in the way at its start, or else the time at which that ended.
WATCH_SERVER = """
import socket, sys, time
def held():
    with socket.socket(socket.AF_UNIX) as s:
        s.connect("/run/haproxy/admin.sock")
        s.sendall(b"show servers state\\n")
        text = b"".join(iter(lambda: s.recv(65536), b"")).decode()
    return any(row.split()[3] == sys.argv[1] and row.split()[6] != "0" for row in text.splitlines()
               if len(row.split()) > 6 and row[0] != "#")
end = time.time() + 150
if not held():
    print("free")
    sys.exit()
while time.time() < end and held():
    time.sleep(0.1)
print(time.time())
"""
WATCH_HTTP = """
import sys, time, urllib.request
def serves():
    try:
        return urllib.request.urlopen("http://127.0.0.1:8080/counter/", timeout=2).status == 200
    except OSError:
        return False
end = time.time() + 150
if serves():
    print("free")
    sys.exit()
while time.time() < end and not serves():
    time.sleep(0.1)
print(time.time())
"""


def _recorded_end(lab):
    """The last end that lb-01's agent has on record, or None."""
    records = lab.run("lb-01", "sh", "-c", "cat /var/lib/jettyfleet-agent/leases/*.json").out
    ends = re.findall(r'"ends_?[aA]t": *"([^"]+)"', records)
    return max((datetime.datetime.fromisoformat(end.replace("Z", "+00:00")).timestamp() for end in ends), default=None)


def _answer(watcher, what):
    out, err = watcher.communicate(timeout=180)
    check(watcher.returncode == 0 and out.strip(), f"the watcher of {what} failed: {err[-500:]}")
    return None if out.strip() == "free" else float(out)


def _active_since(lab, node):
    words = lab.must(node, "systemctl", "show", "-P", "ActiveEnterTimestamp", "--timestamp=us+utc", "jetty9").split()
    return datetime.datetime.fromisoformat(f"{words[1]} {words[2]}").replace(tzinfo=datetime.timezone.utc).timestamp()


def _round(lab, scenario, number, choice):
    node = lab.other_than_dc()
    drill = lab.drill_in_background("--scenario", scenario, "--node", node, "--lease", f"{LEASE_S}s")
    time.sleep(choice.uniform(5.0, 17.0))
    step = next((visit["step"][10:] for visit in lab.report(drill)["nodes"] if visit["node"] == node), "?")
    try:
        faults.kill_everything_of_ours(lab)
        killed = time.time()
        server = lab.start("lb-01", "python3", "-c", WATCH_SERVER, node)
        http = lab.start(node, "python3", "-c", WATCH_HTTP)
        ends, recorded = _ends_in_cib(lab.cib(lab.dc())), _recorded_end(lab)
        serving_at, open_at = _answer(http, "HTTP"), _answer(server, "the server's state")
        gone = serving = None
        if ends and serving_at is not None:
            gone, serving = _active_since(lab, node) - ends[0], serving_at - ends[0]
        drained = open_at - recorded if None not in (open_at, recorded) else None
        cluster = (f"unit active {gone:+.1f} s and serving {serving:+.1f} s after the rule's end" if gone is not None
                   else "nothing held it out of the cluster")
        balancer = f"drained until {drained:+.1f} s after its lease's end" if drained is not None else "not drained"
        print(f"    round {number:2d} {scenario:8s} killed at {step:14s} {cluster}; {balancer}", flush=True)
        check(gone is None or gone <= GONE_S, f"round {number}: the cause was there {gone} s after the lease's end")
        check(drained is None or drained <= GONE_S, f"round {number}: drained {drained} s beyond its lease's end")
        return gone
    finally:
        faults.start_everything_of_ours(lab)
        lab.wait_until("the coordinator to be back", lambda: lab.jettyfleet("status").code in (0, 1), 30)
        lab.wait_for_end(drill)
        lab.assert_whole()


def test_full_killed_for_good_at_random_points(lab):
    seed = int(time.time())
    print(f"    seed {seed}", flush=True)
    choice = random.Random(seed)
    gone = [_round(lab, ("evict", "standby")[number % 2], number + 1, choice) for number in range(ROUNDS)]
    held = [seconds for seconds in gone if seconds is not None]
    print(f"    {ROUNDS} rounds, in {len(held)} the node was out of the cluster; unit active after the lease's end: "
          f"at most {max(held):+.1f} s" if held else f"    {ROUNDS} rounds, never out", flush=True)
