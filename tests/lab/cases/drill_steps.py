"""A drill's steps as the coordinator records them, for tests that kill at one of them; and what is left afterwards."""
import datetime
import json
import time

from follow import Follower
from killers import start_everything_of_ours


def time_of(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00").replace("+00:00", "")[:26]).replace(
        tzinfo=datetime.timezone.utc).timestamp()


class Void(Exception):
    """The drill ended before the step at which it was to be killed."""


class Steps:
    """Follows from now on. `order`: names of steps, each of which counts for those before it, too, since what takes no
    time is skipped."""

    def __init__(self, lab, order):
        self._order = order
        known = lab.must("ops-01", "jettyfleet", "-o", "json", "events").splitlines()
        self._follower = Follower(lab, "ops-01", "jettyfleet", "-o", "json", "events", "--follow", "--after",
                                  json.loads(known[-1])["sequence"])

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self._follower.close()

    def wait_for(self, step):
        def reached(line):
            event = json.loads(line)
            if "operationEnded" in event:
                raise Void(event["operationEnded"].get("reason") or event["operationEnded"]["state"])
            entered = event.get("stepEntered", {}).get("step", "").removeprefix("NODE_STEP_")
            late_enough = entered in self._order and self._order.index(entered) >= self._order.index(step)
            return entered if late_enough else None
        return self._follower.wait_for(f"step {step}", reached, 90)

    def at(self, killed):
        """The step that the drill was at, and since how long."""
        entered = [(json.loads(line)["stepEntered"]["step"].removeprefix("NODE_STEP_"), time_of(json.loads(line)["at"]))
                   for line in self._follower.lines() if line.startswith("{") and "stepEntered" in line]
        step, since = [(step, at) for step, at in entered if at <= killed][-1]
        return f"{step} +{killed - since:.2f} s"


def clean_again(lab, drill, seconds):
    """Starts everything of ours; seconds until nothing of the drill is left, at most `seconds`, and how it is shown."""
    began = time.monotonic()
    start_everything_of_ours(lab)
    lab.wait_until("the coordinator to be back", lambda: lab.jettyfleet("status").code in (0, 1), 30)
    report = lab.wait_for_end(drill, seconds)
    lab.wait_until("nothing of ours to be left", lambda: not lab.leftovers(), seconds)
    took = time.monotonic() - began
    lab.assert_whole()
    return took, report["state"].removeprefix("OPERATION_STATE_")
