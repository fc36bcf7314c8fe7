"""Drills on the lab, begun and followed from ops-01, also while the coordinator is away for a moment."""
import json
import time

from benchkit import journal
from benchkit.target import BenchError


class Drills:
    def __init__(self, target):
        self._target = target
        self._began_after = {}  # drill id to the journal's sequence before it

    def start(self, *options):
        """Begins a drill and returns its id."""
        before = self._target.last_sequence()
        out = self._target.run("ops-01", "jettyfleet", "-o", "json", "drill", "start", "--detach", "--why", "benchmark",
                               *options)
        drill = json.loads(out)["operationId"]
        self._began_after[drill] = before
        return drill

    def records(self, drill):
        """What is known of it now; none while the coordinator is away."""
        out = self._target.run("ops-01", "jettyfleet", "-o", "json", "events", "--after",
                               str(self._began_after[drill]), check=False)
        return journal.of_operation([json.loads(line) for line in out.splitlines() if line.startswith("{")], drill)

    def ended(self, drill):
        return journal.ended(self.records(drill)) is not None

    def wait_for_end(self, drill, seconds=600):
        """The state in which it ended."""
        end = time.monotonic() + seconds
        while True:
            ended = journal.ended(self.records(drill))
            if ended:
                return ended[1]
            if time.monotonic() > end:
                raise BenchError(f"drill {drill} has not ended within {seconds} s: jettyfleet drill show {drill} on ops-01")
            time.sleep(0.5)
