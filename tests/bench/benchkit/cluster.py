"""The lab's cluster between two measurements: at rest and whole, and described as a benchmark needs it."""
import json
import re
import time

from benchkit.target import BenchError


class Cluster:
    def __init__(self, target, resource, url):
        self.target = target
        self.resource = resource
        self.url = url  # answers 200 on each node when that serves
        self.nodes = target.nodes()
        if target.node not in self.nodes:
            raise BenchError(f"the coordinator has no connected agent on {target.node}: bring the lab up and install "
                             f"jettyfleet (tests/lab/lab --name {target.name} up, then install)")

    def idle(self):
        """Whether the DC's controller is at rest."""
        node = self.target.node
        dc = self.target.run(node, "crmadmin", "--timeout=5s", "-D", "--output-as=xml", check=False)
        name = re.search(r'node_name="([^"]+)"', dc)
        return name is not None and "S_IDLE" in self.target.run(
            node, "crmadmin", "--timeout=5s", f"--status={name[1]}", "--output-as=xml", check=False)

    def serving(self):
        return [node for node in self.nodes
                if self.target.run(node, "curl", "-s", "-f", "-m", "2", "-o", "/dev/null", "-w", "%{http_code}", self.url,
                                   check=False).strip() == "200"]

    def clean_up(self):
        """Forgets the failures of the resource: they are the benchmark's own, which began on a cluster without any."""
        self.target.run(self.target.node, "crm_resource", "--cleanup", "--resource", self.resource, check=False)

    def wait_until_whole(self, seconds=180):
        """Idle, every node serving, and nothing for jettyfleet to complain of."""
        end = time.monotonic() + seconds
        while not (self.idle() and self.serving() == self.nodes and self._verified()):
            if time.monotonic() > end:
                raise BenchError(f"the cluster is not idle and whole after {seconds} s (serving: "
                                 f"{', '.join(self.serving()) or 'none'}): jettyfleet verify on ops-01 says why")
            time.sleep(0.5)

    def _verified(self):
        verified = json.loads(self.target.run("ops-01", "jettyfleet", "-o", "json", "verify", check=False) or "{}")
        return verified.get("passed") == "ANSWER_YES"


def with_line(text, key, value, *more):
    """The description with its one line `key: …` saying `value`, and `more` lines after it at the same depth."""
    lines, found = [], 0
    for line in text.splitlines():
        match = re.fullmatch(rf"( +){re.escape(key)}: \S+", line)
        if match is None:
            lines.append(line)
            continue
        found += 1
        lines += [f"{match[1]}{key}: {value}", *(f"{match[1]}{extra}" for extra in more)]
    if found != 1:
        raise BenchError(f"the description has {found} lines `{key}: …`, and the benchmark can change one: give a file "
                         "with one resource by --file")
    return "\n".join(lines) + "\n"
