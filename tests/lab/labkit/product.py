"""Installs jettyfleet on the lab's hosts, as a site would: programs, units, certificates, settings."""
import shutil

from . import balancer, layout, machine
from .progress import say
from .shell import LabError, run

PROGRAMS = {"jettyfleet-agent": "agent", "jettyfleet-stager": "agent/archive", "jettyfleet-inspect": "agent/inspect",
            "jettyfleet-coordinator": "coordinator", "jettyfleet": "client"}
PORT = 7411
# The certificate authority stays on the operator's host.
AUTHORITY = "/etc/jettyfleet/authority"

DESCRIPTION = """\
# What `jettyfleet apply -f cluster.yaml` makes of this cluster.
apiVersion: jettyfleet/v1
kind: Cluster
cluster: {cluster}
resources:
  - name: jetty
    unit: jetty9
    monitor_interval: 10s
    clone: {{node_max: 1}}
    ports: [8080]
    health: {{port: 8080, path: /counter/, status: 200, timeout: 2s, version: "version=([0-9.]+)"}}
    identity: {{archives: [/var/lib/jetty9/webapps/counter.war]}}
    min_serving: {min_serving}
    paths: {{volatile: [/var/log/jetty9]{shared}}}
    sessions: {{affinity: cookie, cookie: {cookie}, store: {store}, cache_null: {cache_null}}}
load_balancers:
{load_balancers}traffic:
  url: http://lb-01/counter/
  requests_per_second: 50
  virtual_users: 20
  timeout: 5s
  counter_pattern: 'count=([0-9]+)'
  node_pattern: 'node=([A-Za-z0-9-]+)'
"""
LOAD_BALANCER = """\
  - host: {host}
    resource: jetty
    backend: jetty
    servers: {{{servers}}}
"""


def install(lab, folder=None):
    programs = _find(folder)
    say(f"jettyfleet: programs on {len(lab.hosts)} hosts")
    for host in lab.hosts:
        _copy(lab, host, programs)
    say("jettyfleet: certificates and settings")
    _authority(lab)
    for host in lab.nodes:
        _certificate(lab, host, "/etc/jettyfleet/pki", "--role", "agent", "--cluster", lab.name, "--name", host)
        _write(lab, host, "/etc/jettyfleet/agent.conf",
               f'coordinator = "ops-01:{PORT}"\nnode = "{host}"\ncluster = "{lab.name}"\nkind = "node"\n')
    for host in lab.load_balancers:
        _certificate(lab, host, "/etc/jettyfleet/pki", "--role", "lb", "--name", host)
        _write(lab, host, "/etc/jettyfleet/agent.conf", f'coordinator = "ops-01:{PORT}"\nnode = "{host}"\nkind = "lb"\n'
               'haproxy-socket = "/run/haproxy/admin.sock"\n')
    _certificate(lab, "ops-01", "/etc/jettyfleet/pki", "--role", "coordinator")
    _write(lab, "ops-01", "/etc/jettyfleet/coordinator.conf", f'listen = "0.0.0.0:{PORT}"\nhost = "ops-01"\n')
    _certificate(lab, "ops-01", "/root/.config/jettyfleet", "--role", "operator", "--name", "admin")
    _write(lab, "ops-01", "/root/cluster.yaml", _description(lab))
    say("jettyfleet: starting the coordinator and the agents")
    _start(lab, "ops-01", "jettyfleet-coordinator.service")
    for host in [*lab.nodes, *lab.load_balancers]:
        machine.execute(lab, host, "systemctl", "enable", "-q", "jettyfleet-sweep.service")
        _start(lab, host, "jettyfleet-agent.service")


def _description(lab):
    servers = ", ".join(f"{node}: {node}" for node in lab.nodes)
    return DESCRIPTION.format(
        cluster=lab.name, min_serving=max(1, len(lab.nodes) - 1), cookie=balancer.COOKIE, store=lab.settings.sessions,
        shared=f", shared: [{machine.SESSION_FILES}]" if lab.settings.sessions == "file" else "",
        cache_null="true" if lab.settings.session_cache == "null" else "false",
        load_balancers="".join(LOAD_BALANCER.format(host=host, servers=servers) for host in lab.load_balancers))


def _find(folder):
    found = {}
    for program, package in PROGRAMS.items():
        path = layout.pathlib.Path(folder) / program if folder else layout.REPOSITORY / "bazel-bin" / package / program
        if not path.is_file():
            raise LabError(f"{path} is not there; scripts/build")
        found[program] = path
    return found


def _copy(lab, host, programs):
    root = lab.root(host)
    for program, path in programs.items():
        half = root / "usr/bin" / f".{program}.new"
        shutil.copyfile(path, half)
        half.chmod(0o755)
        half.rename(root / "usr/bin" / program)
    for unit in (layout.REPOSITORY / "deploy").glob("*.service"):
        shutil.copyfile(unit, root / "etc/systemd/system" / unit.name)
    machine.execute(lab, host, "systemctl", "daemon-reload")


def _authority(lab):
    if machine.execute(lab, "ops-01", "test", "-e", f"{AUTHORITY}/ca.pem", check=False).returncode != 0:
        machine.execute(lab, "ops-01", "mkdir", "-p", "/etc/jettyfleet")
        machine.execute(lab, "ops-01", "jettyfleet", "pki", "init", "--dir", AUTHORITY, "--fleet", "lab")


def _certificate(lab, host, place, *identity):
    """Issues a certificate on ops-01 and carries it to the host; an existing one is kept."""
    if machine.execute(lab, host, "test", "-e", f"{place}/cert.pem", check=False).returncode == 0:
        return
    issued = f"/run/issued-{host}"
    run_on_ops = lambda *argv: machine.execute(lab, "ops-01", *argv)  # noqa: E731
    run_on_ops("rm", "-rf", issued)
    run_on_ops("jettyfleet", "pki", "issue", "--dir", AUTHORITY, *identity, "--out", issued)
    machine.execute(lab, host, "mkdir", "-p", "-m", "0700", place)
    for name in ("ca.pem", "cert.pem", "key.pem"):
        text = run_on_ops("cat", f"{issued}/{name}").stdout
        machine.execute(lab, host, "sh", "-c", f"umask 077 && cat > {place}/{name}", text=text)
    run_on_ops("rm", "-rf", issued)


def _write(lab, host, path, text):
    machine.execute(lab, host, "sh", "-c", f"mkdir -p $(dirname {path}) && cat > {path}", text=text)


def _start(lab, host, unit):
    machine.execute(lab, host, "systemctl", "enable", "-q", unit)
    done = machine.execute(lab, host, "systemctl", "restart", unit, check=False)
    if done.returncode != 0:
        log = machine.execute(lab, host, "journalctl", "-u", unit, "-n", "3", "-o", "cat", "--no-pager", check=False)
        raise LabError(f"{unit} does not start on {host}: {' | '.join(log.stdout.strip().splitlines())}")
