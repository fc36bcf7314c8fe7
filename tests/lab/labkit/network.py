"""A namespace for each host, and one that holds the bridge between them. Nothing of it reaches the machine's own network."""
from .shell import run


def connect(lab):
    run("ip", "netns", "add", lab.switch)
    run("ip", "-n", lab.switch, "link", "add", "br0", "type", "bridge")
    run("ip", "-n", lab.switch, "link", "set", "br0", "up")
    for host in lab.hosts:
        space, port = lab.machine(host), lab.port(host)
        run("ip", "netns", "add", space)
        run("ip", "link", "add", port, "netns", lab.switch, "type", "veth", "peer", "name", "eth0", "netns", space)
        run("ip", "-n", lab.switch, "link", "set", port, "master", "br0", "up")
        run("ip", "-n", space, "link", "set", "lo", "up")
        run("ip", "-n", space, "address", "add", f"{lab.address(host)}/24", "dev", "eth0")
        run("ip", "-n", space, "link", "set", "eth0", "up")


def set_port(lab, host, state):
    """`state`: up or down."""
    run("ip", "-n", lab.switch, "link", "set", lab.port(host), state)


def remove(lab):
    """Every namespace of this lab's name; their veths and bridge go with them."""
    for line in run("ip", "netns", "list").stdout.splitlines():
        space = line.split()[0] if line.split() else ""
        if space == lab.switch or any(space == f"jflab-{lab.name}-{host}" for host in _hosts_in(space, lab)):
            run("ip", "netns", "delete", space)


def _hosts_in(space, lab):
    prefix = f"jflab-{lab.name}-"
    rest = space[len(prefix):] if space.startswith(prefix) else ""
    # "jflab-a-b-node-01" belongs to lab "a-b", not to lab "a".
    return [rest] if rest.split("-")[0] in ("node", "lb", "ops") and rest.count("-") == 1 else []
