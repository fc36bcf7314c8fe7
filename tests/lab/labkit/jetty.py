"""Jetty on a node: its data on a small file system of its own, a worker name of its own, and an application that counts."""
import os

from . import database, machine, wars
from .shell import run

# The stager leaves 64 MiB free.
DATA_MEGABYTES = 256

# Each option of a lab as a file of start.d. With the worker name alone, and no module, Jetty ignores the name.
WORKER_NAME = "--module=sessions\njetty.sessionIdManager.workerName={node}\n"
STORE_JDBC = f"""--module=session-store-jdbc
db-connection-type=driver
jetty.session.jdbc.driverClass=org.postgresql.Driver
jetty.session.jdbc.driverUrl={database.URL}
"""
STORE_FILE = f"""--module=session-store-file
jetty.session.file.storeDir={machine.SESSION_FILES}
"""
# By itself this cache stores a session after the response has gone out, so that the next request may already read the
# old one on another node; and without a save period a late write of nothing but the time of access puts an older
# session over a newer one. Both were seen.
CACHE_NULL = """--module=session-cache-null
jetty.session.flushOnResponseCommit=true
jetty.session.savePeriod.seconds=60
"""


def share(lab, lower):
    """The one directory of session files, before the first node boots; Jetty's user has the same id on all hosts."""
    if lab.settings.sessions != "file":
        return
    lab.sessions.mkdir()
    owner = next(line.split(":") for line in (lower / "etc/passwd").read_text().splitlines() if line.startswith("jetty:"))
    os.chown(lab.sessions, int(owner[2]), int(owner[3]))


def prepare(lab, node):
    root = lab.root(node)
    data = lab.folder(node) / "jetty-data.img"
    run("truncate", "-s", f"{DATA_MEGABYTES}M", str(data))
    run("mkfs.ext4", "-q", "-F", str(data))
    place = root / "var/lib/jetty9"
    kept = lab.folder(node) / "jetty-data-kept"
    run("cp", "-a", str(place), str(kept))
    run("mount", "-o", "loop", str(data), str(place))
    run("cp", "-a", f"{kept}/.", str(place))
    run("rm", "-rf", str(kept))
    (place / "webapps/counter.war").write_bytes(wars.counter("1"))
    (root / "etc/jetty9/start.d").mkdir(exist_ok=True)
    for name, text in _start_d(lab, node).items():
        (root / "etc/jetty9/start.d" / f"{name}.ini").write_text(text)
    # The cluster starts Jetty, and nothing else does.
    machine.disable(root, "jetty9.service", "jetty9.timer")


def _start_d(lab, node):
    files = {"worker-name": WORKER_NAME.format(node=node)}
    if lab.settings.sessions == "jdbc":
        files["session-store-jdbc"] = STORE_JDBC
    if lab.settings.sessions == "file":
        files["session-store-file"] = STORE_FILE
    if lab.settings.session_cache == "null":
        files["session-cache-null"] = CACHE_NULL
    return files
