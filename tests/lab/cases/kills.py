"""Coordinator and agents killed for good at random steps of drills: what the promise of the leases rests on.

Each round follows a drill's steps live, kills everything of ours on all hosts at once at a drawn step plus a drawn
delay, notes what is in force, and watches with none of our processes alive until the node serves again. Only with
--full: a round waits for its leases' ends. Prints one line a round and a summary; `run.py --seed N --rounds N` repeats
a run's draws.
"""
import os
import random
import re
import statistics
import time

from drill_steps import Steps, Void, clean_again, time_of
from follow import HTTP_STATES, SERVER_STATES, States
from harness import Failure, check
from killers import Killers, check_all_dead, start_everything_of_ours

ROUNDS = 20
# Fewer with something in force, or with the node held out of the cluster in either scenario, would show too little.
LEAST_IN_FORCE = 0.6
LEASE = "40s"  # the shortest that a drill takes
# Ordinary starts of each node before the rounds. After a round that held a node out of the cluster there is one more of
# that node, since other work on the machine makes Jetty start in anything from 2 to 22 s (measured): the start time that
# is promised is the slowest ordinary one of the run, and the pairs say whether a node is slower after a lease's end.
STARTS = 3
# Drills that the machine's other work ended before they were at the drawn step; they are drawn again.
MOST_VOID = 5
# The promise: the cause is gone this long after its lease's end at the latest ...
GONE_S = 5.0
# ... and everything of ours this long after the next start.
CLEAN_S = 60.0
# How long a start is waited for beyond that: far longer than any.
PATIENCE_S = 60.0
# A state counts when it has lasted this long: HAProxy calls a server UP before it has checked it.
SETTLED_S = 3.0

# The drill's steps in their order; how often each is drawn, and over how many seconds the kill is spread from its
# beginning: about as long as the step takes when nothing else keeps the machine busy.
STEPS = {"DRAIN": (1, 0.2), "MAINT": (1, 0.2), "ACT": (4, 0.8), "LEAVE": (7, 2.4), "RESTORE": (4, 0.2),
         "CLUSTER_START": (2, 2.0), "HTTP_READY": (1, 0.2), "LB_READY": (2, 0.1)}


def _is_up(state):
    return state == "ready UP"


def _serves(state):
    return state == "serves"


def _load():
    return f"{os.getloadavg()[0]:.1f}"


# ---- an ordinary start -----------------------------------------------------------------------------------------------
def _active_since(lab, node):
    words = lab.must(node, "systemctl", "show", "-P", "ActiveEnterTimestamp", "--timestamp=us+utc", "jetty9").split()
    return time_of(f"{words[1]} {words[2]}")


def _start_time(lab, node):
    """Seconds from Pacemaker's start of the instance to its first HTTP 200."""
    with States(lab, node, HTTP_STATES) as http:
        lab.must(node, "pcs", "node", "standby", node, "--wait=60")
        check(http.good_since(_serves) is None, f"{node} serves in standby")
        lab.must(node, "pcs", "node", "unstandby", node, "--wait=60")
        serves = lab.wait_until(f"{node} to serve", lambda: http.good_since(_serves), 60, pause=0.1)
        return serves - _active_since(lab, node)


def _ordinary_starts(lab):
    starts = []
    for node in lab.nodes:
        times = [_start_time(lab, node) for _ in range(STARTS)]
        starts += times
        print(f"    {node}: started by Pacemaker, serves after {', '.join(f'{seconds:.2f}' for seconds in times)} s "
              f"(load {_load()})", flush=True)
    lab.assert_whole()
    return starts


# ---- the kill ------------------------------------------------------------------------------------------------------
class _InForce:
    """What was in force when everything of ours was dead: ends of our rules and standby sets in the CIB, and of the
    lease under which HAProxy's server is held. None: nothing of that kind."""

    def __init__(self, lab, server):
        cib = lab.cib()
        now = time.time()
        ends = [time_of(end) for end in re.findall(r'<date_expression id="jettyfleet-[^"]*"[^>]* end="([^"]+)"', cib)]
        self.cib = max((end for end in ends if end > now), default=None)
        held = server.timeline()[-1][1].startswith("held")
        records = lab.run(lab.load_balancers[0], "sh", "-c", "cat /var/lib/jettyfleet-agent/leases/*.json").out
        recorded = [time_of(end) for end in re.findall(r'"endsAt": *"([^"]+)"', records)]
        check(not held or recorded, "HAProxy's server is held, and no lease is recorded")
        self.server = max(recorded) if held else None

    def ends(self):
        return [end for end in (self.cib, self.server) if end is not None]

    def __str__(self):
        return " and ".join([*(["CIB"] if self.cib else []), *(["HAProxy"] if self.server else [])]) or "nothing"


# ---- what came of it -------------------------------------------------------------------------------------------------
class _Outcome:
    """Seconds; None where nothing of that kind was in force. `start`: an ordinary one of the node right afterwards."""

    def __init__(self):
        self.gone = self.serving = self.open = self.up = self.clean = self.start = None


def _observe(lab, node, in_force, http, server):
    """Looks on until the node serves and is UP, with every lease over."""
    over = max(in_force.ends(), default=time.time()) + 1.0
    latest = over + GONE_S + SETTLED_S + PATIENCE_S

    def settled():
        now = time.time()
        times = [http.good_since(_serves), server.good_since(_is_up)]
        return now > over and None not in times and now > max(times) + SETTLED_S
    try:
        lab.wait_until(f"{node} to serve and to be UP with all of our processes dead (in force: {in_force})", settled,
                       latest - time.time(), pause=0.1)
    except Failure as failure:
        raise Failure(f"{failure}; ends {in_force.ends()}, HTTP {http.timeline()}, "
                      f"HAProxy {server.timeline()}") from None
    outcome = _Outcome()
    if in_force.cib is not None:
        outcome.gone = _active_since(lab, node) - in_force.cib
        outcome.serving = http.good_since(_serves) - in_force.cib - outcome.gone
    if in_force.server is not None:
        outcome.open = server.good_since(lambda state: state.startswith("ready")) - in_force.server
        outcome.up = server.good_since(_is_up) - in_force.server - outcome.open
    return outcome


def _broken(outcome, killed, in_force, baseline):
    """What of the promise did not hold, one line each."""
    broken = []
    for what, gone, back in (("CIB", outcome.gone, outcome.serving), ("HAProxy", outcome.open, outcome.up)):
        if gone is None:
            continue
        if gone > GONE_S:
            broken.append(f"{what}: the cause was there {gone:.2f} s after its lease's end")
        if gone + back > GONE_S + baseline:
            broken.append(f"{what}: back {gone + back:.2f} s after its lease's end, the start time is {baseline:.2f} s")
    if in_force.cib is not None and in_force.cib + outcome.gone < killed:
        broken.append("a rule or standby set was in force, and the instance never left")
    if outcome.clean > CLEAN_S:
        broken.append(f"something of ours was left {outcome.clean:.1f} s after the next start")
    return broken


def _after(what, *events):
    """`events`: what happened, and the seconds from the one before it, the first from the lease's end."""
    if events[0][1] is None:
        return f"{what} -"
    total = 0.0
    words = []
    for name, seconds in events:
        total += seconds
        words.append(f"{name} {total:+.2f} s")
    return f"{what} {', '.join(words)} after its end"


def _round(lab, number, choice, seed):
    scenario = ("evict", "standby")[number % 2]
    node = choice.choice(lab.nodes)
    step = choice.choices(list(STEPS), [weight for weight, _ in STEPS.values()])[0]
    delay = choice.uniform(0.0, STEPS[step][1])
    reload = choice.random() < 0.5
    with Killers(lab) as killers, States(lab, node, HTTP_STATES) as http, \
            States(lab, lab.load_balancers[0], SERVER_STATES, node) as server:
        try:
            with Steps(lab, list(STEPS)) as steps:
                drill = lab.drill_in_background("--scenario", scenario, "--node", node, "--lease", LEASE,
                                                "--baseline", "1s", "--why", f"killed at {step}")
                steps.wait_for(step)
                time.sleep(delay)
                killed = killers.fire(reload)
                at = steps.at(killed)
            in_force = _InForce(lab, server)
            outcome = _observe(lab, node, in_force, http, server)
            check_all_dead(lab)
        except (Failure, Void):
            start_everything_of_ours(lab)
            raise
    outcome.clean, shown = clean_again(lab, drill, CLEAN_S)
    if in_force.cib is not None:
        outcome.start = _start_time(lab, node)
        lab.assert_whole()
    print(f"    {number + 1:2d} seed {seed} {scenario:7s} {node} drawn {step:13s} killed at {at:21s} "
          f"{'reload' if reload else '':6s} in force: {str(in_force):15s} | "
          f"{_after('CIB:', ('cause gone', outcome.gone), ('serving', outcome.serving))} | "
          f"{_after('HAProxy:', ('ready', outcome.open), ('UP', outcome.up))} | "
          f"clean {outcome.clean:.1f} s after the next start, drill {shown} | "
          f"ordinary start then {f'{outcome.start:.2f} s' if outcome.start else '-'} | load {_load()}", flush=True)
    return scenario, in_force, outcome, killed


def _spread(values):
    if not values:
        return "none"
    return f"median {statistics.median(values):.2f} s, at most {max(values):.2f} s ({len(values)})"


def _summarise(rounds, starts, seed):
    """Prints the run's figures. Returns the slowest ordinary start."""
    def values(name):
        return [getattr(outcome, name) for _, _, outcome, _ in rounds if getattr(outcome, name) is not None]
    held = [scenario for scenario, in_force, *_ in rounds if in_force.cib is not None]
    outcomes = [outcome for _, in_force, outcome, _ in rounds if in_force.cib is not None]
    ordinary = starts + values("start")
    print(f"    seed {seed}, {len(rounds)} rounds; something in force in {sum(bool(r[1].ends()) for r in rounds)}: "
          f"in the CIB in {len(held)} ({held.count('evict')} evict, {held.count('standby')} standby), "
          f"in HAProxy in {len(values('open'))}")
    print(f"    CIB: cause gone after the lease's end: {_spread(values('gone'))}")
    print(f"    CIB: from there to HTTP 200: {_spread(values('serving'))}; slower than the node's ordinary start right "
          f"after the round: {sum(o.serving > o.start for o in outcomes)}")
    print(f"    CIB: from the lease's end to HTTP 200: {_spread([o.gone + o.serving for o in outcomes])}")
    print(f"    ordinary starts by Pacemaker to HTTP 200: {_spread(ordinary)}")
    print(f"    HAProxy: ready after its lease's end: {_spread(values('open'))}; "
          f"UP after that: {_spread(values('up'))}")
    print(f"    nothing of ours left after the next start: {_spread(values('clean'))}", flush=True)
    return max(ordinary)


def test_full_killed_for_good_at_random_steps(lab):
    seed = lab.seed if lab.seed is not None else int(time.time())
    count = lab.rounds or ROUNDS
    print(f"    seed {seed}, {count} rounds", flush=True)
    choice = random.Random(seed)
    starts = _ordinary_starts(lab)
    rounds = []
    void = 0
    try:
        while len(rounds) < count:
            try:
                rounds.append(_round(lab, len(rounds), choice, seed))
            except Void as ended:
                void += 1
                print(f"    {len(rounds) + 1:2d} is drawn again: the drill ended before its kill: {ended}", flush=True)
                check(void <= MOST_VOID, f"{void} drills ended before they could be killed")
                lab.assert_whole()
    finally:
        slowest = _summarise(rounds, starts, seed)
    broken = [f"round {number + 1}: {line}" for number, (_, in_force, outcome, killed) in enumerate(rounds)
              for line in _broken(outcome, killed, in_force, slowest)]
    check(not broken, "\n".join(broken))
    in_force = sum(bool(in_force.ends()) for _, in_force, *_ in rounds)
    check(in_force >= LEAST_IN_FORCE * count, f"only {in_force} of {count} rounds had something in force")
    held = {scenario for scenario, in_force, *_ in rounds if in_force.cib is not None}
    check(count < ROUNDS or len(held) == 2, "no round held a node out in one of the scenarios")
