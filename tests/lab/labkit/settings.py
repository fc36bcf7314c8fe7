"""What a lab was asked to be, remembered in its lab.json for the commands that come after `up`."""
import dataclasses
import json

from .shell import LabError

MOST_NODES = 7
MOST_LOAD_BALANCERS = 2
CHOICES = {
    "debian": ("bookworm", "trixie"),
    "sessions": ("memory", "jdbc", "file"),
    "session_cache": ("default", "null"),
}


@dataclasses.dataclass(frozen=True)
class Settings:
    nodes: int = 3
    load_balancers: int = 1
    debian: str = "bookworm"
    sessions: str = "memory"
    session_cache: str = "default"

    @staticmethod
    def largest():
        """Has every host that any lab can have."""
        return Settings(nodes=MOST_NODES, load_balancers=MOST_LOAD_BALANCERS)

    @staticmethod
    def asked(arguments):
        """From the command line; what is not given there has its default. Raises LabError for what cannot be."""
        given = {field.name: getattr(arguments, field.name) for field in dataclasses.fields(Settings)
                 if getattr(arguments, field.name, None) is not None}
        # With Jetty's own cache in front of a shared store, nodes answer from stale copies and updates are lost.
        if given.get("sessions", "memory") != "memory":
            given.setdefault("session_cache", "null")
        settings = Settings(**given)
        if not 2 <= settings.nodes <= MOST_NODES:
            raise LabError(f"--nodes {settings.nodes}: a lab has 2 to {MOST_NODES} nodes")
        if not 1 <= settings.load_balancers <= MOST_LOAD_BALANCERS:
            raise LabError(f"--load-balancers {settings.load_balancers}: a lab has 1 or {MOST_LOAD_BALANCERS}")
        if settings.sessions == "memory" and settings.session_cache == "null":
            raise LabError("--session-cache null: sessions in memory are in that cache alone, none would be kept; "
                           "give --sessions jdbc or file as well")
        return settings

    @staticmethod
    def load(path):
        """What was saved, or None. A lab of an older version of these programs had fewer settings."""
        try:
            saved = json.loads(path.read_text())
            return Settings(**{field.name: saved[field.name] for field in dataclasses.fields(Settings)
                               if field.name in saved})
        except (OSError, ValueError, TypeError):
            return None

    def save(self, path):
        path.write_text(json.dumps(dataclasses.asdict(self)))
