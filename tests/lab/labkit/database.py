"""PostgreSQL on ops-01 as the store of Jetty's sessions, and its driver on the nodes."""
import time

from . import machine
from .progress import say
from .shell import LabError

DATABASE, USER = "sessions", "jetty"
URL = f"jdbc:postgresql://ops-01/{DATABASE}?user={USER}"

# Nothing but the lab's own hosts can reach it, so that no password has to be kept.
ACCESS = f"host {DATABASE} {USER} 10.99.0.0/24 trust\n"
SETTINGS = "listen_addresses = '*'\n"
DRIVER = "/usr/share/java/postgresql.jar"


def prepare(lab, host):
    root = lab.root(host)
    if host in lab.nodes:
        (root / "usr/share/jetty9/lib/ext/postgresql.jar").symlink_to(DRIVER)
    if host != "ops-01":
        machine.disable(root, "postgresql.service")
        return
    for cluster in (root / "etc/postgresql").glob("*/main"):
        (cluster / "conf.d").mkdir(exist_ok=True)
        (cluster / "conf.d/lab.conf").write_text(SETTINGS)
        with open(cluster / "pg_hba.conf", "a", encoding="utf-8") as access:
            access.write(ACCESS)


def create(lab):
    """The role and the database; Jetty makes its table itself."""
    def psql(*statements):
        commands = [word for statement in statements for word in ("-c", statement)]
        return machine.execute(lab, "ops-01", "runuser", "-u", "postgres", "--", "psql", "-q", "-v", "ON_ERROR_STOP=1",
                               *commands, check=False)

    end = time.monotonic() + 60
    while psql("SELECT 1").returncode != 0:
        if time.monotonic() > end:
            raise LabError(f"PostgreSQL does not answer after 60 s; "
                           f"tests/lab/lab --name {lab.name} exec ops-01 journalctl -u 'postgresql@*'")
        time.sleep(0.3)
    made = psql(f"CREATE ROLE {USER} LOGIN", f"CREATE DATABASE {DATABASE} OWNER {USER}")
    if made.returncode != 0:
        raise LabError(f"PostgreSQL: {(made.stderr.strip().splitlines() or ['no output'])[-1]}")
    say("sessions: PostgreSQL on ops-01")
