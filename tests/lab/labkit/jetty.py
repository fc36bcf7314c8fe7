"""Jetty on a node: its data on a small file system of its own, a worker name of its own, and an application that counts."""
import os
import zipfile

from . import database, machine
from .shell import run

# The stager leaves 64 MiB free.
DATA_MEGABYTES = 256

# One JSP is enough to see whether a session goes on: its counter must never go back.
COUNTER_JSP = """<%@ page session="true" contentType="text/plain" trimDirectiveWhitespaces="true" %><%
Integer count = (Integer) session.getAttribute("count");
count = count == null ? 1 : count + 1;
session.setAttribute("count", count);
%>node=<%= java.net.InetAddress.getLocalHost().getHostName() %> count=<%= count %>
"""
WEB_XML = """<web-app xmlns="http://xmlns.jcp.org/xml/ns/javaee" version="3.1">
<welcome-file-list><welcome-file>index.jsp</welcome-file></welcome-file-list></web-app>
"""
# For the load balancer's own checks: no session is made by asking it.
HEALTH_JSP = """<%@ page session="false" contentType="text/plain" trimDirectiveWhitespaces="true" %>ok
"""


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
    # The same to the last byte on every node: without a time of its own.
    with zipfile.ZipFile(place / "webapps/counter.war", "w") as war:
        for name, text in {"index.jsp": COUNTER_JSP, "health.jsp": HEALTH_JSP, "WEB-INF/web.xml": WEB_XML}.items():
            war.writestr(zipfile.ZipInfo(name), text)
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
