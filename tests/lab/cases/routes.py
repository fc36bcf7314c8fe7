"""The load balancers, by hand: a node out and back on a lease, what others did to a server, HAProxy reloaded and
restarted, traffic shifted onto a node that comes back. With one load balancer and with more: all are kept the same."""
import contextlib
import time

from half_made import YAML
from harness import check
from killers import check_all_dead, kill_everything_of_ours, start_everything_of_ours

NODE = "node-02"
SAFE = "/root/parallel-safe.yaml"


def _ask_haproxy(lab, balancer, command):
    return lab.must(balancer, "sh", "-c", f"echo '{command}' | socat - /run/haproxy/admin.sock")


def _status(lab, balancer, node=NODE):
    for line in _ask_haproxy(lab, balancer, "show stat").splitlines():
        cells = line.split(",")
        if cells[0] == "jetty" and cells[1] == node:
            return cells[17]
    check(False, f"{balancer} knows no {node}")


def _statuses(lab):
    return [_status(lab, balancer) for balancer in lab.load_balancers]


def _everywhere(lab, status):
    return [status] * len(lab.load_balancers)


def _answered_by(lab, balancer, requests=20):
    """The nodes that answer clients without a cookie."""
    bodies = lab.must("ops-01", "sh", "-c", f"for i in $(seq {requests}); do curl -sf -m 5 http://{balancer}/counter/; done")
    return {node for node in lab.nodes if f"node={node}" in bodies}


@contextlib.contextmanager
def _drained(lab, *options):
    out = lab.jettyfleet("route", "drain", NODE, "--why", "lab test", "--deadline", "1s", *options)
    check(out.code == 0, str(out))
    try:
        yield out
    finally:
        lab.jettyfleet("route", "restore", NODE, "--why", "lab test")


def test_a_drained_node_gets_no_traffic_and_comes_back(lab):
    with _drained(lab):
        check(_statuses(lab) == _everywhere(lab, "MAINT"), f"not out everywhere: {_statuses(lab)}")
        for balancer in lab.load_balancers:
            others = set(lab.nodes) - {NODE}
            check(_answered_by(lab, balancer) == others, f"{balancer}: answered by {_answered_by(lab, balancer)}")
        show = lab.jettyfleet("route", "show")
        check("maint" in show.out and "state until" in show.out, f"route show names no lease: {show}")
        back = lab.jettyfleet("route", "restore", NODE, "--why", "lab test")
        check(back.code == 0, str(back))
    check(_statuses(lab) == _everywhere(lab, "UP"), f"not back everywhere: {_statuses(lab)}")
    for balancer in lab.load_balancers:
        check(_answered_by(lab, balancer) == set(lab.nodes), f"{balancer}: answered by {_answered_by(lab, balancer)}")


def test_what_somebody_did_to_one_load_balancer_is_shown_and_mended(lab):
    odd = lab.load_balancers[-1]
    _ask_haproxy(lab, odd, f"set server jetty/{NODE} state drain")
    try:
        lab.wait_until("route show to disagree", lambda: lab.jettyfleet("route", "show").code == 1, 30)
        show = lab.jettyfleet("route", "show")
        check("no lease of ours holds it" in show.out, str(show))
        if len(lab.load_balancers) > 1:
            check("differs between load balancers" in show.out, str(show))
        mended = lab.jettyfleet("route", "apply", "--why", "lab test", "--take-over")
        check(mended.code == 0 and _status(lab, odd) == "UP", f"{_status(lab, odd)}: {mended}")
    finally:
        _ask_haproxy(lab, odd, f"set server jetty/{NODE} state ready")


def test_a_drained_server_stays_out_over_a_reload_and_a_restart_of_haproxy(lab):
    with _drained(lab, "--lease", "5m"):
        for act in ("reload", "restart"):
            for balancer in lab.load_balancers:
                lab.must(balancer, "systemctl", act, "haproxy")
            lab.wait_until("HAProxy to answer", lambda: all(
                lab.run(balancer, "curl", "-s", "-o", "/dev/null", "-m", "2", "http://127.0.0.1/counter/").code == 0
                for balancer in lab.load_balancers), 30)
            check(_statuses(lab) == _everywhere(lab, "MAINT"), f"after the {act}: {_statuses(lab)}")
    check(_statuses(lab) == _everywhere(lab, "UP"), f"not back everywhere: {_statuses(lab)}")


def test_a_lease_ends_over_a_restart_of_haproxy_with_all_of_ours_dead(lab):
    with _drained(lab, "--lease", "40s"):
        drained = time.time()
        kill_everything_of_ours(lab)
        try:
            check_all_dead(lab)
            for balancer in lab.load_balancers:
                lab.must(balancer, "systemctl", "restart", "haproxy")
            lab.wait_until("every server to be up again", lambda: _statuses(lab) == _everywhere(lab, "UP"), 90)
            check(time.time() - drained > 20, "it was up before its lease ended")
            check_all_dead(lab)
        finally:
            start_everything_of_ours(lab)


def test_traffic_is_shifted_onto_a_node_that_comes_back(lab):
    text = lab.must("ops-01", "cat", YAML)
    lab.write("ops-01", SAFE, text.replace(
        "    min_serving:", "    parallel_safe: {by: lab test, date: 2026-11-01, evidence: its counter counts}\n    min_serving:"))
    try:
        check(lab.jettyfleet("apply", "-f", SAFE, "--why", "lab test").code == 0, "the description was not taken")
        with _drained(lab):
            shift = lab.jettyfleet("route", "shift", NODE, "--why", "lab test", "--steps", "25,100", "--hold", "6s")
            check(shift.code == 0, str(shift))
            check(_statuses(lab) == _everywhere(lab, "UP"), f"not in everywhere: {_statuses(lab)}")
    finally:
        check(lab.jettyfleet("apply", "-f", YAML, "--why", "lab test").code == 0, "the description was not taken back")


def test_traffic_is_not_shifted_without_an_attestation(lab):
    with _drained(lab):
        shift = lab.jettyfleet("route", "shift", NODE, "--why", "lab test")
        check(shift.code == 4 and "parallel_safe" in shift.err, str(shift))
