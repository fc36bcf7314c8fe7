import unittest

from benchkit.cluster import with_line
from benchkit.target import BenchError

DESCRIPTION = """\
cluster: blue
resources:
  - name: jetty
    monitor_interval: 10s
    health: {port: 8080}
"""


class WithLineTest(unittest.TestCase):
    def test_it_is_changed_and_more_is_added_at_its_depth(self):
        self.assertEqual(with_line(DESCRIPTION, "monitor_interval", "30s", "recover: at-once"),
                         DESCRIPTION.replace("    monitor_interval: 10s\n",
                                             "    monitor_interval: 30s\n    recover: at-once\n"))

    def test_none_or_two_of_them_are_refused(self):
        for text, count in (("cluster: blue\n", 0), (DESCRIPTION + DESCRIPTION, 2)):
            with self.subTest(count), self.assertRaisesRegex(BenchError, f"has {count} lines `monitor_interval: …`"):
                with_line(text, "monitor_interval", "30s")


if __name__ == "__main__":
    unittest.main()
