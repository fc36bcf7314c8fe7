"""HAProxy on each load balancer, the same on all: a cookie for affinity, its own checks, an admin socket, and server states that survive reload and restart."""
from . import machine

# A request that HAProxy could not even hand over is tried on another server; one that a server has begun to answer is
# not, since it may have had an effect.
COOKIE = "JFSRV"
CONFIGURATION = """global
    maxconn 4000
    stats socket /run/haproxy/admin.sock mode 660 level admin
    server-state-file /var/lib/haproxy/server-state

defaults
    mode http
    timeout connect 2s
    timeout client 30s
    timeout server 30s
    option redispatch 1
    retries 3
    load-server-state-from-file global

frontend web
    bind :80
    default_backend jetty

backend jetty
    balance roundrobin
    cookie COOKIE insert indirect nocache
    option httpchk GET /counter/health.jsp
    default-server check inter 500 fall 2 rise 2 weight 100
"""

# HAProxy forgets states set at run time when it reloads, unless they were saved before. What was read is removed, or it
# would come back from a crash with what was drained long ago.
KEEP_STATES = """[Service]
ExecReload=
ExecReload=/usr/local/sbin/save-server-states
ExecReload=/usr/sbin/haproxy -Ws -f $CONFIG -c -q $EXTRAOPTS
ExecReload=/bin/kill -USR2 $MAINPID
ExecReload=/bin/sleep 2
ExecReload=/bin/rm -f /var/lib/haproxy/server-state
ExecStartPost=/bin/rm -f /var/lib/haproxy/server-state
ExecStop=/usr/local/sbin/save-server-states
"""
SAVE_STATES = """#!/bin/sh
# Saves HAProxy's server states where it reads them at its start; half a file is never seen.
set -e
echo 'show servers state' | socat - UNIX-CONNECT:/run/haproxy/admin.sock > /var/lib/haproxy/server-state.new
test -s /var/lib/haproxy/server-state.new
mv /var/lib/haproxy/server-state.new /var/lib/haproxy/server-state
"""


def prepare(lab, host):
    root = lab.root(host)
    servers = "".join(f"    server {node} {lab.address(node)}:8080 cookie {node}\n" for node in lab.nodes)
    (root / "etc/haproxy/haproxy.cfg").write_text(CONFIGURATION.replace("COOKIE", COOKIE) + servers)
    drop_in = root / "etc/systemd/system/haproxy.service.d"
    drop_in.mkdir(parents=True, exist_ok=True)
    (drop_in / "keep-states.conf").write_text(KEEP_STATES)
    save = root / "usr/local/sbin/save-server-states"
    save.write_text(SAVE_STATES)
    save.chmod(0o755)
    machine.enable(root, "haproxy.service")
