"""What sessions go through without affinity, by the store that the lab was made with: the drill has to tell."""
import contextlib

from harness import check

CONFIGURATION = "/etc/haproxy/haproxy.cfg"


@contextlib.contextmanager
def _without_affinity(lab):
    """HAProxy sends each request to the next server."""
    for balancer in lab.load_balancers:
        lab.must(balancer, "sh", "-c", f"cp -p {CONFIGURATION} {CONFIGURATION}.kept && "
                                       f"sed -i -e '/^    cookie /d' -e 's/ cookie node-[0-9]*//' {CONFIGURATION} && "
                                       "systemctl reload haproxy")
    try:
        yield
    finally:
        for balancer in lab.load_balancers:
            lab.must(balancer, "sh", "-c", f"mv {CONFIGURATION}.kept {CONFIGURATION} && systemctl reload haproxy")


def test_sessions_without_affinity_are_told_of(lab):
    described = lab.must("ops-01", "cat", "/root/cluster.yaml")
    node = lab.other_than_dc()
    with _without_affinity(lab):
        drill = lab.jettyfleet("drill", "start", "--scenario", "evict", "--node", node, "--why", "lab test",
                               "--budget-lost", "0", "--budget-regressed", "0")
        report = lab.json("drill", "report")
    felt = report["traffic"]
    lost, regressed = int(felt.get("sessionsLost", 0)), int(felt.get("sessionsRegressed", 0))
    if "store: memory" in described:
        check(lost > 0 and drill.code != 0, f"sessions in memory were not told lost: {drill}")
    elif "cache_null: true" in described:
        check(lost == 0 and regressed == 0 and drill.code == 0, f"lost {lost}, went back {regressed}: {drill}")
    else:
        check(regressed > 0 and drill.code != 0, f"the cache's old sessions were not told of: {drill}")
