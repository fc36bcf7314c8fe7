"""Pacemaker and Corosync on the nodes: one cluster with a fence device that really cuts the power."""
import time

from . import machine, power
from .progress import say
from .shell import LabError

PASSWORD = "lab"
DAEMONS = ("pcsd.service", "corosync.service", "pacemaker.service")


def prepare(lab, node):
    root = lab.root(node)
    machine.run("chroot", str(root), "chpasswd", text=f"hacluster:{PASSWORD}\n")
    agent = root / "usr/sbin/fence_jettylab"
    agent.write_text(power.FENCE_AGENT)
    agent.chmod(0o755)
    # Debian ships a cluster of one node and starts it, which would be in the way.
    (root / "etc/corosync/corosync.conf").unlink(missing_ok=True)
    machine.disable(root, "corosync.service", "pacemaker.service")


def form(lab):
    """Makes the cluster and waits until it is whole: quorum, all online, the fence device started, idle."""
    first = lab.nodes[0]

    def pcs(*arguments, timeout=180):
        return machine.execute(lab, first, "pcs", *arguments, timeout=timeout)

    say("cluster: host auth and setup")
    pcs("host", "auth", "-u", "hacluster", "-p", PASSWORD, *lab.nodes)
    addresses = [word for node in lab.nodes for word in (node, f"addr={lab.address(node)}")]
    pcs("cluster", "setup", lab.name, *addresses, "--start", "--enable", "--wait=90")
    say("cluster: fence device")
    pcs("stonith", "create", "switch", "fence_jettylab", f"pcmk_host_list={' '.join(lab.nodes)}",
        "op", "monitor", "interval=60s")
    end = time.monotonic() + 60
    while not _whole(lab, first):
        if time.monotonic() > end:
            raise LabError(f"the cluster is not whole after 60 s; tests/lab/lab --name {lab.name} exec {first} pcs status")
        time.sleep(0.3)


def _whole(lab, node):
    status = machine.execute(lab, node, "crm_mon", "-1", "--output-as=xml", check=False).stdout
    dc = machine.execute(lab, node, "crmadmin", "-D", "--output-as=xml", check=False).stdout
    if 'with_quorum="true"' not in status or 'node_name="' not in dc:
        return False
    state = machine.execute(lab, node, "crmadmin", f"--status={dc.split('node_name=')[1].split(chr(34))[1]}",
                            "--output-as=xml", check=False).stdout
    started = 'resource_agent="stonith:fence_jettylab" role="Started"' in status
    return status.count('online="true"') == len(lab.nodes) and started and "S_IDLE" in state
