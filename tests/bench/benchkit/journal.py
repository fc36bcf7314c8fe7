"""What the coordinator's journal tells of a drill: records as `jettyfleet -o json events` prints them. Pure; times are
nanoseconds since the epoch by the coordinator's clock."""
from benchkit.stats import nanoseconds

# What an operation decides or sees. An answer alone, or that it was taken up again, is no step.
STEPS = ("nodesPlanned", "stepEntered", "milestoneReached", "actionIssued", "stopRequested", "nodeEnded",
         "operationEnded")


def kind(record):
    """Which of the record's alternatives is set; empty: none that is known here."""
    return next((name for name in ("operationBegan", "operationResumed", "actionEnded", *STEPS) if name in record), "")


# What is asked and changes nothing is no step either: the audits', the predictions' and the gate's looks.
LOOKS = ("lookAtLeftovers", "predictTransition", "lookAtFaultMeans")


def without_looks(records):
    looks = {record["actionIssued"]["action"]["id"] for record in records
             if any(look in record.get("actionIssued", {}).get("action", {}) for look in LOOKS)}
    return [record for record in records
            if record.get("actionIssued", {}).get("action", {}).get("id") not in looks
            and record.get("actionEnded", {}).get("result", {}).get("actionId") not in looks]


def of_operation(records, operation):
    return without_looks([record for record in records if record.get("operationId") == operation])


def began(records):
    """The ids of the operations that began within these records, in their order."""
    return [record["operationId"] for record in records if "operationBegan" in record]


def _step(name):
    return name.removeprefix("NODE_STEP_")


def describe(record):
    what = kind(record)
    body = record.get(what, {})
    words = {"stepEntered": _step(body.get("step", "")), "milestoneReached": f"{_step(body.get('step', ''))} reached",
             "actionIssued": body.get("action", {}).get("id", "")}.get(what, "")
    return " ".join(word for word in (what, body.get("node", ""), words) if word)


def before(records, at):
    """The records of `at` or earlier."""
    return [record for record in records if nanoseconds(record["at"]) <= at]


def next_step(records, since):
    """The operation's first step at `since` or later: (time, words); None: there is none."""
    for record in records:
        at = nanoseconds(record["at"])
        if at >= since and kind(record) in STEPS:
            return at, describe(record)
    return None


def ended(records):
    """When the operation ended and as what; None: it has not."""
    for record in records:
        if "operationEnded" in record:
            state = record["operationEnded"].get("state", "").removeprefix("OPERATION_STATE_").lower()
            return nanoseconds(record["at"]), state
    return None


def first_touches(records):
    """Node to the time at which the first action for its visit was issued, wherever that was carried out: from then on
    it is not left as it was."""
    touched = {}
    for record in records:
        issued = record.get("actionIssued", {})
        if issued.get("node") and issued["node"] not in touched:
            touched[issued["node"]] = nanoseconds(record["at"])
    return touched


def seconds_in_steps(records):
    """Seconds that the operation spent in each step, over all nodes. BETWEEN: before the first node and after one's end,
    until the next; END: after the last."""
    spent = {}
    now, since = "BETWEEN", None
    for record in records:
        at = nanoseconds(record["at"])
        if since is None:
            since = at
        becomes = {"stepEntered": lambda: _step(record["stepEntered"].get("step", "")), "nodeEnded": lambda: "BETWEEN",
                   "operationEnded": lambda: "END"}.get(kind(record))
        if becomes is None:
            continue
        spent[now] = spent.get(now, 0.0) + (at - since) / 1e9
        now, since = becomes(), at
    return {step: seconds for step, seconds in spent.items() if step != "END"}


def restoring(records, aborted):
    """What giving back took after an abort at `aborted`, in seconds: from when the operation began to restore (or, where
    it had begun before, from the abort) until the last thing that it asked for, was answered or saw of that. Zero where
    nothing had to be given back."""
    first = last = None
    for record in records:
        at = nanoseconds(record["at"])
        if "stepEntered" in record and _step(record["stepEntered"].get("step", "")) == "RESTORE":
            first = max(at, aborted)
        undo = record.get("actionIssued", {}).get("undo", False)
        # Taking the lock and giving it back is for no node: it is the operation's own work.
        for_node = any(record.get(name, {}).get("node") for name in ("actionEnded", "milestoneReached"))
        if undo and record["actionIssued"].get("node") or for_node:
            last = at
    return max(0.0, (last - first) / 1e9) if first is not None and last is not None else 0.0


def failures_told(records, node):
    """How often Pacemaker was to be told that an instance on the node has failed."""
    return sum(1 for record in records
               if record.get("actionIssued", {}).get("action", {}).get("failInstance", {}).get("node") == node)
