"""What an operator may get wrong, and what may be wrong underneath: one clear line each, the right exit code, nothing lost."""
from harness import check


def _one_line(result, code, *says):
    check(result.code == code, f"exit {result.code}, not {code}: {result}")
    lines = [line for line in result.err.splitlines() if line.strip()]
    check(len(lines) == 1, f"not one line: {result}")
    for text in says:
        check(text in lines[0], f"{text!r} is not in {lines[0]!r}")


def test_a_malformed_description(lab):
    good = lab.must("ops-01", "cat", "/root/cluster.yaml")
    for name, text, says in [
        ("unknown-key", good.replace("monitor_interval", "monitor_intervall"), ("monitor_intervall", "bad.yaml:8:5")),
        ("not-yaml", "a: [", ("bad.yaml:",)),
        ("no-version", good.replace("apiVersion: jettyfleet/v1\n", ""), ("apiVersion",)),
        ("bad-duration", good.replace("monitor_interval: 10s", "monitor_interval: soon"), ("monitor_interval",)),
    ]:
        lab.write("ops-01", "/root/bad.yaml", text)
        _one_line(lab.jettyfleet("apply", "-f", "/root/bad.yaml"), 2, *says)
    _one_line(lab.jettyfleet("apply", "-f", "/root/nowhere.yaml"), 2, "/root/nowhere.yaml")


def test_an_unknown_cluster_and_node(lab):
    _one_line(lab.jettyfleet("status", "nosuch"), 2, "nosuch", lab.name)
    _one_line(lab.jettyfleet("drill", "start", "--scenario", "evict", "--node", "node-99"), 2, "node-99", "node-01")
    _one_line(lab.jettyfleet("drill", "report", "d-nosuch"), 2, "d-nosuch")


def test_a_certificate_of_the_wrong_role(lab):
    lab.must("ops-01", "sh", "-c", "rm -rf /root/viewer /root/agent-cert")
    # An agent's certificate as a client's, and a viewer's for a mutation.
    pki = "/etc/jettyfleet/authority"
    lab.must("ops-01", "jettyfleet", "pki", "issue", "--dir", pki, "--role", "viewer", "--name", "eve", "--out", "/root/viewer")
    lab.must("ops-01", "jettyfleet", "pki", "issue", "--dir", pki, "--role", "agent", "--cluster", lab.name,
             "--name", "node-01", "--out", "/root/agent-cert")
    check(lab.jettyfleet("--certs", "/root/viewer", "status").code in (0, 1), "a viewer may look")
    _one_line(lab.jettyfleet("--certs", "/root/viewer", "drill", "start", "--scenario", "evict", "--detach"), 3, "viewer")
    _one_line(lab.jettyfleet("--certs", "/root/agent-cert", "status"), 3, "agent")


def test_an_unreachable_coordinator(lab):
    _one_line(lab.jettyfleet("--coordinator", "ops-01:9", "status"), 3, "ops-01:9")


def _with_pcs(lab, text, code_says):
    """Puts a pcs that misbehaves before the real one on every node for the length of one drill."""
    for node in lab.nodes:
        lab.write(node, "/run/broken-pcs", text)
        lab.must(node, "sh", "-c", "chmod 755 /run/broken-pcs && mount --bind /run/broken-pcs /usr/sbin/pcs")
    try:
        drill = lab.jettyfleet("drill", "start", "--scenario", "evict", "--lease", "40s", timeout=400)
        check(drill.code == 1, f"the drill should have failed: {drill}")
        report = lab.json("drill", "report")
        check(code_says in report.get("reason", ""), f"the reason does not say {code_says!r}: {report.get('reason')}")
    finally:
        for node in lab.nodes:
            lab.must(node, "umount", "/usr/sbin/pcs")


def test_a_pcs_that_fails(lab):
    _with_pcs(lab, "#!/bin/sh\necho 'Error: unable to get cib' >&2\nexit 1\n", "unable to get cib")


def test_a_pcs_that_prints_garbage_and_does_nothing(lab):
    _with_pcs(lab, "#!/bin/sh\nhead -c 100000 /dev/urandom\nexit 0\n", "")


def test_a_pcs_that_hangs(lab):
    _with_pcs(lab, "#!/bin/sh\nsleep 1000\n", "")


def test_a_full_disk_under_the_journal(lab):
    """The journal's disk fills up while a node is out: it still comes back, and the coordinator says what is wrong."""
    lab.must("ops-01", "sh", "-c", "systemctl stop jettyfleet-coordinator && mkdir -p /run/keep && "
             "cp -a /var/lib/jettyfleet-coordinator/. /run/keep/ && "
             "mount -t tmpfs -o size=8M,mode=0700 tmpfs /var/lib/jettyfleet-coordinator && "
             "cp -a /run/keep/. /var/lib/jettyfleet-coordinator/ && systemctl start jettyfleet-coordinator")
    try:
        lab.wait_until("the coordinator to be back", lambda: lab.jettyfleet("verify").code == 0, 60)
        drill = lab.drill_in_background("--scenario", "evict")
        lab.wait_for_step(drill, "LEAVE")
        lab.run("ops-01", "sh", "-c", "dd if=/dev/zero of=/var/lib/jettyfleet-coordinator/ballast bs=64k 2>/dev/null")
        lab.wait_until("every node to serve again", lambda: len(lab.serving()) == len(lab.nodes) and not [
            left for left in lab.leftovers() if left.startswith(("HAProxy", "CIB: <rsc_location", "CIB: <rule"))], 150)
        refused = lab.jettyfleet("apply", "-f", "/root/cluster.yaml")
        check("disk" in refused.err or "full" in refused.err or refused.code == 0, str(refused))
    finally:
        lab.must("ops-01", "sh", "-c", "rm -f /var/lib/jettyfleet-coordinator/ballast; "
                 "systemctl stop jettyfleet-coordinator; rm -rf /run/keep/*; "
                 "cp -a /var/lib/jettyfleet-coordinator/. /run/keep/; umount /var/lib/jettyfleet-coordinator; "
                 "cp -a /run/keep/. /var/lib/jettyfleet-coordinator/; systemctl start jettyfleet-coordinator")
    lab.wait_until("the coordinator to be back", lambda: lab.jettyfleet("status").code in (0, 1), 30)
