"""Jetty on a node: its data on a small file system of its own, a worker name of its own, and an application that counts."""
import zipfile

from . import machine
from .shell import run

DATA_MEGABYTES = 64

# One JSP is enough to see whether a session goes on: its counter must never go back.
COUNTER_JSP = """<%@ page session="true" contentType="text/plain" trimDirectiveWhitespaces="true" %><%
Integer count = (Integer) session.getAttribute("count");
count = count == null ? 1 : count + 1;
session.setAttribute("count", count);
%>node=NODE count=<%= count %>
"""
WEB_XML = """<web-app xmlns="http://xmlns.jcp.org/xml/ns/javaee" version="3.1">
<welcome-file-list><welcome-file>index.jsp</welcome-file></welcome-file-list></web-app>
"""
# For the load balancer's own checks: no session is made by asking it.
HEALTH_JSP = """<%@ page session="false" contentType="text/plain" trimDirectiveWhitespaces="true" %>ok
"""


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
    with zipfile.ZipFile(place / "webapps/counter.war", "w") as war:
        war.writestr("index.jsp", COUNTER_JSP.replace("NODE", node))
        war.writestr("health.jsp", HEALTH_JSP)
        war.writestr("WEB-INF/web.xml", WEB_XML)
    (root / "etc/jetty9/start.d").mkdir(exist_ok=True)
    (root / "etc/jetty9/start.d/worker-name.ini").write_text(
        f"--module=sessions\njetty.sessionIdManager.workerName={node}\n")
    # The cluster starts Jetty, and nothing else does.
    machine.disable(root, "jetty9.service", "jetty9.timer")
