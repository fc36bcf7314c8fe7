"""What each command of `lab` does, out of the parts beside this file."""
import fcntl
import subprocess

from . import balancer, cleanup, cluster, database, image, jetty, machine, network, power, product
from .progress import say
from .shell import LabError, run as run_host


def run(lab, arguments):
    verb = arguments.verb
    if verb == "image":
        image.make(lab.settings)
        return 0
    if verb == "exec":
        return execute(lab, arguments.host, arguments.command)
    if verb == "status":
        return status(lab)
    with _Lock(lab):
        if verb == "up":
            return up(lab)
        if verb == "down":
            return down(lab)
        lab.require(getattr(arguments, "host", None))
        if verb == "install":
            product.install(lab, arguments.bin)
        elif verb in ("partition", "heal"):
            network.set_port(lab, arguments.host, "down" if verb == "partition" else "up")
        elif verb == "crash":
            machine.kill(lab, arguments.host)
        elif verb == "boot":
            machine.boot(lab, arguments.host)
    return 0


class _Lock:
    """One command at a time changes a lab. Crash and boot of the power switch do not take it: fencing must not wait."""

    def __init__(self, lab):
        self._lab = lab

    def __enter__(self):
        self._lab.state.mkdir(parents=True, exist_ok=True)
        self._file = open(self._lab.state / "lock", "w", encoding="utf-8")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LabError("another command is changing this lab; wait for its end") from None

    def __exit__(self, *unused):
        self._file.close()


def up(lab):
    cleanup.everything(lab)
    machine.make_room()
    lower = image.make(lab.settings)
    lab.save()
    lab.power.mkdir()
    jetty.share(lab, lower)
    say(f"hosts: {', '.join(lab.hosts)}")
    network.connect(lab)
    for host in lab.hosts:
        machine.prepare(lab, host, lower)
        root = lab.root(host)
        if host in lab.nodes:
            cluster.prepare(lab, host)
            jetty.prepare(lab, host)
        else:
            machine.disable(root, "jetty9.service", "jetty9.timer", *cluster.DAEMONS)
        if host in lab.load_balancers:
            balancer.prepare(lab, host)
        else:
            machine.disable(root, "haproxy.service")
        if lab.settings.sessions == "jdbc":
            database.prepare(lab, host)
        machine.boot(lab, host)
    power.start(lab)
    for host in lab.hosts:
        machine.wait_booted(lab, host)
    say("hosts: booted")
    if lab.settings.sessions == "jdbc":
        database.create(lab)
    cluster.form(lab)
    say(f"up: cluster {lab.name} of {len(lab.nodes)} nodes, with quorum, fencing and no resource yet")
    return 0


def down(lab):
    cleanup.everything(lab)
    (lab.state / "lock").unlink()
    lab.state.rmdir()
    say(f"down: nothing of lab {lab.name} is left")
    return 0


def execute(lab, host, command):
    lab.require(host)
    if command[:1] == ["--"]:
        command = command[1:]
    if not command:
        raise LabError("exec: which command?")
    # The caller's terminal and signals go straight to the command.
    return subprocess.call(machine.enter(lab, host, command))


def status(lab):
    lab.require()
    print(f"{'HOST':<9} {'ADDRESS':<12} {'POWER':<6} {'CLUSTER':<14} {'JETTY':<10} JETTYFLEET")
    for host in lab.hosts:
        powered = machine.init(lab, host) is not None
        member = jetty_state = ours = "-"
        if powered:
            unit = "jettyfleet-coordinator" if host == "ops-01" else "jettyfleet-agent"
            ours = machine.execute(lab, host, "systemctl", "is-active", unit, check=False).stdout.strip()
        if powered and host in lab.nodes:
            jetty_state = machine.execute(lab, host, "systemctl", "is-active", "jetty9", check=False).stdout.strip()
            quorum = machine.execute(lab, host, "crm_node", "-q", check=False).stdout.strip()
            member = {"1": "with quorum", "0": "no quorum"}.get(quorum, "unknown")
        print(f"{host:<9} {lab.address(host):<12} {'on' if powered else 'off':<6} {member:<14} {jetty_state:<10} {ours}")
    port = run_host("ip", "-n", lab.switch, "-brief", "link", check=False).stdout
    for line in port.splitlines():
        for host in lab.hosts:
            if line.startswith(f"{lab.port(host)}@") and " DOWN " in f" {line} ":
                print(f"{host} is cut off from the network (lab heal {host})")
    return 0
