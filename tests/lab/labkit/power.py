"""The power switch: a process on this machine that cuts and gives power to nodes when a node's fence agent asks.

A request is a file in the lab's power folder, which is bound into every container: NAME.request holding "ACTION NODE".
The answer is NAME.answer holding the exit code of the fence agent. Run as a program: power.py LAB.
"""
import os
import pathlib
import signal
import subprocess
import sys
import time

if __name__ == "__main__":
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
    sys.dont_write_bytecode = True

from labkit import layout, machine  # noqa: E402
from labkit.shell import LabError  # noqa: E402

FENCE_AGENT = r'''#!/usr/bin/python3
# Fence agent of the lab: asks the power switch on the machine that runs the containers.
import os, sys, time
METADATA = """<?xml version="1.0" ?>
<resource-agent name="fence_jettylab" shortdesc="the lab's power switch">
<longdesc>Cuts and gives power to the lab's containers.</longdesc><vendor-url></vendor-url>
<parameters>
<parameter name="action" required="0"><getopt mixed="-o"/><content type="string" default="reboot"/>
<shortdesc lang="en">action</shortdesc></parameter>
<parameter name="port" required="0"><getopt mixed="-n"/><content type="string"/>
<shortdesc lang="en">node</shortdesc></parameter>
</parameters>
<actions><action name="on"/><action name="off"/><action name="reboot"/><action name="status"/><action name="monitor"/>
<action name="list"/><action name="metadata"/></actions></resource-agent>"""
FOLDER = "/var/lib/jettyfleet-power"
if len(sys.argv) > 2 and sys.argv[1] in ("-o", "--action"):
    options = {"action": sys.argv[2]}
else:
    options = dict(line.strip().split("=", 1) for line in sys.stdin if "=" in line)
action = options.get("action", "reboot")
if action == "metadata":
    print(METADATA)
    sys.exit(0)
if action in ("monitor", "list", "start", "stop"):
    sys.exit(0 if os.access(FOLDER, os.W_OK) else 1)
node = options.get("port") or options.get("nodename")
name = f"{FOLDER}/{os.uname()[1]}-{os.getpid()}-{time.time_ns()}"
with open(name + ".new", "w") as out:
    out.write(f"{action} {node}")
os.rename(name + ".new", name + ".request")
for _ in range(300):
    if os.path.exists(name + ".answer"):
        code = int(open(name + ".answer").read())
        os.unlink(name + ".answer")
        sys.exit(code)
    time.sleep(0.1)
sys.exit(1)
'''


# A machine's firmware takes longer than the others' membership does to change (8 s). A node that is back before that is
# told that it has just been fenced, takes it for true, and its daemons stay down (seen).
POWER_ON_SECONDS = 10
_boots = {}  # node: when, by time.monotonic()


def boot_who_is_due(lab):
    for node, due in list(_boots.items()):
        if time.monotonic() < due:
            continue
        del _boots[node]
        try:
            machine.boot(lab, node)
        except LabError as error:
            print(error, flush=True)


def answer(lab, action, node):
    """Carries out one request; returns the fence agent's exit code."""
    if node not in lab.nodes:
        return 1
    try:
        if action in ("off", "reboot"):
            _boots.pop(node, None)
            machine.kill(lab, node)
        if action in ("on", "reboot") and not machine.init(lab, node):
            _boots.setdefault(node, time.monotonic() + POWER_ON_SECONDS)
    except LabError as error:
        print(error, flush=True)
        return 1
    if action == "status":
        return 0 if machine.init(lab, node) or node in _boots else 2
    return 0 if action in ("on", "off", "reboot") else 1


def serve(lab):
    while True:
        for request in sorted(lab.power.glob("*.request")):
            words = request.read_text().split()
            code = answer(lab, *words) if len(words) == 2 else 1
            print(f"{time.strftime('%H:%M:%S')} {' '.join(words)}: {code}", flush=True)
            request.unlink()
            half = request.with_suffix(".half")
            half.write_text(str(code))
            half.rename(request.with_suffix(".answer"))
        boot_who_is_due(lab)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            pass
        time.sleep(0.1)


def start(lab):
    log = open(lab.state / "power.log", "a", encoding="utf-8")
    process = subprocess.Popen([sys.executable, os.path.realpath(__file__), lab.name],
                               stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    (lab.state / "power.pid").write_text(str(process.pid))


def stop(lab):
    """Ends the recorded process, if it still is the switch of this lab."""
    try:
        pid = int((lab.state / "power.pid").read_text())
        argv = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (OSError, ValueError):
        return
    if os.path.realpath(__file__).encode() in argv and lab.name.encode() in argv:
        os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    serve(layout.Lab(sys.argv[1]))
