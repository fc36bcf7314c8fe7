"""Every check, seen to fire on the real thing when it is broken, and to clear when it is mended.

What a lab of containers cannot show stands in docs/operating.md: paths.node-local (no file server), paths.own-disk (no
udev), and cluster.time-service (the containers may not ask the kernel about its clock).
"""
import contextlib

from half_made import YAML
from harness import Failure, check

NODE, OTHER = "node-02", "node-03"
CHANGED = "/root/changed.yaml"
START_D = "/etc/jetty9/start.d"
WAR = "/var/lib/jetty9/webapps/counter.war"
HAPROXY = "/etc/haproxy/haproxy.cfg"
DROP_INS = "/run/systemd/system/jetty9.service.d"

YES, NO = "ANSWER_YES", "ANSWER_NO"


def _findings(lab):
    """By id; the lab has one resource."""
    return {finding["id"]: finding for finding in lab.json("check")["findings"]}


def _wait(lab, what, fits, seconds=40):
    last = {}

    def look():
        last.clear()
        last.update(_findings(lab))
        return fits(last)
    try:
        lab.wait_until(what, look, seconds)
    except Failure as failure:
        wrong = [f"{f['id']}: {f['passed']}: {f['summary']} {f['evidence']}" for f in last.values() if f["passed"] != YES]
        raise Failure(f"{failure}; not passed: " + "\n".join(wrong)) from None


def _fires(lab, wanted, broken, mended, nodes=None):
    """`wanted`: ids, with words of the summary or the evidence. With `nodes`, each is about exactly those."""
    def fits(findings):
        for name, words in wanted.items():
            finding = findings[name]
            text = finding["summary"] + " ".join(f"{one['host']} {one['value']}" for one in finding["evidence"])
            if finding["passed"] != NO or words not in text or nodes not in (None, finding["nodes"]):
                return False
            check(finding["remedy"], f"{name} says not what to do: {finding}")
        return True
    try:
        broken()
        _wait(lab, f"{', '.join(wanted)} to fire", fits)
    finally:
        mended()
    _wait(lab, f"{', '.join(wanted)} to clear", lambda findings: all(findings[name]["passed"] == YES for name in wanted))


def _sh(lab, host, script):
    return lambda: lab.must(host, "sh", "-c", script)


def _pcs(lab, *argv):
    return lambda: lab.must(lab.nodes[0], "pcs", *argv)


@contextlib.contextmanager
def _maintenance(lab):
    """What is done to Jetty meanwhile is nobody's failure."""
    lab.must(lab.nodes[0], "pcs", "property", "set", "maintenance-mode=true")
    try:
        yield
    finally:
        lab.wait_until("every node to serve", lambda: lab.serving() == lab.nodes, 60)
        lab.must(lab.nodes[0], "pcs", "property", "set", "maintenance-mode=false")


def _describe(lab, *changes):
    """Applies the description with texts replaced."""
    def do():
        text = lab.must("ops-01", "cat", YAML)
        for old, new in changes:
            check(old in text, f"{old!r} is not in {text}")
            text = text.replace(old, new)
        lab.write("ops-01", CHANGED, text)
        applied = lab.jettyfleet("apply", "-f", CHANGED, "--why", "lab test")
        check(applied.code == 0, str(applied))
    return do


def _described(lab):
    def undo():
        applied = lab.jettyfleet("apply", "-f", YAML, "--why", "lab test")
        check(applied.code == 0, str(applied))
    return undo


def _both(*steps):
    def do():
        for step in steps:
            step()
    return do


def test_a_healthy_cluster_has_no_fatal_finding(lab):
    findings = _findings(lab)
    fatal = [f for f in findings.values() if f["severity"] == "SEVERITY_FATAL" and f["passed"] != YES]
    check(not fatal, f"fatal on a healthy lab: {fatal}")
    markers = "find / -xdev -name 'jettyfleet-marker-*' 2>/dev/null; find /var/lib/jetty9 -name 'jettyfleet-marker-*'"
    for node in lab.nodes:
        left = lab.must(node, "sh", "-c", markers).strip()
        check(not left, f"markers are left on {node}: {left}")
    for form in ("text", "json", "junit"):
        done = lab.jettyfleet("check", "-o", form)
        check(done.code in (0, 1) and done.out.strip(), str(done))
    check(lab.jettyfleet("check", "--explain", "ports.bound").out.startswith("ports.bound"), "--explain explains nothing")


def test_checks_of_the_cluster(lab):
    _fires(lab, {"cluster.nodes": "in maintenance"}, _pcs(lab, "node", "maintenance", NODE),
           _pcs(lab, "node", "unmaintenance", NODE), [NODE])
    _fires(lab, {"cluster.maintenance": "maintenance-mode is true"},
           _pcs(lab, "property", "set", "maintenance-mode=true"), _pcs(lab, "property", "set", "maintenance-mode=false"))
    _fires(lab, {"cluster.leftovers": "cli-ban", "resource.instances": "2 of 3"},
           lambda: lab.must(lab.nodes[0], "pcs", "resource", "ban", "jetty-clone", NODE),
           _pcs(lab, "resource", "clear", "jetty-clone"))
    _fires(lab, {"cluster.daemons-at-boot": "corosync"}, _sh(lab, NODE, "systemctl disable -q corosync"),
           _sh(lab, NODE, "systemctl enable -q corosync"), [NODE])
    _fires(lab, {"cluster.agents": "no agent"}, _sh(lab, NODE, "systemctl stop jettyfleet-agent"),
           _sh(lab, NODE, "systemctl start jettyfleet-agent"), [NODE])
    _fires(lab, {"cluster.failures": "fail count"},
           _sh(lab, NODE, f"crm_resource --fail -r jetty -N {NODE}"),
           _both(lambda: lab.wait_until("the instance to be back", lambda: lab.serving() == lab.nodes, 60),
                 _pcs(lab, "resource", "cleanup", "jetty")))


def test_checks_of_quorum_and_the_ring(lab):
    """Fencing is off meanwhile, or the node that is cut off would be gone before anybody looks."""
    cut_off = next(node for node in reversed(lab.nodes) if node != lab.dc())
    table = ("nft -f - <<'END'\ntable inet cut {\n chain in { type filter hook input priority 0; udp dport 5405 drop; }\n"
             " chain out { type filter hook output priority 0; udp dport 5405 drop; }\n}\nEND")
    others = [node for node in lab.nodes if node != cut_off]

    def broken():
        lab.must(others[0], "pcs", "property", "set", "stonith-enabled=false")
        # Its own instance stays: it is the cluster that is looked at.
        lab.must(others[0], "pcs", "property", "set", "no-quorum-policy=ignore")
        lab.must(cut_off, "sh", "-c", table)

    def mended():
        lab.must(cut_off, "nft", "delete", "table", "inet", "cut")
        lab.wait_until("all to be together again", lambda: all(
            "Total votes:      3" in lab.run(node, "corosync-quorumtool", "-s").out for node in lab.nodes), 60)
        lab.wait_until("one DC", lambda: all(f"node {cut_off}: online" in " ".join(
            lab.run(node, "crm_mon", "-1", "--output-as=text").out.split()) or cut_off in lab.run(
                node, "crm_node", "-p").out for node in lab.nodes), 60)
        lab.must(others[0], "pcs", "property", "set", "no-quorum-policy=stop")
        lab.must(others[0], "pcs", "property", "set", "stonith-enabled=true")
    _fires(lab, {"cluster.one-dc": f"{cut_off} names {cut_off}", "cluster.ring": "does not reach",
                 "cluster.quorum-margin": "the next loss ends it", "cluster.fencing": "stonith-enabled is false",
                 "cluster.nodes": "offline"}, broken, mended)

    def stop_two():
        lab.must(lab.nodes[0], "pcs", "property", "set", "no-quorum-policy=ignore")
        for node in lab.nodes[1:]:
            lab.must(node, "pcs", "cluster", "stop", "--force")

    def start_two():
        for node in lab.nodes[1:]:
            lab.must(node, "pcs", "cluster", "start")
        lab.wait_until("quorum", lambda: "Quorate:          Yes" in lab.run("node-01", "corosync-quorumtool", "-s").out, 60)
        lab.wait_until("a DC", lambda: lab.run("node-01", "pcs", "property", "set", "no-quorum-policy=stop").code == 0, 60)
        lab.wait_until("every node to serve", lambda: lab.serving() == lab.nodes, 90)
    _fires(lab, {"cluster.quorum": ""}, stop_two, start_two)


def test_checks_of_clocks(lab):
    drop_in = "/run/systemd/system/jettyfleet-agent.service.d/skew.conf"
    _fires(lab, {"cluster.clocks": "30"},
           _sh(lab, NODE, f"mkdir -p $(dirname {drop_in}) && printf '[Service]\\nEnvironment=LD_PRELOAD="
               f"%s FAKETIME=+30s\\n' $(find /usr/lib -name libfaketimeMT.so.1) > {drop_in} && "
               "systemctl daemon-reload && systemctl restart jettyfleet-agent"),
           _sh(lab, NODE, f"rm {drop_in} && systemctl daemon-reload && systemctl restart jettyfleet-agent"), [NODE])


def test_checks_of_the_unit(lab):
    drop_in = f"{DROP_INS}/zz-lab.conf"

    def with_drop_in(setting, reload="systemctl daemon-reload"):
        return _sh(lab, NODE, f"mkdir -p {DROP_INS} && printf '[Service]\\n{setting}\\n' > {drop_in} && {reload}")
    without = _sh(lab, NODE, f"rm -f {drop_in} && systemctl daemon-reload")
    _fires(lab, {"unit.identical": "LimitNOFILE"}, with_drop_in("LimitNOFILE=1234"), without)
    _fires(lab, {"unit.restart": "Restart=always"}, with_drop_in("Restart=always"), without, [NODE])
    _fires(lab, {"unit.stop-timeout": "TimeoutStopSec=300s"}, with_drop_in("TimeoutStopSec=300"), without, [NODE])
    _fires(lab, {"unit.reloaded": "NeedDaemonReload=yes"}, with_drop_in("LimitNOFILE=1234", "true"), without, [NODE])
    _fires(lab, {"unit.enabled-at-boot": "UnitFileState=enabled"}, _sh(lab, NODE, "systemctl enable -q jetty9"),
           _sh(lab, NODE, "systemctl disable -q jetty9"), [NODE])
    timer = "/run/systemd/system/lab-starter.timer"
    _fires(lab, {"unit.started-by": "lab-starter.timer"},
           _sh(lab, NODE, f"printf '[Timer]\\nOnCalendar=2099-01-01\\nUnit=jetty9.service\\n' > {timer} && "
               "systemctl daemon-reload && systemctl start lab-starter.timer"),
           _sh(lab, NODE, f"systemctl stop lab-starter.timer; rm {timer} && systemctl daemon-reload"), [NODE])
    with _maintenance(lab):
        _fires(lab, {"unit.masked": "masked"}, _sh(lab, NODE, "systemctl mask -q --runtime jetty9"),
               _sh(lab, NODE, "systemctl unmask -q --runtime jetty9 && systemctl daemon-reload"), [NODE])
        unit = "/lib/systemd/system/jetty9.service"
        # systemd would make a unit of the init script.
        script = "/etc/init.d/jetty9"
        _fires(lab, {"unit.found": "not loaded"},
               _sh(lab, NODE, f"mv {unit} /root/ && mv {script} /root/init-jetty9 && systemctl daemon-reload"),
               _sh(lab, NODE, f"mv /root/jetty9.service {unit} && mv /root/init-jetty9 {script} && systemctl daemon-reload"),
               [NODE])


def test_checks_of_the_resource(lab):
    _fires(lab, {"resource.clone-settings": "clone-max is 2"}, _pcs(lab, "resource", "meta", "jetty-clone", "clone-max=2"),
           _pcs(lab, "resource", "meta", "jetty-clone", "clone-max=3"))
    _fires(lab, {"resource.clone-settings-on-clone": "clone-max=3 stands on the primitive"},
           _pcs(lab, "resource", "meta", "jetty", "clone-max=3"), _pcs(lab, "resource", "meta", "jetty", "clone-max="))
    _fires(lab, {"resource.monitor": "every 77s"}, _pcs(lab, "resource", "update", "jetty", "op", "monitor", "interval=77s"),
           _described(lab))
    _fires(lab, {"resource.healthy": "unmanaged"}, _pcs(lab, "resource", "unmanage", "jetty"),
           _pcs(lab, "resource", "manage", "jetty"))
    _fires(lab, {"resource.not-pinned": "score 50"},
           _pcs(lab, "constraint", "location", "jetty-clone", "prefers", f"{NODE}=50"),
           lambda: lab.must(lab.nodes[0], "pcs", "constraint", "delete", f"location-jetty-clone-{NODE}-50"))
    _fires(lab, {"resource.cloned": "is not cloned"}, _pcs(lab, "resource", "unclone", "jetty"), _described(lab))
    _fires(lab, {"resource.exists": "no resource runs"}, _pcs(lab, "resource", "delete", "jetty-clone"), _described(lab))


# The listener is taken from the living process, as a defect of the application would.
SHUT = """
import ctypes, os, re, socket, sys
pid = int(sys.argv[1])
inodes = set()
for name in ("tcp", "tcp6"):
    for line in open(f"/proc/net/{name}").readlines()[1:]:
        cells = line.split()
        if cells[1].endswith(":1F90") and cells[3] == "0A":
            inodes.add(cells[9])
process = os.pidfd_open(pid)
for entry in os.listdir(f"/proc/{pid}/fd"):
    try:
        target = os.readlink(f"/proc/{pid}/fd/{entry}")
    except OSError:
        continue
    if target[:8] == "socket:[" and target[8:-1] in inodes:
        socket.socket(fileno=ctypes.CDLL(None).syscall(438, process, int(entry), 0)).shutdown(socket.SHUT_RDWR)
"""
STRANGER = "import socket,time; s=socket.create_server(('0.0.0.0',8080)); time.sleep(600)"


def _restart_jetty(lab, *nodes):
    def do():
        for node in nodes:
            lab.must(node, "systemctl", "restart", "jetty9")
        lab.wait_until("Jetty to be back", lambda: lab.serving() == lab.nodes, 60)
    return do


def test_checks_of_ports(lab):
    pid = lab.must(NODE, "systemctl", "show", "-P", "MainPID", "jetty9").strip()
    with _maintenance(lab):
        _fires(lab, {"ports.bound": "NOT bound", "http.answers": ""}, lambda: lab.must(NODE, "python3", "-c", SHUT, pid),
               _restart_jetty(lab, NODE), [NODE])
        host = f"{START_D}/lab-host.ini"

        def listen_on(address, *nodes):
            def do():
                for node in nodes:
                    lab.write(node, host, f"jetty.http.host={address}\n")
                    lab.must(node, "systemctl", "restart", "jetty9")
            return do

        def listen_on_all(*nodes):
            return _both(*(_sh(lab, node, f"rm -f {host}") for node in nodes), _restart_jetty(lab, *nodes))
        _fires(lab, {"ports.loopback": "127.0.0.1", "ports.same-everywhere": "different", "routing.up": NODE,
                     "identity.configuration": "lab-host.ini"}, listen_on("127.0.0.1", NODE), listen_on_all(NODE))
        floating = "10.99.0.200"
        add = [_sh(lab, node, f"ip address add {floating}/32 dev lo") for node in (NODE, OTHER)]
        remove = [_sh(lab, node, f"ip address del {floating}/32 dev lo") for node in (NODE, OTHER)]
        _fires(lab, {"ports.own-address": floating}, _both(*add, listen_on(floating, NODE, OTHER)),
               _both(listen_on_all(NODE, OTHER), *remove), [NODE, OTHER])
    started = []

    def take_the_port():
        lab.must(lab.nodes[0], "pcs", "node", "standby", NODE, "--wait=60")
        started.append(lab.must(NODE, "sh", "-c", f'python3 -c "{STRANGER}" >/dev/null 2>&1 & echo $!').strip())

    def give_it_back():
        for process in started:
            lab.must(NODE, "kill", process)
        lab.must(lab.nodes[0], "pcs", "node", "unstandby", NODE, "--wait=60")
    _fires(lab, {"ports.stranger": "python3"}, take_the_port, give_it_back, [NODE])


def test_checks_of_http(lab):
    _fires(lab, {"http.answers": "404", "identity.archives": "none", "routing.up": NODE},
           _sh(lab, NODE, f"mv {WAR} /root/"), _sh(lab, NODE, f"cp -p /root/counter.war {WAR}.new && mv {WAR}.new {WAR}"))
    try:
        _describe(lab, ("status: 200,", "status: 200, body: '^node=',"))()
        # A page that says something else with the same status.
        page = f"python3 -c \"import zipfile; zipfile.ZipFile('{WAR}.new', 'w').writestr('index.jsp', 'sorry')\""
        _fires(lab, {"http.answers": "body was not found"},
               _sh(lab, NODE, f"cp -p {WAR} /root/ && {page} && mv {WAR}.new {WAR}"),
               _sh(lab, NODE, f"cp -p /root/counter.war {WAR}.new && mv {WAR}.new {WAR}"), [NODE])
    finally:
        _described(lab)()


def test_checks_of_paths(lab):
    _fires(lab, {"paths.writable": "/var/log/jetty9"}, _sh(lab, NODE, "chown root:root /var/log/jetty9"),
           _sh(lab, NODE, "chown jetty:adm /var/log/jetty9"), [NODE])
    _fires(lab, {"paths.space": "% free"},
           _sh(lab, NODE, "fallocate -l $(($(df --output=avail -B1 /var/lib/jetty9 | tail -1) - 500000)) /var/lib/jetty9/full"),
           _sh(lab, NODE, "rm /var/lib/jetty9/full"), [NODE])
    _fires(lab, {"paths.lasting": "overlay"}, _describe(lab, ("volatile: [/var/log/jetty9]", "volatile: [/srv/lab]")),
           _described(lab))
    shared = "/var/lib/jettyfleet-power/lab-shared"
    place = "/var/lib/jetty9/lab-data"
    describe = _describe(lab, ("volatile: [/var/log/jetty9]", f"volatile: [/var/log/jetty9], local: [{place}]"))
    for node in lab.nodes:
        lab.must(node, "sh", "-c", f"install -d -o jetty {place}")
    try:
        describe()
        _fires(lab, {"paths.proven": f"{place}: shows the marker of"},
               _both(*(_sh(lab, node, f"install -d -o jetty {shared} && mount --bind {shared} {place}")
                       for node in (NODE, OTHER))),
               _both(*(_sh(lab, node, f"umount {place}") for node in (NODE, OTHER))), [NODE, OTHER])
        _fires(lab, {"paths.shared": "shows the markers of 0 of the 2"},
               _describe(lab, ("volatile: [/var/log/jetty9]", f"volatile: [/var/log/jetty9], shared: [{place}]")), describe)
    finally:
        _described(lab)()
        for node in lab.nodes:
            lab.run(node, "sh", "-c", f"rmdir {place}; rmdir {shared} 2>/dev/null")


def test_checks_of_identity(lab):
    stale = "python3 -c \"import shutil,zipfile; shutil.copy2('/root/kept.war', '/root/stale.war'); " \
            "zipfile.ZipFile('/root/stale.war', 'a').writestr('old.txt', 'the old one')\""
    _fires(lab, {"identity.archives": "counter.war"},
           _sh(lab, NODE, f"cp -p {WAR} /root/kept.war && {stale} && cp -p /root/stale.war {WAR}.new && mv {WAR}.new {WAR}"),
           _sh(lab, NODE, f"cp -p /root/kept.war {WAR}.new && mv {WAR}.new {WAR}"))
    lab.wait_until("the application to be deployed again", lambda: lab.serving() == lab.nodes, 60)
    ini = "/etc/jetty9/start.ini"
    _fires(lab, {"identity.configuration": "start.ini"},
           _sh(lab, NODE, f"cp -p {ini} /root/kept.ini && echo jetty.http.idleTimeout=12345 >> {ini}"),
           _sh(lab, NODE, f"cp -p /root/kept.ini {ini}"))

    def diff():
        lab.must(NODE, "sh", "-c", f"cp -p {ini} /root/kept.ini && printf 'jetty.http.idleTimeout=12345\\n"
                 "jetty.keystore.password=geheim\\n' >> /etc/jetty9/start.ini")
        out = lab.jettyfleet("check", "--diff").out
        check("+jetty.http.idleTimeout=12345" in out.replace("-jetty", "+jetty"), f"no difference is shown: {out}")
        check("geheim" not in out, f"a secret is shown: {out}")
    _fires(lab, {"identity.configuration": "start.ini"}, diff, _sh(lab, NODE, f"cp -p /root/kept.ini {ini}"))
    release = "$(dirname $(dirname $(readlink -f /usr/bin/java)))/release"
    _fires(lab, {"identity.java": "different"},
           _sh(lab, NODE, f"sed 's/^JAVA_VERSION=.*/JAVA_VERSION=\"11.0.1\"/' {release} > /root/release && "
               f"mount --bind /root/release {release}"), _sh(lab, NODE, f"umount {release}"))
    _fires(lab, {"identity.packages": "pcs"}, _sh(lab, NODE, "cp -p /var/lib/dpkg/status /root/kept.status && "
           "sed -i '/^Package: pcs$/,/^$/s/^Version: .*/Version: 0.0.1/' /var/lib/dpkg/status"),
           _sh(lab, NODE, "cp -p /root/kept.status /var/lib/dpkg/status"))
    _fires(lab, {"identity.kernel": "different"},
           _sh(lab, NODE, "cp -p /usr/lib/os-release /root/kept.os && sed -i 's/^PRETTY_NAME=.*/PRETTY_NAME=\"Lab 1\"/' "
               "/usr/lib/os-release"), _sh(lab, NODE, "cp -p /root/kept.os /usr/lib/os-release"))
    word = "    min_serving:"

    def attest(date):
        return _describe(lab, (word, f"    parallel_safe: {{by: lab test, date: {date}, evidence: its counter counts}}\n{word}"))
    today = lab.must("ops-01", "date", "-u", "+%F").strip()
    try:
        _fires(lab, {"identity.parallel-safe": "archives are newer"}, attest("2020-01-01"), attest(today))
    finally:
        _described(lab)()


def test_a_jetty_of_another_version(lab):
    rename = "cd /usr/share/jetty9/lib && for f in $(ls | grep '{0}'); do mv $f $(echo $f | sed 's/{0}/{1}/'); done"
    old = "9.4.11"
    kept = lab.must(NODE, "sh", "-c", "ls /usr/share/jetty9/lib | grep -o '9\\.4\\.[0-9]*' | sort -u | head -1").strip()
    check(kept, "jetty.home/lib names no version")
    _fires(lab, {"identity.jetty": "different"}, _sh(lab, NODE, rename.format(kept, old)),
           _sh(lab, NODE, rename.format(old, kept)))


def test_checks_of_sessions(lab):
    worker = f"{START_D}/worker-name.ini"
    _fires(lab, {"sessions.worker-names": "as on"},
           _sh(lab, NODE, f"cp -p {worker} /root/kept.ini && sed -i 's/{NODE}/{OTHER}/' {worker}"),
           _sh(lab, NODE, f"cp -p /root/kept.ini {worker}"))
    store = f"{START_D}/lab-store.ini"

    def configure(text, *nodes):
        return _both(*(lambda node=node: lab.write(node, store, text) for node in nodes))

    def unconfigure(*nodes):
        return _both(*(_sh(lab, node, f"rm -f {store}") for node in nodes))
    jdbc = "--module=session-store-jdbc\ndb-connection-type=driver\n" \
           "jetty.session.jdbc.driverUrl=jdbc:postgresql://ops-01:7411/sessions\n"
    _fires(lab, {"sessions.mode": "store file"}, configure("--module=session-store-file\n", NODE), unconfigure(NODE), [NODE])
    no_sessions = ("    sessions: {affinity: cookie, cookie: JFSRV, store: memory, cache_null: false}\n", "")
    describe = _describe(lab, no_sessions)
    _fires(lab, {"sessions.declared": "does not say", "sessions.login-loop": "login loops"}, describe, _described(lab))
    try:
        describe()
        every = lab.nodes
        _fires(lab, {"sessions.stale-copies": "cache default"}, configure(jdbc, *every),
               configure(jdbc + "--module=session-cache-null\n", *every))
        _fires(lab, {"sessions.flushed": "flushOnResponseCommit=not set"}, lambda: None,
               configure(jdbc + "--module=session-cache-null\njetty.session.flushOnResponseCommit=true\n", *every))
        cut = "nft -f - <<'END'\ntable inet cut { chain out { type filter hook output priority 0; tcp dport 7411 " \
              "ip daddr != 127.0.0.1 meta skuid 0 ct state new drop; }; }\nEND"
        _fires(lab, {"sessions.store-reachable": "ops-01:7411"}, _sh(lab, NODE, cut),
               _sh(lab, NODE, "nft delete table inet cut"), [NODE])
        _fires(lab, {"sessions.file-store": "no affinity"}, configure("--module=session-store-file\n", *every),
               unconfigure(*every))
        _fires(lab, {"sessions.second-level": "memcached"}, configure("--module=session-store-cache\n", *every),
               unconfigure(*every))
    finally:
        unconfigure(*lab.nodes)()
        _described(lab)()


def test_checks_of_routing(lab):
    balancer = lab.load_balancers[0]

    def haproxy(change):
        return _sh(lab, balancer, f"cp -p {HAPROXY} /root/kept.cfg && {change} {HAPROXY} && systemctl reload haproxy")
    back = _sh(lab, balancer, f"cp -p /root/kept.cfg {HAPROXY} && systemctl reload haproxy")

    def ask(command):
        return _sh(lab, balancer, f"echo '{command}' | socat - /run/haproxy/admin.sock")
    _fires(lab, {"sessions.affinity": "lost"}, haproxy("sed -i '/cookie JFSRV/d'"), back)
    _fires(lab, {"routing.servers": "belongs to no described node"},
           haproxy("sed -i '$ a \\    server stranger 127.0.0.1:9 cookie stranger'"), back)
    _fires(lab, {"routing.own-checks": "L4OK"}, haproxy("sed -i '/option httpchk/d'"), back)
    _fires(lab, {"routing.servers": NODE, "routing.reach": NODE}, haproxy(f"sed -i '/server {NODE}/d'"), back)
    _fires(lab, {"routing.left-out": "is in drain"}, ask(f"set server jetty/{NODE} state drain"),
           ask(f"set server jetty/{NODE} state ready"))
    addresses = {node: f"10.99.0.1{index + 1}" for index, node in enumerate(lab.nodes)}
    named = "addresses: {" + ", ".join(f"{node}: {address}" for node, address in addresses.items()) + "}\nload_balancers:"
    try:
        _describe(lab, ("load_balancers:", named))()
        _fires(lab, {"routing.addresses": f"is {OTHER}'s address"},
               ask(f"set server jetty/{NODE} addr {addresses[OTHER]} port 8080"),
               ask(f"set server jetty/{NODE} addr {addresses[NODE]} port 8080"))
    finally:
        _described(lab)()


def test_checks_of_the_description(lab):
    silenced = "checks:\n  - {id: resource.monitor, reason: lab test, until: 2099-01-01}\nload_balancers:"
    over = "checks:\n  - {id: resource.monitor, reason: lab test, until: 2020-01-01}\nload_balancers:"
    _fires(lab, {"description.checks": "over since 2020-01-01"}, _describe(lab, ("load_balancers:", over)), _described(lab))
    try:
        _describe(lab, ("load_balancers:", silenced))()
        lab.must(lab.nodes[0], "pcs", "resource", "update", "jetty", "op", "monitor", "interval=77s")
        _wait(lab, "the silenced finding to be listed", lambda findings: findings["resource.monitor"]["passed"] == NO
              and findings["resource.monitor"]["silenced"] and findings["resource.monitor"]["silenceReason"] == "lab test")
    finally:
        _described(lab)()
