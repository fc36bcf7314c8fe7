"""Names, addresses and places of one lab. Everything on the host that belongs to lab NAME carries "jflab-NAME" or lies
under its state directory, so that a clean-up can find it however the last run ended."""
import os
import pathlib
import re

from .settings import Settings
from .shell import LabError

STATE_ROOT = pathlib.Path("/var/lib/jettyfleet-lab")
CACHE = pathlib.Path(os.environ.get("JETTYFLEET_LAB_CACHE", "/var/cache/jettyfleet-lab"))
REPOSITORY = pathlib.Path(__file__).resolve().parents[3]


class Lab:
    """Each lab has a switch of its own, so that all labs can use the same addresses."""

    def __init__(self, name, settings=None):
        """Without settings: those of the lab that is up, if there is one."""
        if not re.fullmatch(r"[a-z][a-z0-9-]{0,15}", name):
            raise LabError(f"--name {name!r}: lower-case letters, digits and dashes, at most 16")
        self.name = name
        self.state = STATE_ROOT / name
        settings = settings or Settings.load(self._settings_file)
        self.settings = settings or Settings()
        self.nodes = [f"node-{number:02d}" for number in range(1, settings.nodes + 1)] if settings else []
        self.load_balancers = [f"lb-{number:02d}" for number in range(1, settings.load_balancers + 1)] if settings else []
        self.hosts = [*self.nodes, *self.load_balancers, "ops-01"] if settings else []

    @property
    def _settings_file(self):
        return self.state / "lab.json"

    def save(self):
        self.state.mkdir(parents=True, exist_ok=True)
        self.settings.save(self._settings_file)

    def require(self, host=None):
        """The lab has been brought up, and has this host."""
        if not self.hosts:
            raise LabError(f"there is no such lab; tests/lab/lab --name {self.name} up")
        if host is not None and host not in self.hosts:
            raise LabError(f"no host {host}; there are {', '.join(self.hosts)}")

    def address(self, host):
        kind, number = host.split("-")
        return f"10.99.0.{ {'node': 10, 'lb': 30, 'ops': 40}[kind] + int(number)}"

    def folder(self, host):
        return self.state / "hosts" / host

    def root(self, host):
        return self.folder(host) / "root"

    def machine(self, host):
        return f"jflab-{self.name}-{host}"

    @property
    def power(self):
        """Bound into every node: requests to the power switch, and its answers."""
        return self.state / "power"

    @property
    def sessions(self):
        """Bound into every node when sessions are in files: the one directory that all nodes see."""
        return self.state / "sessions"

    @property
    def switch(self):
        return f"jflab-{self.name}-switch"

    @staticmethod
    def port(host):
        """The host's port on the switch; interface names are short, and the switch's namespace keeps them apart."""
        return host.replace("-", "")
