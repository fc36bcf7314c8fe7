"""Coordinator and agents killed for good at random steps of drills without warning: nothing that they broke stays broken.

Each round kills everything of ours on all hosts at once, at a drawn step plus a drawn delay of a drawn scenario, and
watches with none of our processes alive until the node serves again. `run.py --seed N --rounds N` repeats a run's draws.
"""
import random
import re
import statistics
import time

from drill_steps import Steps, Void, clean_again, time_of
from harness import Failure, check
from killers import Killers, check_all_dead, start_everything_of_ours

SAMPLE, ROUNDS = 3, 24
LEASE = "40s"  # the shortest that a drill takes
# The promise: a fault on a lease is over this long after the lease's end, and as the instance was never stopped, the
# node serves then.
GONE_S = 5.0
# What the cluster ends: the monitor's interval (30 s), a stop and a start on a busy machine.
CLUSTER_S = 75.0
# A fenced node: the others notice (8 s), the switch (10 s), the boot, the cluster's and Jetty's start.
BOOT_S = 120.0
CLEAN_S = 60.0
STEPS = ["ACT", "LEAVE", "RESTORE", "CLUSTER_START", "LB_READY"]
LEASED = ("unit-freeze", "port-blackhole")
FENCING = ("peer-partition", "node-crash")
SCENARIOS = {"unit-freeze": GONE_S, "port-blackhole": GONE_S, "unit-stop": CLUSTER_S, "unit-kill": CLUSTER_S,
             "peer-partition": BOOT_S, "node-crash": BOOT_S}


def _lease_end(lab, node):
    """When the fault's lease on the node ends; None: none is recorded there, or the node is off."""
    records = lab.run(node, "sh", "-c", "cat /var/lib/jettyfleet-agent/leases/*.json").out
    return max((time_of(end) for end in re.findall(r'"endsAt": *"([^"]+)"', records)), default=None)


def _round(lab, number, choice):
    scenario = list(SCENARIOS)[number % len(SCENARIOS)]
    node = choice.choice(lab.nodes)
    step = choice.choices(STEPS, [2, 5, 2, 1, 1])[0]
    delay = choice.uniform(0.0, 2.5 if step == "LEAVE" else 0.5)
    with Killers(lab, node if scenario in FENCING else None) as killers:
        try:
            with Steps(lab, STEPS) as steps:
                drill = lab.drill_in_background("--scenario", scenario, "--node", node, "--lease", LEASE, "--baseline",
                                                "1s", "--allow-fencing", "--why", f"killed at {step}")
                steps.wait_for(step)
                time.sleep(delay)
                killed = killers.fire()
                at = steps.at(killed)
            end = _lease_end(lab, node) if scenario in LEASED else None
            from_when = end if end is not None else killed
            limit = SCENARIOS[scenario] if end is not None or scenario not in LEASED else CLUSTER_S
            lab.wait_until(f"{node} to serve with all of our processes dead ({scenario} killed at {at})",
                           lambda: node in lab.serving(), from_when - time.time() + limit, pause=0.1)
            back = time.time() - from_when
            if scenario not in FENCING:
                check_all_dead(lab)
        except (Failure, Void):
            start_everything_of_ours(lab)
            raise
    clean, shown = clean_again(lab, drill, CLEAN_S)
    print(f"    {number + 1:2d} {scenario:14s} {node} drawn {step:13s} killed at {at:21s} serves {back:+6.2f} s after "
          f"{'its lease end' if end is not None else 'the kill'} | clean {clean:.1f} s after the next start, "
          f"drill {shown}", flush=True)
    return scenario, end is not None, back, clean


def _rounds(lab, count):
    seed = lab.seed if lab.seed is not None else int(time.time())
    print(f"    seed {seed}, {count} rounds", flush=True)
    choice = random.Random(seed)
    done, void = [], 0
    while len(done) < count:
        try:
            done.append(_round(lab, len(done), choice))
        except Void as ended:
            void += 1
            check(void <= count, f"{void} drills ended before they could be killed: {ended}")
            lab.assert_whole()
    leased = [back for _, on_lease, back, _ in done if on_lease]
    if leased:
        print(f"    faults on a lease: serves after the lease's end: median {statistics.median(leased):.2f} s, at most "
              f"{max(leased):.2f} s ({len(leased)})")
    print(f"    nothing of ours left after the next start: at most {max(clean for *_, clean in done):.1f} s", flush=True)


def test_killed_for_good_during_a_fault(lab):
    _rounds(lab, lab.rounds or SAMPLE)


def test_full_killed_for_good_during_faults(lab):
    _rounds(lab, lab.rounds or ROUNDS)
