"""Booting, entering and killing the hosts' containers."""
import os
import pathlib
import signal
import subprocess
import time

from . import control_group
from .progress import say
from .shell import LabError, run

INOTIFY_INSTANCES = 1024
# Where the nodes see the directory of the lab's session files; within what the unit of Jetty may write to.
SESSION_FILES = "/var/lib/jetty9/sessions"


def prepare(lab, host, lower):
    """The host's overlay on the shared root file system, mounted, and what every host has."""
    folder, root = lab.folder(host), lab.root(host)
    for part in ("upper", "work", "root"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    run("mount", "-t", "overlay", "overlay", "-o",
        f"lowerdir={lower},upperdir={folder}/upper,workdir={folder}/work", str(root))
    (root / "etc/resolv.conf").unlink(missing_ok=True)
    (root / "etc/hostname").write_text(host + "\n")
    (root / "etc/hosts").write_text("127.0.0.1 localhost\n" + "".join(
        f"{lab.address(other)} {other}\n" for other in lab.hosts))
    (root / "etc/machine-id").write_text("")


def make_room():
    """Every booted container takes some of the machine's inotify instances, of which the kernel allows 128 by default;
    without one its init ends with "Too many open files"."""
    limit = pathlib.Path("/proc/sys/fs/inotify/max_user_instances")
    if int(limit.read_text()) < INOTIFY_INSTANCES:
        say(f"{limit}: {limit.read_text().strip()} is too few for several labs; setting {INOTIFY_INSTANCES} until the next boot")
        limit.write_text(str(INOTIFY_INSTANCES))


def disable(root, *units):
    for unit in units:
        run("systemctl", f"--root={root}", "disable", "-q", unit, check=False)


def enable(root, *units):
    run("systemctl", f"--root={root}", "enable", "-q", *units)


def boot(lab, host):
    """Power on. Returns when the container's init exists, not when it has booted."""
    if init(lab, host):
        return
    console = open(lab.folder(host) / "console.log", "a", encoding="utf-8")
    process = subprocess.Popen(
        ["systemd-nspawn", "--register=no", "--keep-unit", "-q", "-D", str(lab.root(host)), "-M", lab.machine(host),
         f"--hostname={host}", f"--network-namespace-path=/run/netns/{lab.machine(host)}",
         # Kept by itself only with --private-network; the agent drops packets with nft.
         "--capability=CAP_NET_ADMIN",
         f"--bind={lab.power}:/var/lib/jettyfleet-power", *_shared_sessions(lab, host), "--boot"],
        stdin=subprocess.DEVNULL, stdout=console, stderr=console, start_new_session=True,
        preexec_fn=lambda: control_group.enter(lab.machine(host)))
    end = time.monotonic() + 20
    while not init(lab, host):
        if process.poll() is not None or time.monotonic() > end:
            said = (lab.folder(host) / "console.log").read_text(errors="replace").strip().splitlines()
            raise LabError(f"{host} did not boot: {said[-1] if said else 'it said nothing'} "
                           f"({lab.folder(host)}/console.log)")
        time.sleep(0.02)


def _shared_sessions(lab, host):
    if lab.settings.sessions != "file" or host not in lab.nodes:
        return []
    return [f"--bind={lab.sessions}:{SESSION_FILES}"]


def containers(lab, host):
    """Process ids of systemd-nspawn for this very host of this very lab."""
    found = []
    for entry in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            argv = entry.read_bytes().split(b"\0")
        except OSError:
            continue
        if argv[0].endswith(b"systemd-nspawn") and lab.machine(host).encode() in argv:
            found.append(int(entry.parent.name))
    return found


def init(lab, host):
    """The process id of the container's init as seen on this machine, or None."""
    for container in containers(lab, host):
        try:
            children = pathlib.Path(f"/proc/{container}/task/{container}/children").read_text().split()
        except OSError:
            continue
        for child in children:
            try:
                if pathlib.Path(f"/proc/{child}/comm").read_text().strip() in ("systemd", "init"):
                    return int(child)
            except OSError:
                continue
    return None


def kill(lab, host):
    """Power cut: SIGKILL for its init, and for systemd-nspawn should it not notice."""
    pid = init(lab, host)
    if pid:
        _signal(pid)
    end = time.monotonic() + 10
    while containers(lab, host):
        if time.monotonic() > end:
            for container in containers(lab, host):
                _signal(container)
        time.sleep(0.02)
        if time.monotonic() > end + 10:
            raise LabError(f"the container of {host} does not end")


def _signal(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def enter(lab, host, command):
    """argv that runs `command` inside the host."""
    pid = init(lab, host)
    if not pid:
        raise LabError(f"{host} is switched off; tests/lab/lab --name {lab.name} boot {host}")
    return ["nsenter", "-t", str(pid), "-m", "-u", "-i", "-n", "-p", "-C", "--", "env", "-i",
            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LC_ALL=C.UTF-8",
            f"TERM={os.environ.get('TERM', 'dumb')}", *command]


def execute(lab, host, *command, check=True, text=None, timeout=300):
    return run(*enter(lab, host, command), check=check, text=text, timeout=timeout)


def wait_booted(lab, host, seconds=60):
    end = time.monotonic() + seconds
    while True:
        if init(lab, host):
            state = execute(lab, host, "systemctl", "is-system-running", check=False).stdout.strip()
            if state in ("running", "degraded"):
                return
        if time.monotonic() > end:
            raise LabError(f"{host} has not booted within {seconds} s; see {lab.folder(host)}/console.log")
        time.sleep(0.2)
