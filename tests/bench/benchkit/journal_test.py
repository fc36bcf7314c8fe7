"""Against what a coordinator's journal held after drills on a lab (testdata/: one that passed, and one whose coordinator
was killed while it restored and that was then taken up)."""
import json
import pathlib
import unittest

from benchkit import journal
from benchkit.stats import nanoseconds

DATA = pathlib.Path(__file__).parent / "testdata"


def load(name):
    return [json.loads(line) for line in (DATA / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


def at(time):
    return nanoseconds(f"2026-11-23T{time}Z")


class JournalTest(unittest.TestCase):
    def setUp(self):
        self.passed = load("passed")
        self.taken_up = load("taken_up")

    def test_operations_are_told_apart(self):
        both = self.passed + self.taken_up
        first, second = journal.began(both)
        self.assertEqual(journal.of_operation(both, first), self.passed)
        self.assertEqual(journal.of_operation(both, second), self.taken_up)
        self.assertEqual(journal.of_operation(both, "d-another"), [])

    def test_looks_are_no_steps(self):
        def issued(action_id, **kind):
            return {"operationId": "d", "actionIssued": {"node": "n", "action": {"id": action_id, **kind}}}

        def answered(action_id):
            return {"operationId": "d", "actionEnded": {"node": "n", "result": {"actionId": action_id}}}
        act, answer = issued("d/n/act/1.1", evictNode={}), answered("d/n/act/1.1")
        looks = [issued("d/n/before-n/1.1", lookAtLeftovers={}), answered("d/n/before-n/1.1"),
                 issued("d/n/predict/1.1", predictTransition={}), answered("d/n/predict/1.1")]
        self.assertEqual(journal.of_operation([*looks, act, answer], "d"), [act, answer])

    def test_end(self):
        self.assertEqual(journal.ended(self.passed), (at("03:44:59.662020540"), "passed"))
        self.assertEqual(journal.ended(self.taken_up)[1], "failed")
        self.assertIsNone(journal.ended(self.passed[:-1]))

    def test_a_node_is_touched_by_its_first_action_and_not_by_the_lock(self):
        touched = journal.first_touches(self.passed)
        self.assertEqual(list(touched), ["node-01"])
        self.assertEqual(touched["node-01"] // 10**6, at("03:44:50.454") // 10**6)
        self.assertEqual(journal.first_touches(self.passed[:7]), {})

    def test_time_in_steps_adds_up_to_the_whole(self):
        spent = journal.seconds_in_steps(self.passed)
        self.assertAlmostEqual(spent["BASELINE"], 1.0, places=2)
        self.assertAlmostEqual(spent["LB_READY"], 2.524, places=3)
        whole = (journal.ended(self.passed)[0] - nanoseconds(self.passed[0]["at"])) / 1e9
        self.assertAlmostEqual(sum(spent.values()), whole, places=6)

    def test_the_next_step_is_neither_an_answer_nor_the_resumption(self):
        # The coordinator was killed after the undo was issued at 04:12:04.208.
        when, words = journal.next_step(self.taken_up, at("04:12:10"))
        self.assertEqual(words.split()[0], "stopRequested")
        self.assertEqual(when // 10**6, at("04:12:44.647") // 10**6)
        self.assertIsNone(journal.next_step(self.taken_up, at("05:00:00")))

    def test_what_was_before(self):
        known = journal.before(self.taken_up, at("04:12:10"))
        self.assertEqual(journal.describe(known[-1]), "actionIssued node-01 d-20261123-041157-7370/node-01/restore/1.1")

    def test_restoring(self):
        # Aborted before it began to restore at 04:12:04.203; the last answer for the node came at 04:12:45.303.
        self.assertAlmostEqual(journal.restoring(self.taken_up, at("04:12:03")), 41.100, places=2)
        # Aborted while it restored: what is left of it.
        self.assertAlmostEqual(journal.restoring(self.taken_up, at("04:12:44.303")), 1.0, places=2)
        # Nothing was done for a node any more.
        self.assertEqual(journal.restoring(self.taken_up, at("04:12:45.350")), 0.0)
        # Nothing had been done yet, and the lock alone was given back.
        untouched = [record for record in self.taken_up if not any(
            record.get(name, {}).get("node") for name in ("actionIssued", "actionEnded", "milestoneReached", "stepEntered"))]
        self.assertEqual(journal.restoring(untouched, at("04:11:59")), 0.0)

    def test_failures_told(self):
        told = {"actionIssued": {"action": {"failInstance": {"resource": "jetty", "node": "node-02"}}}}
        self.assertEqual(journal.failures_told([*self.passed, told, told], "node-02"), 2)
        self.assertEqual(journal.failures_told([*self.passed, told], "node-01"), 0)


if __name__ == "__main__":
    unittest.main()
