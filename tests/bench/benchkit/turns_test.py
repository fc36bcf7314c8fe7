import unittest

from benchkit import turns

UP, OUT = True, False


class TurnsTest(unittest.TestCase):
    def test_serves_again(self):
        for name, changes, since, expected in (
                ("an outage and its end", [(0, UP), (5, OUT), (9, UP)], 4, 9),
                ("the first outage counts", [(0, UP), (5, OUT), (9, UP), (20, OUT), (30, UP)], 4, 9),
                ("an outage before it does not", [(0, UP), (1, OUT), (2, UP), (5, OUT), (9, UP)], 4, 9),
                ("out already", [(0, UP), (3, OUT), (9, UP)], 4, 9),
                ("never out", [(0, UP)], 4, None),
                ("never back", [(0, UP), (5, OUT)], 4, None)):
            with self.subTest(name):
                self.assertEqual(turns.serves_again(changes, since), expected)

    def test_premature(self):
        touched = {"b": 20.0, "a": 4.0, "c": 40.0}
        whole = {"a": [(0, UP), (5, OUT), (9, UP)], "b": [(0, UP), (21, OUT), (30, UP)],
                 "c": [(0, UP), (41, OUT), (50, UP)]}
        for name, changed, expected in (
                ("none", {}, []),
                ("the second came too early", {"a": [(0, UP), (5, OUT), (22.5, UP)]}, [("b", "a", 2.5)]),
                ("the first never served again", {"a": [(0, UP), (5, OUT)]}, [("b", "a", None)]),
                ("nobody comes after the last", {"c": [(0, UP), (41, OUT)]}, [])):
            with self.subTest(name):
                self.assertEqual(turns.premature(touched, {**whole, **changed}), expected)

    def test_never_out(self):
        samples = {"a": [(0, UP), (5, OUT), (9, UP)], "b": [(0, OUT), (1, UP)]}
        self.assertEqual(turns.never_out({"a": 4, "b": 20}, samples), ["b"])


if __name__ == "__main__":
    unittest.main()
