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


def _servers(lab):
    """Servers that somebody holds out of traffic; one that is DOWN is out by HAProxy's own judgement."""
    return [left for left in lab.leftovers() if left.startswith("HAProxy") and left.split()[-1] in ("MAINT", "DRAIN")]


def _round(lab, scenario, number, choice):
    node = lab.other_than_dc()
    drill = lab.drill_in_background("--scenario", scenario, "--node", node, "--lease", f"{LEASE_S}s")
    time.sleep(choice.uniform(5.0, 17.0))
    step = next((visit["step"] for visit in lab.report(drill)["nodes"] if visit["node"] == node), "before the node")
    try:
        faults.kill_everything_of_ours(lab)
        killed = time.time()
        ends = _ends_in_cib(lab.cib(lab.dc()))
        was_out = node not in lab.serving()
        # What is in force ends by its own clock; the load balancer's leases began before the cluster's.
        last_end = max([*ends, killed + LEASE_S])
        serving_at = None
        balanced_at = None
        while time.time() < last_end + 60 and None in (serving_at, balanced_at):
            if serving_at is None and node in lab.serving():
                serving_at = time.time()
            if balanced_at is None and not _servers(lab):
                balanced_at = time.time()
            time.sleep(0.2)
        check(serving_at is not None, f"round {number}: {node} does not serve")
        check(balanced_at is not None, f"round {number}: still drained: {_servers(lab)}")
        began = lab.must(node, "systemctl", "show", "-P", "ActiveEnterTimestamp", "--timestamp=us+utc", "jetty9").strip()
        words = began.split()
        unit_at = datetime.datetime.fromisoformat(f"{words[1]} {words[2]}").replace(tzinfo=datetime.timezone.utc).timestamp()
        gone = unit_at - ends[0] if ends and was_out and unit_at > killed else None
        print(f"    round {number:2d} {scenario:8s} killed at {step[10:] if step.startswith('NODE_STEP_') else step:14s} "
              + (f"unit active again {gone:+.1f} s after the lease's end, serving {serving_at - ends[0]:+.1f} s, "
                 if gone is not None else f"nothing held {node} out of the cluster, ")
              + f"load balancer open to it {balanced_at - killed:.1f} s after the kill", flush=True)
        check(gone is None or gone <= GONE_S, f"round {number}: the cause was there {gone} s after the lease's end")
        check(balanced_at - killed <= LEASE_S + GONE_S, f"round {number}: drained for {balanced_at - killed:.1f} s")
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
