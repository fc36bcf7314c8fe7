"""The path of the quickstart: describe, apply, verify, drill; and both scenarios without a failed request."""
from harness import check


def test_apply_creates_and_clones_then_changes_nothing(lab):
    first = lab.jettyfleet("apply", "-f", "/root/cluster.yaml", "--why", "lab test")
    check(first.code == 0, str(first))
    before = lab.must("node-01", "cibadmin", "--query", "--scope", "resources")
    second = lab.jettyfleet("apply", "-f", "/root/cluster.yaml")
    check(second.code == 0, str(second))
    check("create jetty" not in second.out and "clone jetty with" not in second.out, f"changed again: {second}")
    check(before == lab.must("node-01", "cibadmin", "--query", "--scope", "resources"),
          "the second apply changed resources in the CIB")


def test_verify_says_yes(lab):
    verify = lab.jettyfleet("verify")
    check(verify.code == 0, str(verify))


def _passes(lab, scenario):
    drill = lab.jettyfleet("drill", "start", "--scenario", scenario, "--why", "lab test")
    check(drill.code == 0, str(drill))
    report = lab.json("drill", "report")
    check(report["state"] == "OPERATION_STATE_PASSED", str(report))
    check(sorted(visit["node"] for visit in report["nodes"]) == lab.nodes, "not every node was visited")
    traffic = report["traffic"]
    check(int(traffic["requests"]) > 500, f"too little traffic: {traffic}")
    check(int(traffic.get("failures", 0)) == 0, f"failed requests: {traffic}")


def test_evict_passes_without_a_failed_request(lab):
    _passes(lab, "evict")


def test_standby_passes_without_a_failed_request(lab):
    _passes(lab, "standby")


def test_the_dc_is_visited_last(lab):
    dc = lab.dc()
    report = lab.json("drill", "report")
    check(report["nodes"][-1]["node"] == dc, f"the DC {dc} was not last: {[v['node'] for v in report['nodes']]}")
