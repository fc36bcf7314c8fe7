"""The application that nodes run, in versions; and some that are not well."""
import io
import zipfile

# One JSP is enough to see whether a session goes on: its counter must never go back.
_COUNTER_JSP = """<%@ page session="true" contentType="text/plain" trimDirectiveWhitespaces="true" %><%
{before}Integer count = (Integer) session.getAttribute("count");
count = count == null ? 1 : count + 1;
session.setAttribute("count", count);
%>node=<%= java.net.InetAddress.getLocalHost().getHostName() %> count=<%= count %> version={version}
"""
_WEB_XML = """<web-app xmlns="http://xmlns.jcp.org/xml/ns/javaee" version="3.1">
<welcome-file-list><welcome-file>index.jsp</welcome-file></welcome-file-list></web-app>
"""
# For the load balancer's own checks: no session is made by asking it.
_HEALTH_JSP = """<%@ page session="false" contentType="text/plain" trimDirectiveWhitespaces="true" %>ok
"""


def counter(version, slow_ms=0):
    """The counter, `slow_ms` slower for each request."""
    before = f"Thread.sleep({slow_ms});\n" if slow_ms else ""
    return _war({"index.jsp": _COUNTER_JSP.format(before=before, version=version), "health.jsp": _HEALTH_JSP,
                 "WEB-INF/web.xml": _WEB_XML})


def does_not_deploy():
    """Jetty answers 503 for it."""
    return _war({"WEB-INF/web.xml": "<web-app><broken"})


def fails_its_health_check():
    """The load balancer is content with it, and the described probe is not."""
    return _war({"index.jsp": "<% response.sendError(500); %>", "health.jsp": _HEALTH_JSP, "WEB-INF/web.xml": _WEB_XML})


def _war(files):
    """The same to the last byte wherever and whenever it is made: without times of its own."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as war:
        for name, text in files.items():
            war.writestr(zipfile.ZipInfo(name), text)
    return content.getvalue()
